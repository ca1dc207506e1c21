// Hours of days as the API tells them, a character each, newest day first: runs of the same, gaps, numbers.
import type { CoveredDay } from '../api_types';

export type HourState = 'present' | 'absent' | 'untold' | 'outside';

const STATES: Record<string, HourState> = { '1': 'present', '0': 'absent', '?': 'untold', '-': 'outside' };

export const stateOf = (hours: string, hour: number): HourState => STATES[hours[hour] ?? ''] ?? 'outside';

export interface Run {
    state: HourState;
    from: number; // first hour
    to: number; // behind the last
}

export function runsOf(hours: string): Run[] {
    const runs: Run[] = [];
    for (let hour = 0; hour < hours.length; hour++) {
        const state = stateOf(hours, hour);
        const last = runs.at(-1);
        if (last?.state === state) last.to = hour + 1;
        else runs.push({ state, from: hour, to: hour + 1 });
    }
    return runs;
}

export interface Gap {
    date: string; // where it begins
    hour: number;
    hours: number;
}

/** Hours that are missing one after another, also over midnight; the newest gap first. */
export function gapsOf(days: CoveredDay[]): Gap[] {
    const gaps: Gap[] = [];
    let open: Gap | null = null;
    for (const day of [...days].reverse())
        for (let hour = 0; hour < day.hours.length; hour++) {
            if (stateOf(day.hours, hour) !== 'absent') open = null;
            else if (open) open.hours++;
            else gaps.push((open = { date: day.date, hour, hours: 1 }));
        }
    return gaps.reverse();
}

const MONDAY = 1;
export const isMonday = (date: string) => new Date(`${date}T00:00:00Z`).getUTCDay() === MONDAY;

export function countOf(days: CoveredDay[]): Record<HourState, number> {
    const counts = { present: 0, absent: 0, untold: 0, outside: 0 };
    for (const day of days) for (let hour = 0; hour < day.hours.length; hour++) counts[stateOf(day.hours, hour)]++;
    return counts;
}
