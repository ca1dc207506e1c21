// Traders as points: alike ones lie near each other. The clusters, how good they are, and what is within a lasso.
import { useMemo, useState } from 'preact/hooks';
import { url, useAnswer } from '../api';
import { className, count, percent, ratio, short, when, words } from '../format';
import { lazy } from '../lazy';
import type { CloudViewProps } from '../map/cloud_view';
import { Address } from '../parts/address';
import { Icon } from '../parts/icons';
import { Choice, Panel } from '../parts/panel';
import { Empty, Failure, Skeleton } from '../parts/states';
import { go, setQuery, traderPath, usePlace } from '../router';
import { darkNow, useClock } from '../settings';
import { useStore } from '../store';
import { colorsOf, CLASS_COLORS, clusterColor } from '../map/colors';

const CloudView = lazy<CloudViewProps>(() => import('../map/cloud_view').then((part) => part.CloudView), 10);

// What the server answers once `vigil cluster` has run; before, the lists are empty or absent.
interface Cluster {
    id: number;
    name: string;
    traders: number;
    share: number;
    reason: string;
    what_they_do?: string | null;
    when_they_trade?: string | null;
    how_they_earn?: string | null;
    typical_members?: string[];
    centre: Record<string, number> | number[];
}
interface Clusters {
    as_of?: string | null;
    model?: string | null;
    quality?: Record<string, number | string | null> | null;
    clusters?: Cluster[];
}
interface MapAnswer {
    trustworthiness?: number | null;
    traders?: string[];
    x?: number[];
    y?: number[];
    cluster?: (number | null)[];
    class?: (string | null)[];
}

function placesOf(map: MapAnswer): Float32Array {
    const n = map.traders?.length ?? 0;
    const places = new Float32Array(2 * n);
    for (let i = 0; i < n; i++) {
        places[2 * i] = map.x?.[i] ?? 0;
        places[2 * i + 1] = map.y?.[i] ?? 0;
    }
    return places;
}

/** The figures in which a cluster differs most from all traders, the centre being in standard deviations. */
export function traits(centre: Cluster['centre']): string {
    if (Array.isArray(centre)) return '';
    const rows = Object.entries(centre)
        .filter(([, value]) => typeof value === 'number')
        .sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]))
        .slice(0, 3);
    return rows.map(([name, value]) => `${words(name)} ${value > 0 ? '+' : ''}${ratio(value, 1)}`).join(', ');
}

function Story({ cluster }: { cluster: Cluster }) {
    const sentences = [cluster.what_they_do, cluster.when_they_trade, cluster.how_they_earn];
    return (
        <div class="story">
            {sentences.map((text) => text && <p key={text}>{text[0]!.toUpperCase() + text.slice(1)}.</p>)}
            {cluster.typical_members?.length ? (
                <>
                    <p>Typical members:</p>
                    <ul class="watched">
                        {cluster.typical_members.map((address) => (
                            <li key={address}>
                                <Address value={address} />
                            </li>
                        ))}
                    </ul>
                </>
            ) : null}
        </div>
    );
}

function Profiles({
    clusters,
    chosen,
    onChoose,
    dark,
}: {
    clusters: Cluster[];
    chosen: number | null;
    onChoose: (id: number | null) => void;
    dark: boolean;
}) {
    return (
        <ul class="clusters">
            {clusters.map((cluster) => (
                <li key={cluster.id}>
                    <button
                        type="button"
                        aria-pressed={chosen === cluster.id}
                        onClick={() => onChoose(chosen === cluster.id ? null : cluster.id)}
                    >
                        <i style={{ background: clusterColor(cluster.id, dark) }} />
                        <b>{cluster.name}</b>
                        <span>
                            {count(cluster.traders)} · {percent(cluster.share, 0)}
                        </span>
                        <small>{cluster.reason || traits(cluster.centre)}</small>
                    </button>
                    {chosen === cluster.id && <Story cluster={cluster} />}
                </li>
            ))}
        </ul>
    );
}

