// What is known of the clusters: who they are, and how good they are.
import type { Answers } from '../api_types';
import { count, percent, ratio, when, words } from '../format';
import { clusterColor } from '../map/colors';
import { Address } from '../parts/address';
import { Panel } from '../parts/panel';
import { useClock } from '../settings';

// What the server answers once `vigil cluster` has run; before, the list is empty.
export type Clusters = Answers['listClusters'];
export type Cluster = Clusters['clusters'][number];

/** The figures in which a cluster differs most from all traders, the centre being in standard deviations. */
export function traits(centre: Cluster['centre']): string {
    const rows = Object.entries(centre)
        .sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]))
        .slice(0, 3);
    return rows.map(([name, value]) => `${words(name)} ${value > 0 ? '+' : ''}${ratio(value, 1)}`).join(', ');
}

/** What the members of a cluster do, when, and with which result; and who is like most of them. */
function Story({ cluster }: { cluster: Cluster }) {
    const sentences = [cluster.what_they_do, cluster.when_they_trade, cluster.how_they_earn];
    const typical = cluster.typical_members ?? [];
    return (
        <div class="story">
            {sentences.map((text) => text && <p key={text}>{text[0]!.toUpperCase() + text.slice(1)}.</p>)}
            {typical.length > 0 && (
                <>
                    <p>Typical members:</p>
                    <ul class="watched">
                        {typical.map((address) => (
                            <li key={address}>
                                <Address value={address} />
                            </li>
                        ))}
                    </ul>
                </>
            )}
        </div>
    );
}

/** `isColoured`: the map shows clusters by these colours. `noteOf` replaces the reason. */
export function Profiles({
    clusters,
    chosen,
    onChoose,
    isColoured,
    noteOf,
    dark,
}: {
    clusters: Cluster[];
    chosen: number | null;
    onChoose: (id: number | null) => void;
    isColoured: boolean;
    noteOf?: ((id: number) => string) | undefined;
    dark: boolean;
}) {
    return (
        <ul class={isColoured ? 'clusters' : 'clusters plain'}>
            {clusters.map((cluster) => (
                <li key={cluster.id}>
                    <button
                        type="button"
                        aria-pressed={chosen === cluster.id}
                        title={cluster.reason ?? undefined}
                        onClick={() => onChoose(chosen === cluster.id ? null : cluster.id)}
                    >
                        {isColoured && <i style={{ background: clusterColor(cluster.id, dark) }} />}
                        <b>{cluster.name}</b>
                        <span>
                            {count(cluster.traders)} · {percent(cluster.share, 0)}
                        </span>
                        <small>{noteOf?.(cluster.id) ?? cluster.reason ?? traits(cluster.centre)}</small>
                    </button>
                    {chosen === cluster.id && <Story cluster={cluster} />}
                </li>
            ))}
        </ul>
    );
}

export function Quality({ clusters, trustworthiness }: { clusters: Clusters; trustworthiness: number | null }) {
    const zone = useClock();
    const quality = Object.entries({ ...clusters.quality, trustworthiness });
    return (
        <Panel title="How good is it" note={clusters.as_of && `as of ${when(clusters.as_of, zone)}`}>
            <dl class="all-figures">
                {quality.map(
                    ([name, value]) =>
                        typeof value === 'number' && (
                            <div key={name}>
                                <dt>{words(name)}</dt>
                                <dd>{Number.isInteger(value) ? count(value) : ratio(value, 3)}</dd>
                            </div>
                        ),
                )}
            </dl>
            {quality.map(
                ([name, value]) =>
                    typeof value === 'string' && (
                        <p key={name} class="muted">
                            {value}
                        </p>
                    ),
            )}
            <p class="muted">Near points are alike; how far apart groups lie, and how large they look, means little.</p>
        </Panel>
    );
}
