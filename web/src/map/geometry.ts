// Where points are: the nearest one, those within an outline, and the view that shows all.
import type { View } from './cloud';

/** Points by squares of a grid, so that the nearest is found without looking at all. */
export class Grid {
    private readonly cells = new Map<number, number[]>();
    private readonly side: number;

    constructor(private readonly places: Float32Array) {
        const { width, height } = boundsOf(places);
        this.side = Math.max(width, height, 1e-6) / Math.max(1, Math.sqrt(places.length / 8));
        for (let i = 0; i < places.length / 2; i++) {
            const key = this.key(Math.floor(places[2 * i]! / this.side), Math.floor(places[2 * i + 1]! / this.side));
            const cell = this.cells.get(key);
            if (cell) cell.push(i);
            else this.cells.set(key, [i]);
        }
    }

    private key(column: number, row: number): number {
        return column * 0x200000 + row;
    }

    /** The nearest within a distance; -1: none. Looks at 2500 squares at most. */
    nearest(x: number, y: number, within: number): number {
        const reach = Math.min(25, Math.ceil(within / this.side));
        const [column, row] = [Math.floor(x / this.side), Math.floor(y / this.side)];
        let best = -1;
        let least = within * within;
        for (let c = column - reach; c <= column + reach; c++)
            for (let r = row - reach; r <= row + reach; r++)
                for (const i of this.cells.get(this.key(c, r)) ?? []) {
                    const d = (this.places[2 * i]! - x) ** 2 + (this.places[2 * i + 1]! - y) ** 2;
                    if (d <= least) {
                        least = d;
                        best = i;
                    }
                }
        return best;
    }
}

export function boundsOf(places: Float32Array) {
    let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity];
    for (let i = 0; i < places.length; i += 2) {
        left = Math.min(left, places[i]!);
        right = Math.max(right, places[i]!);
        bottom = Math.min(bottom, places[i + 1]!);
        top = Math.max(top, places[i + 1]!);
    }
    if (left > right) return { x: 0, y: 0, width: 1, height: 1 };
    return { x: (left + right) / 2, y: (bottom + top) / 2, width: right - left, height: top - bottom };
}

export function viewOfAll(places: Float32Array, width: number, height: number): View {
    const b = boundsOf(places);
    return { x: b.x, y: b.y, scale: 0.92 * Math.min(width / (b.width || 1), height / (b.height || 1)) };
}

/** Whether a view of this width and height has at least one of the points in it. */
export function showsAny(places: Float32Array, view: View, width: number, height: number): boolean {
    for (let i = 0; i < places.length; i += 2)
        if (
            Math.abs(places[i]! - view.x) * view.scale <= width / 2 &&
            Math.abs(places[i + 1]! - view.y) * view.scale <= height / 2
        )
            return true;
    return false;
}

/** Which points an outline holds: a ray to the right crosses it an odd number of times. */
export function within(places: Float32Array, outline: [number, number][]): number[] {
    const flat = new Float32Array(outline.flat());
    const b = boundsOf(flat);
    const found: number[] = [];
    for (let i = 0; i < places.length / 2; i++) {
        const [x, y] = [places[2 * i]!, places[2 * i + 1]!];
        if (Math.abs(x - b.x) > b.width / 2 || Math.abs(y - b.y) > b.height / 2) continue;
        let inside = false;
        for (let k = 0, j = outline.length - 1; k < outline.length; j = k++) {
            const [xk, yk] = outline[k]!;
            const [xj, yj] = outline[j]!;
            if (yk > y !== yj > y && x < ((xj - xk) * (y - yk)) / (yj - yk) + xk) inside = !inside;
        }
        if (inside) found.push(i);
    }
    return found;
}
