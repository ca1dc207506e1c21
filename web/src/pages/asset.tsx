// One coin: its price, who is long and short, who won and lost, who was liquidated.
import { useMemo } from 'preact/hooks';
import { url, useAnswer } from '../api';
import type { Answers, CoinDay, CoinDayList, Episode, EpisodeList, TraderCoin, TraderCoinList } from '../api_types';
import { Shares } from '../charts/bars';
import { TimeChart } from '../charts/chart';
import { className, count, money, percent, price, toNumber } from '../format';
import { Address } from '../parts/address';
import { Dollars, Figure, Gain, Toned } from '../parts/numbers';
import { Choice, Panel } from '../parts/panel';
import * as columns from '../parts/shared_columns';
import { Empty, Failure, Show, Skeleton } from '../parts/states';
import { Table, type Column } from '../parts/table';
import { setQuery, traderPath, usePlace } from '../router';
import { useClock } from '../settings';
import { changeOf } from './overview_market';

const numberOrNull = (value: string | null) => (value === null ? null : toNumber(value));

function Prices({ list }: { list: CoinDay[] }) {
    const shown = useMemo(() => {
        const days = [...list].reverse();
        const imbalance = days.map((d) => {
            const n = toNumber(d.taker_buy_volume) - toNumber(d.taker_sell_volume);
            return Number.isFinite(n) ? n : null;
        });
        return {
            dates: days.map((d) => d.date),
            prices: [
                { label: 'High', values: days.map((d) => numberOrNull(d.high)), color: '--faint' },
                { label: 'Low', values: days.map((d) => numberOrNull(d.low)), color: '--faint' },
                { label: 'Close', values: days.map((d) => numberOrNull(d.close)), color: '--accent' },
            ],
            volume: [
                {
                    label: 'Volume',
                    values: days.map((d) => toNumber(d.volume)),
                    color: '--second',
                    kind: 'bars' as const,
                },
            ],
            imbalance: [
                {
                    label: 'Takers bought more',
                    values: imbalance.map((n) => (n !== null && n >= 0 ? n : null)),
                    color: '--up',
                    kind: 'bars' as const,
                },
                {
                    label: 'Takers sold more',
                    values: imbalance.map((n) => (n !== null && n < 0 ? n : null)),
                    color: '--down',
                    kind: 'bars' as const,
                },
            ],
            priceFormat: { y: (v: number) => price(v).replace(/\.00$/, '') },
            moneyFormat: { y: (v: number) => money(v) },
        };
    }, [list]);
    return (
        <>
            <h3>Price</h3>
            <TimeChart
                days={shown.dates}
                curves={shown.prices}
                format={shown.priceFormat}
                height={250}
                sync="asset"
                caption="Price by day: high, low and close"
            />
            <h3>Volume</h3>
            <TimeChart
                days={shown.dates}
                curves={shown.volume}
                format={shown.moneyFormat}
                height={120}
                sync="asset"
                caption="Volume by day"
            />
            <h3>Taker imbalance: bought less sold</h3>
            <TimeChart
                days={shown.dates}
                curves={shown.imbalance}
                format={shown.moneyFormat}
                height={120}
                sync="asset"
                caption="Taker imbalance by day"
            />
        </>
    );
}

type Sides = Answers['getHolders']['sides'];

function Holders({ sides }: { sides: Sides }) {
    if (sides.every((side) => side.traders === 0))
        return <Empty title="No open perp positions">Spot balances are not positions.</Empty>;
    return (
        <div class="holders">
            {sides.map((side) => {
                const whole = toNumber(side.value);
                const parts = [...side.classes]
                    .sort((a, b) => toNumber(b.value) - toNumber(a.value))
                    .map((c) => ({
                        key: String(c.class),
                        label: className(c.class),
                        value: toNumber(c.value),
                        text: `${money(c.value)}, ${count(c.traders)}`,
                        tone: `class-${(c.class ?? 'none').toLowerCase()}`,
                    }));
                return (
                    <div key={side.side}>
                        <h3>
                            {side.side === 'long' ? 'Long' : 'Short'} <b>{money(side.value)}</b>{' '}
                            <span class="muted">{count(side.traders)} traders</span>
                        </h3>
                        <Shares parts={parts} caption={side.side} />
                        <p class="muted">
                            The largest holds {percent(toNumber(side.largest) / whole, 0)}, the largest ten{' '}
                            {percent(toNumber(side.largest_ten) / whole, 0)}.
                        </p>
                    </div>
                );
            })}
        </div>
    );
}

