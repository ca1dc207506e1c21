// Traders as points: alike ones lie near each other. The clusters, how good they are, and what is within a lasso.
import { useMemo, useState } from 'preact/hooks';
import { url, useAnswer } from '../api';
import type { Answers } from '../api_types';
import { className, count, short } from '../format';
import { lazy } from '../lazy';
import type { CloudViewProps } from '../map/cloud_view';
import { CLASS_COLORS, colorsOf, colorTable } from '../map/colors';
import { colorAt, rampOf } from '../map/ramp';
import { medians, scaleOf } from '../map/scale';
import { Address } from '../parts/address';
import { Icon } from '../parts/icons';
import { Choice, Panel } from '../parts/panel';
import { Empty, Failure, Skeleton } from '../parts/states';
import { go, setQuery, traderPath, usePlace } from '../router';
import { darkNow } from '../settings';
import { useStore } from '../store';
import { Profiles, Quality, type Clusters } from './map_clusters';
import { FigureChoice, FigureLegend, useFigureText, useMapFigure, type MapFigure } from './map_figure';
import { labelOf } from './traders_columns';

const CloudView = lazy<CloudViewProps>(() => import('../map/cloud_view').then((part) => part.CloudView), 10);

type TraderMap = Answers['clusterMap'];

const FIRST_FIGURE = 'net_pnl';

function placesOf(map: TraderMap): Float32Array {
    const places = new Float32Array(2 * map.traders.length);
    for (let i = 0; i < map.traders.length; i++) {
        places[2 * i] = map.x[i]!;
        places[2 * i + 1] = map.y[i]!;
    }
    return places;
}

/** Whether the values are of this map's traders: after a publication one of both may be there before the other. */
const belongs = (figure: MapFigure, map: TraderMap) => figure.version === map.version;

/** What colours the points: clusters, classes, or a figure once its values are here. */
function useColoring(map: TraderMap) {
    const dark = useStore(darkNow);
    const by = usePlace().query.get('by') ?? 'cluster';
    const figure = by === 'cluster' || by === 'class' ? null : by;
    const answer = useMapFigure(figure);
    const values = figure !== null && answer.data && belongs(answer.data, map) ? answer.data.values : null;
    const scale = useMemo(() => values && scaleOf(values), [values]);
    const middles = useMemo(() => values && medians(values, map.cluster), [values, map]);
    const colorOf = useMemo(() => {
        const table = colorTable(dark);
        if (by === 'cluster') return (i: number) => table(map.cluster[i] ?? null);
        if (by === 'class') return (i: number) => table(CLASS_COLORS[map.class[i] ?? ''] ?? null);
        if (!scale) return () => null;
        const ramp = rampOf(scale.isSigned, dark);
        return (i: number) => (Number.isNaN(scale.shares[i]) ? null : colorAt(ramp, scale.shares[i]!));
    }, [by, dark, map, scale]);
    return { by, figure, answer, values, scale, middles, colorOf, dark };
}

/** Traders of a lasso, and where they are on this map: -1 where they are not on it any more. */
interface Catch {
    traders: string[];
    points: number[];
}

/** Keeps who was caught by address: each publication brings another map, on which the same number is someone else. */
function useCatch(map: TraderMap): [Catch, (points: number[]) => void] {
    const [traders, setTraders] = useState<string[]>([]);
    const points = useMemo(() => {
        const wanted = new Set(traders);
        const found = new Map<string, number>();
        for (const [i, trader] of map.traders.entries()) if (wanted.has(trader)) found.set(trader, i);
        return traders.map((trader) => found.get(trader) ?? -1);
    }, [traders, map]);
    return [{ traders, points }, (caught) => setTraders(caught.map((i) => map.traders[i]!))];
}

function Caught({ caught, map, names }: { caught: Catch; map: TraderMap; names: Map<number, string> }) {
    const { traders, points } = caught;
    return (
        <Panel title={`${count(traders.length)} caught`}>
            <ul class="watched">
                {traders.slice(0, 50).map((trader, k) => (
                    <li key={trader}>
                        <Address value={trader} />
                        <span class="muted">
                            {points[k]! < 0 ? 'left the map' : names.get(map.cluster[points[k]!] ?? -1)}
                        </span>
                    </li>
                ))}
            </ul>
            {traders.length > 50 && <p class="muted">and {count(traders.length - 50)} more</p>}
        </Panel>
    );
}

function ClassLegend({ map }: { map: TraderMap }) {
    const classes = [...new Set(map.class.filter((name) => name !== null))].sort();
    return (
        <ul class="legend">
            {classes.map((name) => (
                <li key={name}>
                    <i class={`class-${name.toLowerCase()}`} />
                    {className(name)}
                </li>
            ))}
        </ul>
    );
}

