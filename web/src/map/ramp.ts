// Ramps of colours whose steps look alike: straight lines through OKLab (Ottosson 2020), walked at an even pace.

export type Color = [number, number, number];
type Spot = [number, number, number]; // lightness, green to red, blue to yellow

const FINE = 256;
const LINEAR_END = 0.0031308; // sRGB is a line up to here

function toSrgb([lightness, a, b]: Spot): Color {
    const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
    const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
    const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
    const light: Color = [
        4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
        -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
        -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
    ];
    return light.map((part) => {
        const shown = part <= LINEAR_END ? 12.92 * part : 1.055 * part ** (1 / 2.4) - 0.055;
        return Math.round(255 * Math.max(0, Math.min(1, shown)));
    }) as Color;
}

/** Lightness, chroma and hue in degrees. */
function spot(lightness: number, chroma: number, hue: number): Spot {
    const angle = (hue * Math.PI) / 180;
    return [lightness, chroma * Math.cos(angle), chroma * Math.sin(angle)];
}

const between = (from: Spot, to: Spot, share: number) => from.map((part, i) => part + (to[i]! - part) * share) as Spot;

function walk(stops: Spot[], steps: number): Color[] {
    const lengths = stops.slice(1).map((stop, i) => Math.hypot(...stop.map((part, k) => part - stops[i]![k]!)));
    const whole = lengths.reduce((sum, length) => sum + length, 0);
    return Array.from({ length: steps }, (_, i) => {
        let left = (whole * i) / (steps - 1);
        let leg = 0;
        while (leg < lengths.length - 1 && left > lengths[leg]!) left -= lengths[leg++]!;
        return toSrgb(between(stops[leg]!, stops[leg + 1]!, left / lengths[leg]!));
    });
}

// What is much stands out from the ground: bright on dark, deep on light.
const RISING = {
    dark: [spot(0.42, 0.14, 288), spot(0.58, 0.13, 250), spot(0.74, 0.11, 185), spot(0.92, 0.15, 108)],
    light: [spot(0.86, 0.13, 105), spot(0.7, 0.11, 170), spot(0.53, 0.11, 240), spot(0.34, 0.15, 290)],
};
// Losses and gains as everywhere; their ends are equally far from the middle.
const AROUND_ZERO = {
    dark: [spot(0.75, 0.16, 25), spot(0.46, 0.012, 260), spot(0.82, 0.125, 170)],
    light: [spot(0.5, 0.18, 27), spot(0.82, 0.01, 260), spot(0.48, 0.095, 170)],
};

/** 256 colours from the least to the most; `isSigned`: through grey in the middle, at zero. */
export function rampOf(isSigned: boolean, dark: boolean): Color[] {
    const theme = dark ? 'dark' : 'light';
    if (!isSigned) return walk(RISING[theme], FINE);
    const [low, middle, high] = AROUND_ZERO[theme] as [Spot, Spot, Spot];
    return [...walk([low, middle], FINE / 2), ...walk([middle, high], FINE / 2)];
}

export const colorAt = (ramp: Color[], share: number): Color => ramp[Math.round(share * (ramp.length - 1))]!;

export const cssOf = (color: Color) => `rgb(${color.join(' ')})`;