const traderColumns = (whole: number): Column<TraderCoin>[] => [
    { name: 'user_address', label: 'Trader', isText: true, cell: (t) => <Address value={t.user_address} /> },
    { name: 'volume', label: 'Volume', table: 'TraderCoin', cell: (t) => <Dollars value={t.volume} /> },
    { name: 'share', label: 'Share', onPhone: false, cell: (t) => percent(toNumber(t.volume) / whole) },
    {
        name: 'taker_volume',
        label: 'Taker',
        table: 'TraderCoin',
        onPhone: false,
        cell: (t) => percent(toNumber(t.taker_volume) / toNumber(t.volume), 0),
    },
    { name: 'net_pnl', label: 'Net PnL', table: 'TraderCoin', cell: (t) => <Gain value={t.net_pnl} /> },
];

const TRADER_ORDERS: Record<string, { sort: string; order: string; title: string }> = {
    volume: { sort: 'volume', order: 'desc', title: 'Largest traders' },
    earned: { sort: 'net_pnl', order: 'desc', title: 'Who earned most' },
    lost: { sort: 'net_pnl', order: 'asc', title: 'Who lost most' },
};

/** `whole`: of both sides of all trades. */
function Traders({ coin, whole }: { coin: string; whole: number }) {
    const { query } = usePlace();
    const by = query.get('traders') ?? 'volume';
    const { sort, order, title } = TRADER_ORDERS[by] ?? TRADER_ORDERS.volume!;
    const sign = order === 'desc' ? 1 : -1;
    const answer = useAnswer<TraderCoinList>(
        url(`/assets/${encodeURIComponent(coin)}/traders`, { sort, order, limit: 10 }),
    );
    return (
        <Panel
            title={title}
            note="over all days"
            actions={
                <Choice
                    label="Traders of the coin"
                    options={[
                        ['volume', 'Volume'],
                        ['earned', 'Earned'],
                        ['lost', 'Lost'],
                    ]}
                    value={by}
                    onChange={(v) => setQuery({ traders: v === 'volume' ? null : v })}
                />
            }
        >
            <Show answer={answer}>
                {(list) => {
                    const rows = list.items.filter((t) => by === 'volume' || toNumber(t.net_pnl) * sign > 0);
                    return rows.length ? (
                        <Table
                            caption={title}
                            rows={rows}
                            keyOf={(t) => t.user_address}
                            hrefOf={(t) => traderPath(t.user_address)}
                            columns={traderColumns(whole)}
                        />
                    ) : (
                        <Empty title={`Nobody has ${by} here`} />
                    );
                }}
            </Show>
        </Panel>
    );
}

function Lists({ coin }: { coin: string }) {
    const zone = useClock();
    const { query } = usePlace();
    const closed = query.get('closed') ?? 'wins';
    const isMeant = (e: Episode) => (closed === 'wins' ? toNumber(e.net_pnl) > 0 : toNumber(e.net_pnl) < 0);
    const positions = useAnswer<EpisodeList>(url('/positions', { coin, limit: 10 }));
    const best = useAnswer<EpisodeList>(
        url('/episodes', { coin, sort: 'net_pnl', order: closed === 'wins' ? 'desc' : 'asc', limit: 10 }),
    );
    const liquidations = useAnswer<EpisodeList>(url('/episodes', { coin, liquidated: true, limit: 10 }));
    return (
        <>
            <Panel title="Largest positions">
                <Show answer={positions}>
                    {(list) =>
                        list.items.length ? (
                            <Table
                                caption="Largest positions"
                                rows={list.items}
                                keyOf={(e) => e.user_address}
                                hrefOf={(e) => traderPath(e.user_address)}
                                columns={[
                                    columns.trader,
                                    columns.side,
                                    columns.value,
                                    { ...columns.entry, name: 'entry', cell: (e) => price(e.entry) },
                                    columns.openPnl,
                                ]}
                            />
                        ) : (
                            <Empty title="Nobody holds a position" />
                        )
                    }
                </Show>
            </Panel>
            <Panel
                title={closed === 'wins' ? 'Largest wins, closed' : 'Largest losses, closed'}
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
            >
                <Show answer={best}>
                    {(list) =>
                        list.items.some(isMeant) ? (
                            <Table
                                caption="Closed positions"
                                rows={list.items.filter(isMeant)}
                                keyOf={(_, i) => String(i)}
                                hrefOf={(e) => traderPath(e.user_address)}
                                columns={[
                                    columns.trader,
                                    columns.side,
                                    columns.net,
                                    columns.held,
                                    columns.closed(zone),
                                ]}
                            />
                        ) : (
                            <Empty title={`No position was closed with a ${closed === 'wins' ? 'gain' : 'loss'}`} />
                        )
                    }
                </Show>
            </Panel>
            <Panel title="Newest liquidations" note="of the victim">
                <Show answer={liquidations}>
                    {(list) =>
                        list.items.length ? (
                            <Table
                                caption="Liquidations"
                                rows={list.items}
                                keyOf={(_, i) => String(i)}
                                hrefOf={(e) => traderPath(e.user_address)}
                                columns={[
                                    columns.trader,
                                    columns.side,
                                    columns.opened,
                                    columns.net,
                                    columns.closed(zone),
                                ]}
                            />
                        ) : (
                            <Empty title="Nobody was liquidated" />
                        )
                    }
                </Show>
            </Panel>
            <Panel title="Signals">
                <Empty title="None yet">
                    This version computes no signals of a coin. They will compare what each class of traders does here
                    with what it usually does.
                </Empty>
            </Panel>
        </>
    );
}

