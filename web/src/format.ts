// Numbers, times and names as people read them. Exact decimals come as texts; what is shown is rounded, and the exact
// text stays at hand (`exact`).
import type { Clock } from './settings';

export type Exact = string | number | null | undefined;
export const NOTHING = '–';
const MINUS = '\u2212';

export function toNumber(value: Exact): number {
    return value === null || value === undefined || value === '' ? NaN : Number(value);
}

const STEPS: [number, string][] = [
    [1e12, 'T'],
    [1e9, 'B'],
    [1e6, 'M'],
    [1e3, 'k'],
];

/** Three digits or so: 1.23M, 45.6k, 912, 0.034. */
export function compact(value: Exact): string {
    const n = toNumber(value);
    if (!Number.isFinite(n)) return NOTHING;
    const size = Math.abs(n);
    const sign = n < 0 ? MINUS : '';
    // What would round to 1000 of a unit belongs to the next one.
    const step = STEPS.find(([unit]) => size >= unit * 0.9995);
    if (!step) return sign + small(size);
    const scaled = size / step[0];
    return sign + scaled.toFixed(scaled < 9.995 ? 2 : scaled < 99.95 ? 1 : 0) + step[1];
}

function small(size: number): string {
    if (size === 0) return '0';
    if (size >= 100) return size.toFixed(0);
    if (size >= 1) return size.toFixed(2);
    if (size < 1e-6) return size.toExponential(1).replace('-', MINUS);
    return size.toFixed(Math.max(2, 1 - Math.floor(Math.log10(size))));
}

export function money(value: Exact, signed = false): string {
    const text = compact(value);
    if (text === NOTHING) return text;
    const sign = text.startsWith(MINUS) ? MINUS : signed && toNumber(value) > 0 ? '+' : '';
    return `${sign}$${text.replace(MINUS, '')}`;
}

/** Whole numbers with thousands. */
export function count(value: Exact): string {
    const n = toNumber(value);
    return Number.isFinite(n) ? n.toLocaleString('en-US', { maximumFractionDigits: 0 }).replace('-', MINUS) : NOTHING;
}

/** All digits of an exact decimal, in groups: for titles, where somebody wants to know precisely. */
export function exact(value: Exact): string {
    if (value === null || value === undefined) return '';
    const text = String(value);
    const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
    if (!match) return text;
    const whole = match[2]!.replace(/\B(?=(\d{3})+$)/g, ',');
    const fraction = (match[3] ?? '').replace(/0+$/, '');
    return (match[1] ? MINUS : '') + whole + (fraction ? `.${fraction}` : '');
}

export function ratio(value: Exact, digits = 2): string {
    const n = toNumber(value);
    if (!Number.isFinite(n)) return NOTHING;
    if (Math.abs(n) >= 1000) return compact(n);
    return n.toFixed(digits).replace('-', MINUS);
}

export function percent(value: Exact, digits = 1, signed = false): string {
    const n = toNumber(value) * 100;
    if (!Number.isFinite(n)) return NOTHING;
    return (signed && n > 0 ? '+' : '') + n.toFixed(digits).replace('-', MINUS) + '%';
}

/** Basis points. */
export function points(value: Exact): string {
    const n = toNumber(value);
    return Number.isFinite(n) ? `${ratio(n, Math.abs(n) < 10 ? 2 : 1)} bp` : NOTHING;
}

/** Minutes as the two largest units. */
export function duration(minutes: Exact): string {
    const n = toNumber(minutes);
    if (!Number.isFinite(n)) return NOTHING;
    const seconds = Math.round(n * 60);
    if (n === 0) return '0s';
    if (seconds < 1) return '<1s';
    const parts: [number, string][] = [
        [86400, 'd'],
        [3600, 'h'],
        [60, 'm'],
        [1, 's'],
    ];
    const at = parts.findIndex(([unit]) => seconds >= unit);
    const [unit, name] = parts[at]!;
    const whole = Math.floor(seconds / unit);
    const next = parts[at + 1];
    const rest = next && whole < 100 ? Math.floor((seconds % unit) / next[0]) : 0;
    return `${whole}${name}` + (rest && next ? ` ${rest}${next[1]}` : '');
}

/** A price with six significant digits, and no fewer than it needs before the point. */
export function price(value: Exact): string {
    const n = toNumber(value);
    if (!Number.isFinite(n)) return NOTHING;
    const size = Math.abs(n);
    if (size >= 1e5) return count(n);
    const digits = size === 0 ? 2 : Math.min(10, Math.max(2, 5 - Math.floor(Math.log10(size))));
    const text = n.toLocaleString('en-US', {
        minimumFractionDigits: 2,
        maximumFractionDigits: size >= 1000 ? 2 : digits,
    });
    return text.replace('-', MINUS);
}

export const short = (address: string) =>
    address.length > 13 ? `${address.slice(0, 6)}…${address.slice(-4)}` : address;

const two = (n: number) => String(n).padStart(2, '0');
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** '2026-05-01T12:34:56.789Z' as '1 May 12:34' or, exactly, '2026-05-01 12:34:56 UTC'. */
export function when(text: string | null | undefined, zone: Clock, full = false): string {
    const t = text ? new Date(text) : null;
    if (!t || Number.isNaN(t.getTime())) return NOTHING;
    const [y, mo, d, h, mi, s] =
        zone === 'utc'
            ? [
                  t.getUTCFullYear(),
                  t.getUTCMonth(),
                  t.getUTCDate(),
                  t.getUTCHours(),
                  t.getUTCMinutes(),
                  t.getUTCSeconds(),
              ]
            : [t.getFullYear(), t.getMonth(), t.getDate(), t.getHours(), t.getMinutes(), t.getSeconds()];
    if (full)
        return `${y}-${two(mo + 1)}-${two(d)} ${two(h)}:${two(mi)}:${two(s)}${zone === 'utc' ? ' UTC' : ' local'}`;
    return `${d} ${MONTHS[mo]} ${two(h)}:${two(mi)}`;
}

/** A day such as '2026-05-01', which is a UTC day whatever the clock: '1 May'. */
export function day(text: string | null | undefined, full = false): string {
    const match = /^(\d{4})-(\d\d)-(\d\d)/.exec(text ?? '');
    if (!match) return NOTHING;
    return `${Number(match[3])} ${MONTHS[Number(match[2]) - 1]}${full ? ` ${match[1]}` : ''}`;
}

/** How long ago, roughly. */
export function ago(text: string, now: number): string {
    const minutes = (now - Date.parse(text)) / 60000;
    if (!Number.isFinite(minutes)) return NOTHING;
    return minutes < 1 ? 'now' : `${duration(minutes).split(' ')[0]} ago`;
}

const CLASS_NAMES: Record<string, string> = {
    SMART_DIRECTIONAL: 'Smart',
    HFT: 'HFT',
    LIQUIDATOR: 'Liquidator',
    LONG_HOLD_LOW_TURNOVER: 'Long hold',
    RETAIL: 'Retail',
    INSUFFICIENT_DATA: 'Too little data',
    PROTOCOL: 'Protocol',
    BASIS: 'Basis',
};
export const className = (name: string | null) => (name === null ? 'Not classified' : (CLASS_NAMES[name] ?? name));

/** 'avg_hold_time_minutes' as 'avg hold time minutes': for figures that have no name of their own. */
export const words = (name: string) => name.replaceAll('_', ' ');
