// What happened, who did it, whom to watch.
import type { ComponentChildren } from 'preact';
import { url, useAnswer } from '../api';
import type {
    Answers,
    Asset,
    AssetList,
    Episode,
    EpisodeList,
    LeaderList,
    MarketDay,
    MarketDayList,
} from '../api_types';
import { Bars } from '../charts/bars';
import { count, day, money, percent, price, toNumber, when } from '../format';
import { Address } from '../parts/address';
import { Amount, ClassBadge, Dollars, Figure, Gain, Toned } from '../parts/numbers';
import { Choice, Panel } from '../parts/panel';
import * as columns from '../parts/shared_columns';
import { Empty, Show, Skeleton } from '../parts/states';
import { Table, type Column } from '../parts/table';
import { assetPath, setQuery, traderPath, usePlace } from '../router';
import { useClock, watched } from '../settings';
import { useStore } from '../store';

const MOVERS = 8;
const ROWS = 8;

export const changeOf = (a: Asset) => toNumber(a.close) / toNumber(a.previous_close) - 1;

/** Among what is traded most, what moved most. */
export function movers(assets: Asset[]): Asset[] {
    const last = assets.reduce((date, a) => (a.last_date > date ? a.last_date : date), '');
    const traded = assets
        .filter((a) => a.last_date === last && Number.isFinite(changeOf(a)))
        .sort((a, b) => toNumber(b.last_day_volume) - toNumber(a.last_day_volume))
        .slice(0, 40);
    return traded.sort((a, b) => Math.abs(changeOf(b)) - Math.abs(changeOf(a))).slice(0, MOVERS);
}

function change(
    now: MarketDay | undefined,
    before: MarketDay | undefined,
    pick: (d: MarketDay) => string | number | null,
) {
    if (!now || !before) return undefined;
    const share = toNumber(pick(now)) / toNumber(pick(before)) - 1;
    return Number.isFinite(share) ? (
        <>
            <Toned value={share} text={percent(share, 1, true)} /> on the day before
        </>
    ) : undefined;
}

function Figures({ days, coverage }: { days: MarketDay[]; coverage: Answers['getCoverage'] | undefined }) {
    const [now, before] = days;
    const volume = days.reduce((sum, d) => sum + toNumber(d.volume), 0);
    const name = now ? day(now.date) : '';
    return (
        <dl class="figures">
            <Figure
                label={`Volume, ${name}`}
                term={['MarketDay', 'volume']}
                note={change(now, before, (d) => d.volume)}
            >
                <Dollars value={now?.volume} />
            </Figure>
            <Figure
                label={`Traders, ${name}`}
                term={['MarketDay', 'traders']}
                note={change(now, before, (d) => d.traders)}
            >
                {count(now?.traders)}
            </Figure>
            <Figure
                label={`Liquidated, ${name}`}
                term={['MarketDay', 'liquidated_notional']}
                note={change(now, before, (d) => d.liquidated_notional)}
            >
                <Dollars value={now?.liquidated_notional} />
            </Figure>
            <Figure
                label={`Volume, ${days.length} ${days.length === 1 ? 'day' : 'days'}`}
                note={coverage && <>{count(coverage.fills)} fills</>}
            >
                <Dollars value={volume} />
            </Figure>
            <Figure label="Traders in all" note={coverage && <>{count(coverage.coins)} coins</>}>
                {count(coverage?.traders)}
            </Figure>
            <Figure
                label="Hours in the lake"
                note={
                    coverage && (coverage.coverage.complete ? 'complete' : <span class="down">some are missing</span>)
                }
            >
                {coverage ? hoursText(coverage.hours_present / Math.max(1, coverage.hours_span)) : '–'}
            </Figure>
        </dl>
    );
}

const hoursText = (share: number) => percent(share, share < 0.1 || (share > 0.99 && share < 1) ? 1 : 0);

function MarketDays({ days, coverage }: { days: MarketDay[]; coverage: Answers['getCoverage'] | undefined }) {
    const bars = [...days].reverse().map((d) => {
        const isGap = d.trade_count === 0;
        return {
            key: d.date,
            value: isGap ? NaN : toNumber(d.volume),
            label: day(d.date, true),
            tone: isGap ? ('gap' as const) : undefined,
            text: isGap ? 'no data' : `${money(d.volume)} · ${count(d.trade_count)} trades`,
        };
    });
    const top = bars.reduce((best, bar) => (bar.value > (best?.value ?? 0) ? bar : best), bars[0]);
    const missing = bars.filter((bar) => bar.tone === 'gap').length;
    return (
        <Panel
            title="Volume by day"
            wide
            class="market-days"
            note={
                coverage
                    ? `${count(coverage.hours_present)} of ${count(coverage.hours_span)} hours are in the lake${missing ? `; ${missing} days without data are shaded` : ''}`
                    : undefined
            }
        >
            <Bars
                bars={bars}
                caption="Volume of the market by day"
                height={92}
                initial={top && `Highest: ${top.text.split(' · ')[0]} on ${top.label}`}
            />
        </Panel>
    );
}

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

const moverColumns: Column<Asset>[] = [
    { name: 'coin', label: 'Coin', isText: true, cell: (a) => <columns.CoinLink coin={a.coin} /> },
    { name: 'close', label: 'Last', table: 'Asset', cell: (a) => price(a.close) },
    { name: 'change', label: 'Day', cell: (a) => <Toned value={changeOf(a)} text={percent(changeOf(a), 2, true)} /> },
    { name: 'last_day_volume', label: 'Volume', table: 'Asset', cell: (a) => <Dollars value={a.last_day_volume} /> },
];

function Movers() {
    const answer = useAnswer<AssetList>(url('/assets'));
    return (
        <Panel
            title="Top movers"
            note="among the 40 most traded"
            actions={
                <a class="more" href="/assets">
                    All assets
                </a>
            }
        >
            <Show answer={answer} rows={MOVERS}>
                {(list) => {
                    const rows = movers(list.items);
                    return rows.length ? (
                        <Table
                            caption="Top movers"
                            columns={moverColumns}
                            rows={rows}
                            keyOf={(a) => a.coin}
                            hrefOf={(a) => assetPath(a.coin)}
                        />
                    ) : (
                        <Empty title="No moves yet">A change needs two days with trades in a coin.</Empty>
                    );
                }}
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
                            <MarketDays days={list.items} coverage={coverage.data} />
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