export function Asset({ coin }: { coin: string }) {
    const answer = useAnswer<Answers['getAsset']>(url(`/assets/${encodeURIComponent(coin)}`));
    const days = useAnswer<CoinDayList>(
        answer.data ? url(`/assets/${encodeURIComponent(coin)}/daily`, { limit: 1000 }) : null,
    );
    const holders = useAnswer<Answers['getHolders']>(
        answer.data ? url(`/assets/${encodeURIComponent(coin)}/holders`) : null,
    );
    const a = answer.data?.asset;
    if (!a)
        return (
            <main tabIndex={-1}>
                {answer.problem ? (
                    answer.problem.status === 404 || answer.problem.status === 400 ? (
                        <Empty title={`There is no coin ${coin} here`}>
                            <a href="/assets">All coins</a>
                        </Empty>
                    ) : (
                        <Failure problem={answer.problem} retry={answer.retry} />
                    )
                ) : (
                    <Skeleton rows={14} />
                )}
            </main>
        );
    return (
        <main tabIndex={-1}>
            <div class="title">
                <h1>{a.coin}</h1>
                <span class="badge">{a.kind}</span>
                <p class="price">
                    <b>{price(a.close)}</b> <Toned value={changeOf(a)} text={percent(changeOf(a), 2, true)} />{' '}
                    <span class="muted">on the day before</span>
                </p>
            </div>
            <dl class="figures">
                <Figure label="Volume, last day" term={['Asset', 'last_day_volume']}>
                    <Dollars value={a.last_day_volume} />
                </Figure>
                <Figure label="Traders, last day" term={['Asset', 'last_day_traders']}>
                    {count(a.last_day_traders)}
                </Figure>
                <Figure label="Volume in all" term={['Asset', 'volume']} note={<>{count(a.active_days)} days</>}>
                    <Dollars value={a.volume} />
                </Figure>
                <Figure label="Takers bought" term={['Asset', 'taker_buy_volume']}>
                    {percent(toNumber(a.taker_buy_volume) / toNumber(a.volume))}
                </Figure>
                <Figure label="Liquidated" term={['Asset', 'liquidated_notional']}>
                    <Dollars value={a.liquidated_notional} />
                </Figure>
                <Figure label="Trades" term={['Asset', 'trade_count']}>
                    {count(a.trade_count)}
                </Figure>
            </dl>
            <div class="grid">
                <Panel title="Price and volume" note="UTC days" wide>
                    <Show answer={days} rows={10}>
                        {(list) => <Prices list={list.items} />}
                    </Show>
                </Panel>
                <Panel title="Who is long and short" note="perp positions by class, at the last price" wide>
                    <Show answer={holders}>{(list) => <Holders sides={list.sides} />}</Show>
                </Panel>
                <Traders coin={coin} whole={2 * toNumber(a.volume)} />
                <Lists coin={coin} />
            </div>
        </main>
    );
}
