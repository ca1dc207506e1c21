// The cloud under the pointer: drag, wheel and pinch, lasso, keys; tells what is pointed at and what was caught.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useLatest, useStore } from '../store';
import { darkNow } from '../settings';
import { Cloud } from './cloud';
import { Grid, showsAny, viewOfAll, within } from './geometry';

export interface CloudViewProps {
    places: Float32Array;
    colors: Uint8Array;
    isLasso: boolean;
    labelOf: (point: number) => string;
    onOpen: (point: number) => void;
    onCaught: (points: number[]) => void;
}

type Spot = [number, number];

export function CloudView({ places, colors, isLasso, labelOf, onOpen, onCaught }: CloudViewProps) {
    const canvas = useRef<HTMLCanvasElement>(null);
    const cloud = useRef<Cloud | null>(null);
    const frame = useRef(0);
    const down = useRef(new Map<number, Spot>());
    const moved = useRef(false);
    const [failure, setFailure] = useState('');
    const [pointed, setNear] = useState<{ point: number; of: Float32Array; x: number; y: number } | null>(null);
    const near = pointed?.of === places ? pointed : null; // the points of an earlier map were others
    const isMoved = useRef(false); // the view is the visitor's own choice
    const [line, setLine] = useState<Spot[]>([]);
    const dark = useStore(darkNow);
    const grid = useMemo(() => new Grid(places), [places]);

    const draw = () => {
        cancelAnimationFrame(frame.current);
        frame.current = requestAnimationFrame(() => cloud.current?.draw());
    };
    const all = () => {
        const element = canvas.current;
        if (!cloud.current || !element) return;
        cloud.current.view = viewOfAll(places, element.clientWidth, element.clientHeight);
        isMoved.current = false;
        draw();
    };
    /** Other places have come: a view that was chosen stays, unless nobody is left in it. */
    const arrive = () => {
        const c = cloud.current;
        const element = canvas.current;
        if (!c || !element) return;
        c.setPlaces(places);
        if (isMoved.current && showsAny(places, c.view, element.clientWidth, element.clientHeight)) draw();
        else all();
    };
    useEffect(() => {
        const element = canvas.current;
        if (!element) return;
        try {
            cloud.current = new Cloud(element);
        } catch (error) {
            setFailure(error instanceof Error ? error.message : String(error));
            return;
        }
        const sizes = new ResizeObserver(draw);
        sizes.observe(element);
        return () => {
            sizes.disconnect();
            cancelAnimationFrame(frame.current);
            cloud.current = null;
        };
    }, []);
    const arriveNow = useLatest(arrive);
    useEffect(() => arriveNow.current(), [places, arriveNow]);
    useEffect(() => {
        cloud.current?.setColors(colors);
        draw();
    }, [colors, dark]);

    const spot = (event: MouseEvent): Spot => {
        const box = canvas.current!.getBoundingClientRect();
        return [event.clientX - box.left, event.clientY - box.top];
    };
    const zoom = (by: number, [x, y]: Spot) => {
        const c = cloud.current;
        if (!c) return;
        const [dx, dy] = c.toData(x, y);
        c.view = { ...c.view, scale: Math.max(1e-3, Math.min(1e6, c.view.scale * by)) };
        const [nx, ny] = c.toData(x, y);
        c.view = { ...c.view, x: c.view.x + dx - nx, y: c.view.y + dy - ny };
        isMoved.current = true;
        draw();
    };
    const pan = (dx: number, dy: number) => {
        const c = cloud.current;
        if (!c) return;
        c.view = { ...c.view, x: c.view.x - dx / c.view.scale, y: c.view.y + dy / c.view.scale };
        isMoved.current = true;
        draw();
    };
    const zoomNow = useLatest(zoom);
    useEffect(() => {
        const element = canvas.current;
        const wheel = (event: WheelEvent) => {
            event.preventDefault();
            zoomNow.current(Math.exp(-event.deltaY / 400), spot(event));
        };
        element?.addEventListener('wheel', wheel, { passive: false });
        return () => element?.removeEventListener('wheel', wheel);
    }, [zoomNow]);

    const start = (event: PointerEvent) => {
        canvas.current!.setPointerCapture(event.pointerId);
        down.current.set(event.pointerId, spot(event));
        moved.current = false;
        if (isLasso && down.current.size === 1) setLine([spot(event)]);
    };
    const move = (event: PointerEvent) => {
        const now = spot(event);
        const before = down.current.get(event.pointerId);
        const c = cloud.current;
        if (!c) return;
        if (!before) {
            const point = grid.nearest(...c.toData(...now), 10 / c.view.scale);
            setNear(point < 0 ? null : { point, of: places, x: now[0], y: now[1] });
            return;
        }
        if (Math.hypot(now[0] - before[0], now[1] - before[1]) > 3) moved.current = true;
        if (isLasso && down.current.size === 1) {
            setLine((spots) => [...spots, now]);
            return;
        }
        if (!moved.current) return;
        setNear(null);
        const other = [...down.current].find(([id]) => id !== event.pointerId)?.[1];
        if (other) {
            const middle: Spot = [(now[0] + other[0]) / 2, (now[1] + other[1]) / 2];
            zoom(
                Math.hypot(now[0] - other[0], now[1] - other[1]) /
                    Math.max(1, Math.hypot(before[0] - other[0], before[1] - other[1])),
                middle,
            );
        } else {
            pan(now[0] - before[0], now[1] - before[1]);
        }
        down.current.set(event.pointerId, now);
    };
    const end = (event: PointerEvent) => {
        const wasDown = down.current.delete(event.pointerId);
        const c = cloud.current;
        if (!c || !wasDown) return;
        if (isLasso) {
            if (line.length > 2)
                onCaught(
                    within(
                        places,
                        line.map(([x, y]) => c.toData(x, y)),
                    ),
                );
            setLine([]);
        } else if (!moved.current) {
            const point = grid.nearest(...c.toData(...spot(event)), 10 / c.view.scale);
            if (point >= 0) onOpen(point);
        }
    };
    const press = (event: KeyboardEvent) => {
        const element = canvas.current!;
        const middle: Spot = [element.clientWidth / 2, element.clientHeight / 2];
        const act: Record<string, () => void> = {
            '+': () => zoom(1.3, middle),
            '=': () => zoom(1.3, middle),
            '-': () => zoom(1 / 1.3, middle),
            '0': all,
            ArrowLeft: () => pan(60, 0),
            ArrowRight: () => pan(-60, 0),
            ArrowUp: () => pan(0, 60),
            ArrowDown: () => pan(0, -60),
        };
        const does = act[event.key];
        if (!does) return;
        event.preventDefault();
        does();
    };
    if (failure) return <p class="empty">The map cannot be drawn: {failure}. The clusters are listed beside it.</p>;
    return (
        <div class="cloud">
            <canvas
                ref={canvas}
                tabIndex={0}
                role="img"
                aria-label="Map of traders: plus and minus zoom, arrows move, 0 shows all"
                class={isLasso ? 'lasso' : ''}
                onPointerDown={start}
                onPointerMove={move}
                onPointerUp={end}
                onPointerCancel={end}
                onPointerLeave={() => setNear(null)}
                onKeyDown={press}
                onDblClick={all}
            />
            {line.length > 1 && (
                <svg aria-hidden="true">
                    <polygon points={line.map((p) => p.join(',')).join(' ')} />
                </svg>
            )}
            {near && (
                <div
                    class={`cloud-tip ${near.x > canvas.current!.clientWidth / 2 ? 'before' : ''}`}
                    style={{ left: `${near.x}px`, top: `${near.y}px` }}
                >
                    {labelOf(near.point)}
                </div>
            )}
            <div class="zoom">
                <button
                    type="button"
                    aria-label="Closer"
                    onClick={() => zoom(1.5, [canvas.current!.clientWidth / 2, canvas.current!.clientHeight / 2])}
                >
                    +
                </button>
                <button
                    type="button"
                    aria-label="Farther"
                    onClick={() => zoom(1 / 1.5, [canvas.current!.clientWidth / 2, canvas.current!.clientHeight / 2])}
                >
                    −
                </button>
                <button type="button" aria-label="All of it" onClick={all}>
                    ⤢
                </button>
            </div>
        </div>
    );
}