function Drawn({ clusters, map }: { clusters: Clusters; map: MapAnswer }) {
    const zone = useClock();
    const dark = useStore(darkNow);
    const { query } = usePlace();
    const by = query.get('by') === 'class' ? 'class' : 'cluster';
    const [isLasso, setLasso] = useState(false);
    const [caught, setCaught] = useState<number[]>([]);
    const [chosen, setChosen] = useState<number | null>(null);
    const places = useMemo(() => placesOf(map), [map]);
    const colors = useMemo(
        () =>
            colorsOf(
                map.traders?.length ?? 0,
                (i) => (by === 'class' ? (CLASS_COLORS[map.class?.[i] ?? ''] ?? null) : (map.cluster?.[i] ?? null)),
                (i) => chosen === null || map.cluster?.[i] === chosen,
                new Set(caught),
                dark,
            ),
        [map, by, caught, chosen, dark],
    );
    const names = new Map((clusters.clusters ?? []).map((cluster) => [cluster.id, cluster.name]));
    const label = (i: number) =>
        `${short(map.traders?.[i] ?? '')} · ${names.get(map.cluster?.[i] ?? -1) ?? 'no cluster'} · ${className(map.class?.[i] ?? null)}`;
    const quality = Object.entries({ ...clusters.quality, trustworthiness: map.trustworthiness ?? null });
    const classes = [...new Set((map.class ?? []).filter((name) => name !== null))].sort();
    return (
        <div class="map-page">
            <div class="map-box">
                <div class="map-bar">
                    <Choice
                        label="Colour by"
                        options={[
                            ['cluster', 'Clusters'],
                            ['class', 'Classes'],
                        ]}
                        value={by}
                        onChange={(v) => setQuery({ by: v === 'class' ? v : null })}
                    />
                    <button type="button" class="quiet" aria-pressed={isLasso} onClick={() => setLasso(!isLasso)}>
                        <Icon name="lasso" />
                        Lasso
                    </button>
                    {caught.length > 0 && (
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
                    onOpen={(i) => go(traderPath(map.traders![i]!))}
                    onCaught={(points) => {
                        setCaught(points);
                        setLasso(false);
                    }}
                />
            </div>
            <aside>
                {caught.length > 0 && (
                    <Panel title={`${count(caught.length)} caught`}>
                        <ul class="watched">
                            {caught.slice(0, 50).map((i) => (
                                <li key={i}>
                                    <Address value={map.traders![i]!} />
                                    <span class="muted">{names.get(map.cluster?.[i] ?? -1)}</span>
                                </li>
                            ))}
                        </ul>
                        {caught.length > 50 && <p class="muted">and {count(caught.length - 50)} more</p>}
                    </Panel>
                )}
                <Panel title="Clusters" note={clusters.model}>
                    {by === 'class' ? (
                        <ul class="legend">
                            {classes.map((name) => (
                                <li key={name}>
                                    <i class={`class-${name.toLowerCase()}`} />
                                    {className(name)}
                                </li>
                            ))}
                        </ul>
                    ) : (
                        <Profiles clusters={clusters.clusters ?? []} chosen={chosen} onChoose={setChosen} dark={dark} />
                    )}
                </Panel>
                <Panel title="How good is it" note={clusters.as_of && `as of ${when(clusters.as_of, zone)}`}>
                    <dl class="all-figures">
                        {quality
                            .filter(([, value]) => typeof value === 'number')
                            .map(([name, value]) => (
                                <div key={name}>
                                    <dt>{words(name)}</dt>
                                    <dd>{Number.isInteger(value) ? count(value) : ratio(value, 3)}</dd>
                                </div>
                            ))}
                    </dl>
                    {quality
                        .filter(([, value]) => typeof value === 'string')
                        .map(([name, value]) => (
                            <p key={name} class="muted">
                                {value}
                            </p>
                        ))}
                    <p class="muted">
                        Near points are alike; how far apart groups lie, and how large they look, means little.
                    </p>
                </Panel>
            </aside>
        </div>
    );
}

export function MapPage() {
    const clusters = useAnswer<Clusters>(url('/clusters'));
    const map = useAnswer<MapAnswer>(url('/clusters/map'));
    const problem = clusters.problem ?? map.problem;
    const isThere = (map.data?.traders?.length ?? 0) > 0;
    return (
        <main tabIndex={-1} class="full">
            <div class="title">
                <h1>Map</h1>
                <p class="muted">
                    {isThere
                        ? `${count(map.data?.traders?.length)} traders; alike ones lie near each other`
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
