// Days times 24 hours: what is there, what is missing. A week is in sight, earlier ones are below.
import { useMemo, useState } from 'preact/hooks';
import type { CoveredDay } from '../api_types';
import { count, day } from '../format';
import { countOf, gapsOf, isMonday, runsOf, stateOf, type Gap, type HourState } from './hour_runs';

const NAMES: Record<HourState, string> = {
    present: 'present',
    absent: 'absent',
    untold: 'not told',
    outside: 'no data yet',
};
const GAPS = 2; // are named

const two = (n: number) => String(n).padStart(2, '0');
const gapText = (gap: Gap) =>
    gap.hours === 1
        ? `${day(gap.date)} ${two(gap.hour)}:00`
        : `${day(gap.date)} ${two(gap.hour)}:00 (${count(gap.hours)} h)`;

/** In a sentence, which hours are missing, as far as objects tell. */
export function told(days: CoveredDay[], hasMore: boolean): string {
    const gaps = gapsOf(days);
    const { present, untold } = countOf(days);
    const where = hasMore ? ' in the days that are shown' : '';
    if (untold > 0 && present === 0 && gaps.length === 0) return `Not told${where}: no object names its hour`;
    const rest = gaps.length > GAPS ? ` and ${count(gaps.length - GAPS)} more` : '';
    const missing = `Missing: ${gaps.slice(0, GAPS).map(gapText).join(', ')}${rest}`;
    if (untold > 0)
        return `${gaps.length > 0 ? missing : `None is known to be missing${where}`}; ${count(untold)} h not told`;
    return gaps.length > 0 ? missing : `None is missing${where}`;
}

/** What an hour is called; hours of the first day before its data are not yet to come. */
function nameOf(days: CoveredDay[], of: CoveredDay, hour: number): string {
    const state = stateOf(of.hours, hour);
    const isBefore = of === days.at(-1) && /^-*$/.test(of.hours.slice(0, hour));
    return state === 'outside' && isBefore ? 'before the data begin' : NAMES[state];
}

function Row({ of }: { of: CoveredDay }) {
    return (
        <div class={`hours-row ${isMonday(of.date) ? 'monday' : ''}`} data-day={of.date}>
            <span>{day(of.date)}</span>
            <div>
                {runsOf(of.hours).map((run) => (
                    <i key={run.from} class={run.state} style={{ gridColumn: `${run.from + 1} / ${run.to + 1}` }} />
                ))}
            </div>
            <span class="number">{of.hours_present || ''}</span>
        </div>
    );
}

/** `days`: the newest first. `onEnd`: the oldest that are here came into sight. */
export function Hours({ days, hasMore, onEnd }: { days: CoveredDay[]; hasMore: boolean; onEnd: () => void }) {
    const [at, setAt] = useState<{ date: string; hour: number } | null>(null);
    const rows = useMemo(() => days.map((one) => <Row key={one.date} of={one} />), [days]);
    const counts = useMemo(() => countOf(days), [days]);
    const summary = useMemo(() => told(days, hasMore), [days, hasMore]);
    const pointed = at && days.find((one) => one.date === at.date);
    const point = (event: PointerEvent) => {
        const row = (event.target as Element).closest<HTMLElement>('.hours-row');
        const strip = row?.querySelector('div')?.getBoundingClientRect();
        const hour = strip ? Math.floor(((event.clientX - strip.left) / strip.width) * 24) : -1;
        setAt(row?.dataset.day !== undefined && hour >= 0 && hour < 24 ? { date: row.dataset.day, hour } : null);
    };
    const scrolled = (event: Event) => {
        const box = event.currentTarget as HTMLElement;
        if (hasMore && box.scrollTop + 2 * box.clientHeight > box.scrollHeight) onEnd();
    };
    return (
        <figure class="hours">
            <figcaption>
                {pointed ? (
                    <>
                        <b>{nameOf(days, pointed, at.hour)}</b> {day(pointed.date, true)}, {two(at.hour)}:00 UTC
                    </>
                ) : (
                    summary
                )}
            </figcaption>
            <div
                class="hours-box"
                tabIndex={0}
                role="region"
                aria-label={`Hours in the lake by day. ${summary}`}
                onPointerMove={point}
                onPointerLeave={() => setAt(null)}
                onScroll={scrolled}
            >
                {rows}
            </div>
            <div class="hours-row scale" aria-hidden="true">
                <span />
                <div>
                    {[0, 6, 12, 18].map((hour) => (
                        <b key={hour}>{two(hour)}</b>
                    ))}
                </div>
                <span />
            </div>
            <ul class="legend">
                {(['present', 'absent', 'untold', 'outside'] as const)
                    .filter((state) => counts[state] > 0)
                    .map((state) => (
                        <li key={state}>
                            <i class={state} />
                            {NAMES[state]}
                        </li>
                    ))}
            </ul>
        </figure>
    );
}
