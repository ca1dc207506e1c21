// A value of a figure by what its definition says of its unit.
import { compact, count, duration, money, percent, points, ratio, when, NOTHING } from '../format';
import type { Clock } from '../settings';

export interface Unit {
    'x-unit'?: string;
    format?: string;
    type?: string | string[];
}

/** What a row has in a column. */
export type Value = string | number | boolean | null | undefined;

export function figureText(value: Value, unit: Unit, zone: Clock): string {
    if (value === null || value === undefined) return NOTHING;
    if (typeof value === 'boolean') return value ? 'yes' : 'no';
    if (unit.format === 'date-time') return when(String(value), zone);
    const number = value;
    const types = [unit.type].flat();
    switch (unit['x-unit']) {
        case 'USD':
            return money(number);
        case '0..1':
            return percent(number);
        case 'bp':
            return points(number);
        case 'min':
            return duration(number);
        case 's':
            return duration(Number(number) / 60);
        case 'h':
            return duration(Number(number) * 60);
        case 'bit':
            return `${ratio(number)} bit`;
    }
    if (types.includes('integer')) return count(number);
    if (types.includes('number')) return ratio(number);
    return typeof value === 'string' && /^-?\d/.test(value) && !value.startsWith('0x') ? compact(value) : String(value);
}
