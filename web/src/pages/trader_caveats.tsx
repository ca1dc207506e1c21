// What limits the figures of a trader, said before they are read.
import type { Coverage, Trader } from '../api_types';
import { count } from '../format';

export function caveatsOf(t: Trader, coverage: Coverage): string[] {
    const found: string[] = [];
    if (!coverage.complete)
        found.push('The data may have gaps: an hour is missing or not told, or something waits to be computed.');
    if (t.left_censored)
        found.push(
            'Some positions were open before the data begin; what they had cost is implied by their first close.',
        );
    if (t.fee_unpriced_fills > 0)
        found.push(`The fees of ${count(t.fee_unpriced_fills)} fills have no price here and are in no sum.`);
    if (t.gap_count > 0)
        found.push(`${count(t.gap_count)} fills do not follow from the fill before: something is missing in between.`);
    if (t.episode_broken_count > 0)
        found.push(`${count(t.episode_broken_count)} positions were cut by a gap and are in no other figure.`);
    if (t.calendar_days < 30)
        found.push(
            `${count(t.calendar_days)} ${t.calendar_days === 1 ? 'day' : 'days'}: ratios such as Sharpe are little more than noise.`,
        );
    return found;
}

export function Caveats({ trader, coverage }: { trader: Trader; coverage: Coverage }) {
    const found = caveatsOf(trader, coverage);
    if (found.length === 0) return null;
    return (
        <details class="caveats">
            <summary>{found.length === 1 ? 'One thing' : `${found.length} things`} to know about these figures</summary>
            <ul>
                {found.map((text) => (
                    <li key={text}>{text}</li>
                ))}
            </ul>
        </details>
    );
}
