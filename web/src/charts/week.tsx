// Hours of the week as a field of 7 times 24.
import { useState } from 'preact/hooks';
import { compact, count, money } from '../format';
import { useClock } from '../settings';

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** `hours` begin on Monday 0:00 UTC; local time shifts them by whole hours, as they are in this week. */
export function Week({ hours }: { hours: { fills: number; volume: string }[] }) {
    const clock = useClock();
    const [at, setAt] = useState<number | null>(null);
    const shift = clock === 'utc' ? 0 : -Math.round(new Date().getTimezoneOffset() / 60);
    const shifted = hours.map((_, i) => hours[(i - shift + 168) % 168]!);
    const most = Math.max(1, ...shifted.map((hour) => Number(hour.volume)));
    const name = (i: number) => `${DAYS[Math.floor(i / 24)]} ${i % 24}:00`;
    const told = at === null ? undefined : shifted[at];
    return (
        <figure class="week">
            <figcaption>
                {told && at !== null ? (
                    <>
                        <b>{money(told.volume)}</b> in {count(told.fills)} fills, {name(at)}{' '}
                        {clock === 'utc' ? 'UTC' : 'local time'}
                    </>
                ) : (
                    `Volume by hour of the week, ${clock === 'utc' ? 'UTC' : 'local time'}`
                )}
            </figcaption>
            <div class="field" role="img" aria-label={summary(shifted, name)} onPointerLeave={() => setAt(null)}>
                {DAYS.map((day, d) => (
                    <div key={day} class="week-row">
                        <span>{day}</span>
                        {shifted.slice(d * 24, d * 24 + 24).map((hour, h) => (
                            <i
                                key={h}
                                onPointerEnter={() => setAt(d * 24 + h)}
                                style={{ '--share': String(Math.sqrt(Number(hour.volume) / most)) }}
                            />
                        ))}
                    </div>
                ))}
                <div class="week-row hours">
                    <span />
                    {[0, 6, 12, 18].map((h) => (
                        <b key={h}>{h}h</b>
                    ))}
                </div>
            </div>
        </figure>
    );
}

function summary(hours: { volume: string }[], name: (i: number) => string): string {
    const best = hours.reduce((top, hour, i) => (Number(hour.volume) > Number(hours[top]!.volume) ? i : top), 0);
    return `Volume by hour of the week; most at ${name(best)}: ${compact(hours[best]?.volume)} dollars`;
}
