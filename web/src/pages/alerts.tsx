// The feed: alerts that were computed, and what the server says as it happens.
import { url, useAnswer } from '../api';
import { count, when, words } from '../format';
import { Address } from '../parts/address';
import { Choice } from '../parts/panel';
import { CoinLink } from '../parts/shared_columns';
import { Empty, Failure } from '../parts/states';
import { setQuery, usePlace } from '../router';
import { useClock } from '../settings';
import { useStore } from '../store';
import { link, news, type News } from '../stream';

/** A line of the feed, wherever it came from. */
export interface Entry {
    key: string;
    at: string;
    kind: string;
    text: string;
    coin?: string | undefined;
    trader?: string | undefined;
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined);

/** What an alert says, whatever fields it has beside those that are known. */
export function entryOf(item: Record<string, unknown>, index: number): Entry {
    const at = textOf(item.time) ?? textOf(item.at) ?? textOf(item.as_of) ?? '';
    const kind = textOf(item.kind) ?? textOf(item.type) ?? textOf(item.signal) ?? 'alert';
    const known = [
        'time',
        'at',
        'as_of',
        'kind',
        'type',
        'signal',
        'coin',
        'user_address',
        'trader',
        'text',
        'message',
        'reason',
        'id',
    ];
    const rest = Object.entries(item)
        .filter(([name, value]) => !known.includes(name) && value !== null && typeof value !== 'object')
        .map(([name, value]) => `${words(name)} ${String(value)}`);
    const text = textOf(item.text) ?? textOf(item.message) ?? textOf(item.reason) ?? rest.join(', ');
    return {
        key: textOf(item.id) ?? `${at} ${kind} ${index}`,
        at,
        kind,
        text,
        coin: textOf(item.coin),
        trader: textOf(item.user_address) ?? textOf(item.trader),
    };
}

function entryOfNews(one: News): Entry {
    const data = (typeof one.data === 'object' && one.data !== null ? one.data : { text: String(one.data) }) as Record<
        string,
        unknown
    >;
    if (one.kind !== 'published')
        return { ...entryOf({ kind: one.kind, time: one.at, ...data }, 0), key: `live ${one.id}` };
    const coverage = data.coverage as { to?: string } | undefined;
    return {
        key: `live ${one.id}`,
        at: one.at,
        kind: 'published',
        text: `New data${coverage?.to ? ` up to ${coverage.to.slice(0, 16).replace('T', ' ')} UTC` : ''}, ${count(data.traders as number)} traders`,
    };
}

export function Alerts() {
    const zone = useClock();
    const { query } = usePlace();
    const live = useStore(news);
    const state = useStore(link);
    const answer = useAnswer<{ items: Record<string, unknown>[] }>(url('/alerts'));
    const entries = [...live.map(entryOfNews), ...(answer.data?.items ?? []).map(entryOf)]
        .filter((entry, i, all) => all.findIndex((other) => other.key === entry.key) === i)
        .sort((a, b) => b.at.localeCompare(a.at));
    const kinds = [...new Set(entries.map((entry) => entry.kind))].sort();
    const kind = query.get('kind') ?? '';
    const word = (query.get('find') ?? '').toLowerCase();
    const shown = entries.filter(
        (entry) =>
            (!kind || entry.kind === kind) &&
            (!word || [entry.text, entry.coin, entry.trader].some((text) => text?.toLowerCase().includes(word))),
    );
    return (
        <main tabIndex={-1}>
            <div class="title">
                <h1>Alerts</h1>
                <p class="muted" role="status">
                    {state === 'live' ? 'New ones appear by themselves' : 'The line for news is being opened'}
                </p>
                <div class="actions">
                    <input
                        aria-label="Find in the feed"
                        placeholder="Coin, address or word"
                        value={query.get('find') ?? ''}
                        onInput={(event) => setQuery({ find: event.currentTarget.value })}
                    />
                    {kinds.length > 1 && (
                        <Choice
                            label="Kind"
                            options={[['', 'All'], ...kinds.map((k): [string, string] => [k, words(k)])]}
                            value={kind}
                            onChange={(v) => setQuery({ kind: v })}
                        />
                    )}
                </div>
            </div>
            {answer.problem && !answer.data && <Failure problem={answer.problem} retry={answer.retry} />}
            {answer.data?.items.length === 0 && (
                <Empty title="No alerts yet">
                    Alerts come with signals, which this version does not compute. Until then this feed tells when the
                    server publishes new data.
                </Empty>
            )}
            {shown.length > 0 ? (
                <ol class="feed" aria-live="polite">
                    {shown.slice(0, 300).map((entry) => (
                        <li key={entry.key}>
                            <time datetime={entry.at} title={when(entry.at, zone, true)}>
                                {when(entry.at, zone)}
                            </time>
                            <span class={`badge kind-${entry.kind}`}>{words(entry.kind)}</span>
                            {entry.coin && <CoinLink coin={entry.coin} />}
                            {entry.trader && <Address value={entry.trader} />}
                            <p>{entry.text}</p>
                        </li>
                    ))}
                </ol>
            ) : (
                entries.length > 0 && <Empty title="Nothing in the feed is like that" />
            )}
        </main>
    );
}
