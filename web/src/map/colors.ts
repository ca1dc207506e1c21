// Colours of points. Twelve that are told apart on dark and on light; what has none is grey.
import type { Color } from './ramp';

const DARK = [
    '#4fd1b5',
    '#f0b35a',
    '#7aa2f7',
    '#f2716b',
    '#b98cf2',
    '#8bd450',
    '#f28cc3',
    '#5cc8f0',
    '#d8d06a',
    '#e0875a',
    '#9aa7c7',
    '#5f9e8f',
];
const LIGHT = [
    '#0b7f6b',
    '#b06a00',
    '#2f5fd0',
    '#c5342f',
    '#7a44c9',
    '#4b8a12',
    '#b83a82',
    '#0f7fa8',
    '#8a7d00',
    '#a94e1c',
    '#56627f',
    '#2f6d60',
];

export const CLASS_COLORS: Record<string, number> = {
    SMART_DIRECTIONAL: 0,
    HFT: 2,
    LIQUIDATOR: 3,
    LONG_HOLD_LOW_TURNOVER: 4,
    RETAIL: 1,
    PROTOCOL: 6,
    BASIS: 7,
};

export function clusterColor(id: number, dark: boolean): string {
    const colors = dark ? DARK : LIGHT;
    return colors[((id % colors.length) + colors.length) % colors.length]!;
}

const channels = (hex: string) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)) as Color;

/** The colour with this number; null: none. */
export function colorTable(dark: boolean): (which: number | null) => Color | null {
    const table = (dark ? DARK : LIGHT).map(channels);
    return (which) => (which === null ? null : table[((which % table.length) + table.length) % table.length]!);
}

/** Four bytes a point. `colorOf` null: grey. While some are caught, the others step back. */
export function colorsOf(
    n: number,
    colorOf: (point: number) => Color | null,
    isShown: (point: number) => boolean,
    caught: Set<number>,
    dark: boolean,
): Uint8Array {
    const grey: Color = dark ? [96, 106, 126] : [150, 158, 172];
    const strong = caught.size < 2000 ? 245 : 200; // few are drawn larger, too
    const colors = new Uint8Array(4 * n);
    for (let i = 0; i < n; i++) {
        const color = colorOf(i);
        colors.set(color ?? grey, 4 * i);
        colors[4 * i + 3] = !isShown(i) ? 42 : caught.size ? (caught.has(i) ? strong : 40) : color ? 170 : 90;
    }
    return colors;
}
