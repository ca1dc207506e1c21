// What happened, who did it, whom to watch.
import type { ComponentChildren } from 'preact';
import { url, useAnswer } from '../api';
import type { Answers, Episode, EpisodeList, LeaderList, MarketDayList } from '../api_types';
import { toNumber, when } from '../format';
import { Address } from '../parts/address';
import { Amount, ClassBadge, Gain } from '../parts/numbers';
import { Choice, Panel } from '../parts/panel';
import * as columns from '../parts/shared_columns';
import { Empty, Show, Skeleton } from '../parts/states';
import { Table, type Column } from '../parts/table';
import { setQuery, traderPath, usePlace } from '../router';
import { useClock, watched } from '../settings';
import { useStore } from '../store';
import { CoveredHours } from './overview_hours';
import { Figures, MarketDays, Movers } from './overview_market';

const ROWS = 8;

function Leaders() {
    const { query } = usePlace();
    const period = query.get('period') ?? '7d';
    const side = query.get('side') ?? 'winners';
    const answer = useAnswer<LeaderList>(
        url('/leaderboard', { period, order: side === 'losers' ? 'asc' : 'desc', limit: ROWS }),
    );
    return (
        <Panel
            title={side === 'losers' ? 'Who lost most' : 'Who earned most'}
            actions={
                <>
                    <Choice
                        label="Side"
                        options={[
                            ['winners', 'Winners'],
                            ['losers', 'Losers'],
                        ]}
                        value={side}
                        onChange={(v) => setQuery({ side: v === 'winners' ? null : v })}
                    />
                    <Choice
                        label="Period"
                        options={[
                            ['1d', '1d'],
                            ['7d', '7d'],
                            ['30d', '30d'],
                            ['all', 'All'],
                        ]}
                        value={period}
                        onChange={(v) => setQuery({ period: v === '7d' ? null : v })}
                    />
                </>
            }
        >
            <Show answer={answer} rows={ROWS}>
                {(list) =>
                    list.items.length ? (
                        <Table
                            caption="Leaderboard"
                            rows={list.items}
                            keyOf={(l) => l.user_address}
                            hrefOf={(l) => traderPath(l.user_address)}
                            columns={side === 'losers' ? columns.leaders.slice(1) : columns.leaders}
                        />
                    ) : (
                        <Empty title="Nobody traded in this period" />
                    )
                }
            </Show>
        </Panel>
    );
}

function Episodes({
    title,
    query,
    columns: shown,
    empty,
    note,
    actions,
    only,
}: {
    only?: (row: Episode) => boolean;
    title: string;
    query: Record<string, string>;
    columns: Column<Episode>[];
    empty: string;
    note?: string;
    actions?: ComponentChildren;
}) {
    const { path = '/episodes', ...rest } = query;
    const answer = useAnswer<EpisodeList>(url(path, { ...rest, limit: ROWS }));
    return (
        <Panel title={title} note={note} actions={actions}>
            <Show answer={answer} rows={ROWS}>
                {(list) =>
                    list.items.some(only ?? (() => true)) ? (
                        <Table
                            caption={title}
                            columns={shown}
                            rows={list.items.filter(only ?? (() => true))}
                            keyOf={(_, i) => String(i)}
                            hrefOf={(e) => traderPath(e.user_address)}
                        />
                    ) : (
                        <Empty title={empty} />
                    )
                }
            </Show>
        </Panel>
    );
}

function Watched() {
    const names = Object.keys(useStore(watched)).slice(0, 12);
    if (names.length === 0) return null;
    return (
        <Panel title="Watched" note="kept in this browser">
            <ul class="watched">
                {names.map((address) => (
                    <WatchedTrader key={address} address={address} />
                ))}
            </ul>
        </Panel>
    );
}

function WatchedTrader({ address }: { address: string }) {
    const answer = useAnswer<Answers['getTrader']>(url(`/traders/${address}`));
    const t = answer.data?.trader;
    return (
        <li>
            <Address value={address} />
            {t ? (
                <>
                    <ClassBadge name={t.class} />
                    <Gain value={t.net_pnl} />
                    <Amount value={t.volume} />
                </>
            ) : answer.problem ? (
                <span class="muted">not in the data</span>
            ) : (
                <Skeleton rows={1} />
            )}
        </li>
    );
}

function News() {
    const alerts = useAnswer<{ items: unknown[] }>(url('/alerts'));
    return (
        <Panel
            title="Signals and alerts"
            actions={
                <a class="more" href="/alerts">
                    Feed
                </a>
            }
        >
            {alerts.data?.items.length ? (
                <p>
                    {alerts.data.items.length} alerts wait in the <a href="/alerts">feed</a>.
                </p>
            ) : (
                <Empty title="None yet">
                    Signals compare what traders of each class do in a coin with what they usually do. This version
                    computes none, so the list is empty rather than invented.
                </Empty>
            )}
        </Panel>
    );
}

export function Overview() {
    const zone = useClock();
    const { query } = usePlace();
    const closed = query.get('closed') ?? 'wins';
    const market = useAnswer<MarketDayList>(url('/market/daily'));
    const coverage = useAnswer<Answers['getCoverage']>(url('/coverage'));
    const span = coverage.data?.coverage;
    return (
        <main tabIndex={-1}>
            <div class="title">
                <h1>Market</h1>
                {span && (
                    <p class="muted">
                        {when(span.from, zone)} to <span title={when(span.to, zone, true)}>{when(span.to, zone)}</span>,
                        all coins
                    </p>
                )}
            </div>
            <Show answer={market} rows={6}>
                {(list) => (
                    <>
                        <Figures days={list.items} coverage={coverage.data} />
                        <div class="grid">
                            <div class="market-row">
                                <MarketDays days={list.items} />
                                <CoveredHours coverage={coverage.data} />
                            </div>
                            <Watched />
                            <Leaders />
                            <Movers />
                            <Episodes
                                title="Largest open positions"
                                query={{ path: '/positions' }}
                                empty="Nobody holds a perp position"
                                note="at the last price"
                                columns={[columns.trader, columns.coin, columns.side, columns.value, columns.openPnl]}
                            />
                            <Episodes
                                title={closed === 'wins' ? 'Largest wins, closed' : 'Largest losses, closed'}
                                query={{ sort: 'net_pnl', order: closed === 'wins' ? 'desc' : 'asc' }}
                                empty={`No position was closed with a ${closed === 'wins' ? 'gain' : 'loss'} yet`}
                                only={(e) => (closed === 'wins' ? toNumber(e.net_pnl) > 0 : toNumber(e.net_pnl) < 0)}
                                columns={[columns.trader, columns.coin, columns.side, columns.net, columns.held]}
                                actions={
                                    <Choice
                                        label="Closed positions"
                                        options={[
                                            ['wins', 'Wins'],
                                            ['losses', 'Losses'],
                                        ]}
                                        value={closed}
                                        onChange={(v) => setQuery({ closed: v === 'wins' ? null : v })}
                                    />
                                }
                            />
                            <Episodes
                                title="Newest liquidations"
                                query={{ liquidated: 'true' }}
                                empty="Nobody was liquidated"
                                note="of the victim"
                                columns={[
                                    columns.trader,
                                    columns.coin,
                                    columns.side,
                                    columns.net,
                                    columns.closed(zone),
                                ]}
                            />
                            <News />
                        </div>
                    </>
                )}
            </Show>
        </main>
    );
}
