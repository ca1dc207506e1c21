// Lines and bars over time, by uPlot, in the page's own colours.
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { darkNow } from '../settings';
import { useLatest, useStore } from '../store';

export interface Curve {
    label: string;
    values: (number | null)[];
    color: string; // a variable of base.css
    kind?: 'line' | 'area' | 'bars';
    scale?: string; // curves of one scale share an axis; the first has the left one
}

export interface TimeChartProps {
    days: string[]; // UTC days, ascending
    curves: Curve[];
    format: Record<string, (value: number) => string>; // by scale
    height?: number;
    caption: string;
    sync?: string; // charts with the same text have one cursor
}

const HALF_DAY = 43200; // so that the first and the last bar are whole

const css = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function seriesOf(curve: Curve, format: (value: number) => string): uPlot.Series {
    const color = css(curve.color);
    return {
        label: curve.label,
        scale: curve.scale ?? 'y',
        stroke: color,
        width: curve.kind === 'bars' ? 0 : 1.8,
        ...(curve.kind === 'area' ? { fill: color + '26' } : {}),
        ...(curve.kind === 'bars' ? { fill: color, paths: uPlot.paths.bars!({ size: [0.7, 40], radius: 0.15 }) } : {}),
        points: { show: curve.values.length === 1 },
        value: (_, value: number | null) => (value === null ? '–' : format(value)),
    };
}

function optionsOf({ curves, format, height = 260, sync }: TimeChartProps, width: number): uPlot.Options {
    const scales = [...new Set(curves.map((curve) => curve.scale ?? 'y'))];
    const grid = { stroke: css('--line-soft'), width: 1 };
    const axis = { stroke: css('--muted'), grid, ticks: { show: false }, font: '11px Inter, system-ui, sans-serif' };
    return {
        width,
        height,
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
        hooks: {
            setCursor: [
                (u) => {
                    u.root.parentElement?.classList.toggle('idle', (u.cursor.idx ?? null) === null);
                },
            ],
        },
        cursor: { y: false, points: { size: 6 }, ...(sync ? { sync: { key: sync } } : {}) },
        legend: { live: true },
        scales: {
            x: { range: (_, low, high) => [low - HALF_DAY, high + HALF_DAY] },
            ...Object.fromEntries(
                scales.map((scale) => {
                    const bars = curves.some(
                        (curve) => (curve.scale ?? 'y') === scale && curve.kind !== 'line' && curve.kind !== undefined,
                    );
                    return [
                        scale,
                        bars
                            ? {
                                  range: (_: uPlot, low: number, high: number): uPlot.Range.MinMax =>
                                      around(Math.min(0, low), Math.max(0, high)),
                              }
                            : {},
                    ];
                }),
            ),
        },
        axes: [
            {
                ...axis,
                grid: { show: false },
                values: '{D} {MMM}',
                incrs: [1, 2, 3, 5, 7, 14, 30, 61, 91, 182, 365].map((days) => days * 2 * HALF_DAY),
                space: 70,
                size: 26,
            },
            // Sides are numbers: the library's enum is not there when it runs.
            // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment
            ...scales.map((scale, i) => ({
                ...axis,
                scale,
                side: i === 0 ? 3 : 1,
                size: 62,
                space: height < 160 ? 26 : 44,
                ...(i > 0 ? { grid: { show: false } } : {}),
                values: (_: uPlot, ticks: number[]) => ticks.map((tick) => format[scale]!(tick)),
            })),
        ],
        series: [
            {
                value: (_, seconds: number | null) =>
                    seconds === null ? '–' : new Date(seconds * 1000).toISOString().slice(0, 10),
                label: 'Day',
            },
            ...curves.map((curve) => seriesOf(curve, format[curve.scale ?? 'y']!)),
        ],
    };
}

function around(low: number, high: number): uPlot.Range.MinMax {
    if (low === high) return [low - 1, high + 1];
    const room = (high - low) * 0.06;
    return [low === 0 ? 0 : low - room, high === 0 ? 0 : high + room];
}

export default function TimeChart(props: TimeChartProps) {
    const given = useLatest(props);
    const place = useRef<HTMLDivElement>(null);
    const dark = useStore(darkNow);
    const { days, curves } = props;
    useEffect(() => {
        const element = place.current;
        if (!element) return;
        const data = [days.map((day) => Date.parse(`${day}T00:00:00Z`) / 1000), ...curves.map((curve) => curve.values)];
        const chart = new uPlot(
            optionsOf(given.current, element.clientWidth || 600),
            data as uPlot.AlignedData,
            element,
        );
        const sizes = new ResizeObserver(() =>
            chart.setSize({ width: element.clientWidth, height: given.current.height ?? 260 }),
        );
        sizes.observe(element);
        return () => {
            sizes.disconnect();
            chart.destroy();
        };
    }, [days, curves, dark, given]);
    return <div class="time-chart idle" role="img" aria-label={props.caption} ref={place} />;
}
