// Where values are among all others: by rank, because figures of traders span ten orders of magnitude.

export interface Tick {
    at: number; // 0 to 1
    value: number;
}

export interface Scale {
    shares: Float64Array; // of each value: 0 the least, 1 the most; NaN: there is none
    isSigned: boolean; // some are below zero and some above, which is at 0.5 then
    ticks: Tick[]; // the least, the quartiles, the most; with signs the ends, the middles of both sides, and zero
    known: number;
    below: number;
    above: number;
    floor: number; // so many share the least value, more than a quarter: they have a place apart; 0: not so
}

const NEAR_ZERO = 0.04; // what is not zero is at least so far from its place, so that its side is seen
const NEAR_FLOOR = 0.2; // the same of what is not the floor

/** The ranks of a side, or of all, from `low` to `high`: equals in the middle of their ranks, the outermost at the ends. */
function spread(sorted: number[], low: number, high: number): number[] {
    const middles: number[] = [];
    for (let first = 0; first < sorted.length; first = middles.length) {
        let next = first + 1;
        while (next < sorted.length && sorted[next] === sorted[first]) next++;
        for (let k = first; k < next; k++) middles.push((first + next - 1) / 2);
    }
    const [least, most] = [middles[0]!, middles.at(-1)!];
    return middles.map((rank) =>
        most > least ? low + ((high - low) * (rank - least)) / (most - least) : (low + high) / 2,
    );
}

/** Places of all ranks, and the ranks that a legend names. */
function signed(sorted: number[], below: number, above: number) {
    const n = sorted.length;
    const places = [
        ...spread(sorted.slice(0, below), 0, 0.5 - NEAR_ZERO),
        ...sorted.slice(below, n - above).fill(0.5),
        ...spread(sorted.slice(n - above), 0.5 + NEAR_ZERO, 1),
    ];
    return { places, marks: [0, below >> 1, n - above + (above >> 1), n - 1] };
}

function unsigned(sorted: number[], floor: number) {
    const rest = sorted.slice(floor);
    const places = [...sorted.slice(0, floor).fill(0), ...(rest.length ? spread(rest, floor ? NEAR_FLOOR : 0, 1) : [])];
    const quartiles = [0, 0.25, 0.5, 0.75, 1].map((share) => floor + Math.round(share * (rest.length - 1)));
    return { places, marks: floor ? [0, ...quartiles] : quartiles };
}

export function scaleOf(values: (number | string | null)[]): Scale {
    const numbers = values.map((value) => (value === null ? NaN : Number(value)));
    const order = [...numbers.keys()].filter((i) => !Number.isNaN(numbers[i]));
    order.sort((a, b) => numbers[a]! - numbers[b]!);
    const sorted = order.map((i) => numbers[i]!);
    const known = sorted.length;
    const below = sorted.filter((value) => value < 0).length;
    const above = sorted.filter((value) => value > 0).length;
    const isSigned = below > 0 && above > 0;
    const least = sorted.filter((value) => value === sorted[0]).length;
    const floor = !isSigned && least > known / 4 && least < known ? least : 0;
    const { places, marks } = isSigned ? signed(sorted, below, above) : unsigned(sorted, floor);
    const shares = new Float64Array(values.length).fill(NaN);
    for (const [rank, i] of order.entries()) shares[i] = places[rank]!;
    const ticks = known ? marks.map((rank) => ({ at: places[rank]!, value: sorted[rank]! })) : [];
    if (isSigned) ticks.splice(2, 0, { at: 0.5, value: 0 });
    return { shares, isSigned, ticks: distinct(ticks), known, below, above, floor };
}

const distinct = (ticks: Tick[]) => ticks.filter((tick, i) => i === 0 || tick.value !== ticks[i - 1]!.value);

/** How a text at a place lies: from it at the left end, before it at the right one, else around it. */
export const alignOf = (at: number): 0 | 0.5 | 1 => (at < 0.05 ? 0 : at > 0.95 ? 1 : 0.5);

/** Those whose texts do not touch: the first and the last, and what has room between. Widths are shares of the whole. */
export function withRoom(ticks: Tick[], widthOf: (tick: Tick) => number): Tick[] {
    const left = (tick: Tick) => tick.at - alignOf(tick.at) * widthOf(tick);
    const last = ticks.at(-1);
    const shown: Tick[] = [];
    let end = -Infinity;
    for (const tick of ticks) {
        const right = left(tick) + widthOf(tick);
        if (tick !== last && (left(tick) < end || right > left(last!))) continue;
        if (tick === last && shown.length > 0 && left(tick) < end) continue;
        shown.push(tick);
        end = right;
    }
    return shown;
}

/** The middle value of each group that has one. */
export function medians(values: (number | string | null)[], groups: (number | null)[]): Map<number, number> {
    const members = new Map<number, number[]>();
    for (const [i, group] of groups.entries()) {
        const value = values[i] ?? null;
        if (group === null || value === null) continue;
        const list = members.get(group);
        if (list) list.push(Number(value));
        else members.set(group, [Number(value)]);
    }
    return new Map([...members].map(([group, list]) => [group, medianOf(list)]));
}

function medianOf(list: number[]): number {
    list.sort((a, b) => a - b);
    const half = list.length >> 1;
    return list.length % 2 ? list[half]! : (list[half - 1]! + list[half]!) / 2;
}