function Drawn({ clusters, map }: { clusters: Clusters; map: TraderMap }) {
    const [isLasso, setLasso] = useState(false);
    const [caught, setCaught] = useCatch(map);
    const [wanted, setChosen] = useState<number | null>(null);
    const chosen = clusters.clusters.some((cluster) => cluster.id === wanted) ? wanted : null;
    const { by, figure, answer, values, scale, middles, colorOf, dark } = useColoring(map);
    const textOf = useFigureText(figure);
    const places = useMemo(() => placesOf(map), [map]);
    const colors = useMemo(
        () =>
            colorsOf(
                map.traders.length,
                colorOf,
                (i) => chosen === null || map.cluster[i] === chosen,
                new Set(caught.points),
                dark,
            ),
        [map, colorOf, caught.points, chosen, dark],
    );
    const names = new Map(clusters.clusters.map((cluster) => [cluster.id, cluster.name]));
    const label = (i: number) =>
        [
            short(map.traders[i]!),
            ...(figure !== null && values ? [`${labelOf(figure)} ${textOf(values[i])}`] : []),
            names.get(map.cluster[i] ?? -1) ?? 'no cluster',
            className(map.class[i] ?? null),
        ].join(' · ');
    return (
        <div class="map-page">
            <div class="map-box">
                <div class="map-bar">
                    <Choice
                        label="Colour by"
                        options={[
                            ['cluster', 'Clusters'],
                            ['class', 'Classes'],
                            ['figure', 'Figure'],
                        ]}
                        value={figure === null ? by : 'figure'}
                        onChange={(v) =>
                            setQuery({ by: v === 'cluster' ? null : v === 'class' ? v : (figure ?? FIRST_FIGURE) })
                        }
                    />
                    {figure !== null && <FigureChoice name={figure} />}
                    <button type="button" class="quiet" aria-pressed={isLasso} onClick={() => setLasso(!isLasso)}>
                        <Icon name="lasso" />
                        Lasso
                    </button>
                    {caught.traders.length > 0 && (
                        <button type="button" class="quiet" onClick={() => setCaught([])}>
                            <Icon name="close" />
                            Clear
                        </button>
                    )}
                </div>
                <CloudView
                    places={places}
                    colors={colors}
                    isLasso={isLasso}
                    labelOf={label}
                    onOpen={(i) => go(traderPath(map.traders[i]!))}
                    onCaught={(points) => {
                        setCaught(points);
                        setLasso(false);
                    }}
                />
            </div>
            <aside>
                {caught.traders.length > 0 && <Caught caught={caught} map={map} names={names} />}
                {figure !== null && <FigureLegend name={figure} answer={answer} scale={scale} />}
                {by === 'class' && (
                    <Panel title="Classes">
                        <ClassLegend map={map} />
                    </Panel>
                )}
                <Panel title="Clusters" note={clusters.model}>
                    <Profiles
                        clusters={clusters.clusters}
                        chosen={chosen}
                        onChoose={setChosen}
                        isColoured={by === 'cluster'}
                        noteOf={middles ? (id) => `median ${textOf(middles.get(id))}` : undefined}
                        dark={dark}
                    />
                </Panel>
                <Quality clusters={clusters} trustworthiness={map.trustworthiness} />
            </aside>
        </div>
    );
}

export function MapPage() {
    const clusters = useAnswer<Clusters>(url('/clusters'));
    const map = useAnswer<TraderMap>(url('/clusters/map'));
    const problem = clusters.problem ?? map.problem;
    const isThere = (map.data?.traders.length ?? 0) > 0;
    return (
        <main tabIndex={-1} class="full">
            <div class="title">
                <h1>Map</h1>
                <p class="muted">
                    {isThere
                        ? `${count(map.data?.traders.length)} traders; alike ones lie near each other`
                        : 'of traders, by what they do'}
                </p>
            </div>
            {problem && !(clusters.data && map.data) ? (
                <Failure
                    problem={problem}
                    retry={() => {
                        clusters.retry();
                        map.retry();
                    }}
                />
            ) : !clusters.data || !map.data ? (
                <Skeleton rows={12} />
            ) : isThere ? (
                <Drawn clusters={clusters.data} map={map.data} />
            ) : (
                <Empty title="Clusters are not computed yet">
                    The map places traders by what they do, so that alike ones lie near each other, and colours the
                    groups that show. It appears when this lake has clusters. The <a href="/traders">list of traders</a>{' '}
                    knows their classes already.
                </Empty>
            )}
        </main>
    );
}
