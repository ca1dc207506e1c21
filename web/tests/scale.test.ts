// Colours of figures on the map: ramps against CIELAB, another space than the one they are made in; ranks by brute force.
import assert from 'node:assert/strict';
import test from 'node:test';
import { colorAt, cssOf, rampOf, type Color } from '../src/map/ramp';
import { medians, scaleOf, withRoom } from '../src/map/scale';

const linear = (part: number) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
const lightOf = ([r, g, b]: Color) => {
    const [x, y, z] = [linear(r / 255), linear(g / 255), linear(b / 255)];
    return [
        (0.4124564 * x + 0.3575761 * y + 0.1804375 * z) / 0.95047,
        0.2126729 * x + 0.7151522 * y + 0.072175 * z,
        (0.0193339 * x + 0.119192 * y + 0.9503041 * z) / 1.08883,
    ] as const;
};
function labOf(color: Color): [number, number, number] {
    const f = (t: number) => (t > 216 / 24389 ? Math.cbrt(t) : ((24389 / 27) * t + 16) / 116);
    const [x, y, z] = lightOf(color).map(f) as [number, number, number];
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}
const contrast = (a: Color, b: Color) => {
    const [high, low] = [lightOf(a)[1], lightOf(b)[1]].sort((p, q) => q - p) as [number, number];
    return (high + 0.05) / (low + 0.05);
};
const PANELS: Record<string, Color> = { dark: [0x11, 0x16, 0x1f], light: [255, 255, 255] };
let seed = 11;
const chance = () => (seed = (seed * 16807) % 2147483647) / 2147483647;

for (const theme of ['dark', 'light'] as const)
    for (const isSigned of [false, true])
        test(`${theme}, ${isSigned ? 'around zero' : 'rising'}: even steps that stand out from the ground`, () => {
            const ramp = rampOf(isSigned, theme === 'dark');
            assert.equal(ramp.length, 256);
            const stations = Array.from({ length: 17 }, (_, i) => labOf(colorAt(ramp, i / 16)));
            const steps = stations
                .slice(1)
                .map((one, i) => Math.hypot(...one.map((part, k) => part - stations[i]![k]!)));
            const middle = [...steps].sort((a, b) => a - b)[8]!;
            for (const step of steps) assert.ok(step > middle / 2.2 && step < middle * 2.2, `${step} beside ${middle}`);
            const lights = stations.map((one) => one[0]);
            const rises = (list: number[], sign: number) =>
                list.slice(1).every((value, i) => sign * (value - list[i]!) > 0);
            const sign = theme === 'dark' ? 1 : -1;
            if (isSigned) {
                assert.ok(rises(lights.slice(0, 9), -sign) && rises(lights.slice(8), sign), lights.join());
                const chroma = Math.hypot(stations[8]![1], stations[8]![2]);
                assert.ok(chroma < 8, `zero is grey: ${chroma}`);
                assert.ok(stations[0]![1] > 30 && stations[16]![1] < -20, 'losses red, gains green');
            } else {
                assert.ok(rises(lights, sign), `how light they are tells the order: ${lights.join()}`);
            }
            for (const color of ramp) assert.ok(contrast(color, PANELS[theme]!) > 1.3, cssOf(color));
            assert.ok(contrast(ramp[255]!, PANELS[theme]!) > 4.5, 'the most can be seen well');
        });

test('places follow the order, equals have the same', () => {
    const values = Array.from({ length: 500 }, () => (chance() < 0.1 ? null : String(Math.round(chance() * 40) + 3)));
    const { shares, isSigned, known } = scaleOf(values);
    assert.equal(isSigned, false);
    assert.equal(known, values.filter((value) => value !== null).length);
    for (let i = 0; i < values.length; i++)
        for (let k = 0; k < values.length; k++) {
            if (values[i] === null) assert.ok(Number.isNaN(shares[i]));
            else if (values[k] !== null)
                assert.equal(Math.sign(shares[i]! - shares[k]!), Math.sign(Number(values[i]) - Number(values[k])));
        }
    const there = [...shares].filter((share) => !Number.isNaN(share));
    assert.deepEqual([Math.min(...there), Math.max(...there)], [0, 1]);
});

test('ranks, not sizes: one giant does not push all others into a corner', () => {
    const { shares, ticks } = scaleOf([1, 2, 3, 4, 1e12]);
    assert.deepEqual([...shares], [0, 0.25, 0.5, 0.75, 1]);
    assert.deepEqual(
        ticks.map((tick) => tick.value),
        [1, 2, 3, 4, 1e12],
    );
});

test('figures with signs have zero in the middle, and each side its own half', () => {
    const { shares, isSigned, ticks, below, above } = scaleOf(['-5.5', 0, null, '0.1', 7, '900000.25', '-0.001']);
    assert.ok(isSigned);
    assert.deepEqual([below, above], [2, 3]);
    assert.deepEqual([...shares].slice(0, 2), [0, 0.5]);
    assert.ok(shares[6]! < 0.47 && shares[3]! > 0.53, 'what is near zero shows its side');
    assert.equal(shares[5], 1);
    assert.deepEqual(
        ticks.map((tick) => tick.value),
        [-5.5, -0.001, 0, 7, 900000.25],
    );
});

test('what most have is a floor, and the others keep their differences', () => {
    const { shares, floor, ticks } = scaleOf([0, 0, 0, 0, 0, 0, 1, 2, 20]);
    assert.equal(floor, 6);
    assert.deepEqual([...shares].slice(0, 6), [0, 0, 0, 0, 0, 0]);
    assert.ok(shares[6]! >= 0.2 && shares[7]! - shares[6]! > 0.3 && shares[8] === 1);
    assert.deepEqual([ticks[0]!.value, ticks.at(-1)!.value], [0, 20]);
});

test('few values, equal values, none', () => {
    assert.deepEqual([...scaleOf([3]).shares], [0.5]);
    assert.deepEqual([...scaleOf([3, 3, null]).shares], [0.5, 0.5, NaN]);
    assert.deepEqual(scaleOf([null, null]).ticks, []);
    assert.deepEqual(scaleOf([]).known, 0);
    assert.deepEqual([...scaleOf([-1, 1]).shares], [0.23, 0.77]);
});

test('texts of a legend do not lie on each other', () => {
    const at = (places: number[]) => places.map((place) => ({ at: place, value: place }));
    const shown = (places: number[]) => withRoom(at(places), () => 0.16).map((tick) => tick.at);
    assert.deepEqual(shown([0, 0.25, 0.5, 0.75, 1]), [0, 0.25, 0.5, 0.75, 1]);
    assert.deepEqual(shown([0, 0.23, 0.5, 0.77, 1]), [0, 0.5, 1]);
    assert.deepEqual(shown([0, 0.02, 1]), [0, 1]);
    assert.deepEqual(shown([0.5]), [0.5]);
    assert.deepEqual(shown([]), []);
});

test('the middle of each group', () => {
    const found = medians(['1', 5, null, 3, '10', 2], [1, 1, 1, 1, 2, null]);
    assert.deepEqual(
        [...found],
        [
            [1, 3],
            [2, 10],
        ],
    );
    assert.deepEqual([...medians([4, 1], [7, 7])], [[7, 2.5]]);
});
