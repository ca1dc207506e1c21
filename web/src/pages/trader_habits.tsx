// In what, when, in which sizes and for how long a trader trades, and what the price does afterwards.
import { url, useAnswer } from '../api';
import type { Answers, Episode, EpisodeList, Trader, TraderCoin, TraderCoinList } from '../api_types';
import { Bars, type Bar } from '../charts/bars';
import { Week } from '../charts/week';
import { compact, count, money, percent, points, toNumber } from '../format';
import { Dollars, Gain } from '../parts/numbers';
import { Panel } from '../parts/panel';
import { CoinLink, minutesOf } from '../parts/shared_columns';
import { Empty, Show } from '../parts/states';
import { Table, type Column } from '../parts/table';

const COINS = 10;

const coinColumns = (whole: number): Column<TraderCoin>[] => [
    { name: 'coin', label: 'Coin', isText: true, cell: (c) => <CoinLink coin={c.coin} /> },
    { name: 'share', label: 'Share', cell: (c) => percent(toNumber(c.volume) / whole) },
    { name: 'volume', label: 'Volume', table: 'TraderCoin', cell: (c) => <Dollars value={c.volume} /> },
    {
        name: 'buy_volume',
        label: 'Bought',
        onPhone: false,
        table: 'TraderCoin',
        cell: (c) => percent(toNumber(c.buy_volume) / toNumber(c.volume), 0),
    },
    {
        name: 'taker_volume',
        label: 'Taker',
        onPhone: false,
        table: 'TraderCoin',
        cell: (c) => percent(toNumber(c.taker_volume) / toNumber(c.volume), 0),
    },
    { name: 'fill_count', label: 'Fills', table: 'TraderCoin', cell: (c) => count(c.fill_count) },
    { name: 'net_pnl', label: 'Net PnL', table: 'TraderCoin', cell: (c) => <Gain value={c.net_pnl} /> },
];

/** Bars of fills by size in dollars; empty ends are left out. */
export function sizeBars(sizes: number[]): Bar[] {
    const first = sizes.findIndex((n) => n > 0);
    const last = sizes.findLastIndex((n) => n > 0);
    if (first < 0) return [];
    const edge = (i: number) => 10 ** ((i - 4) / 2);
    return sizes.slice(first, last + 1).map((n, i) => ({
        key: String(first + i),
        value: n,
        text: `${count(n)} fills`,
        label: `$${compact(edge(first + i))} to $${compact(edge(first + i + 1))}`,
    }));
}

const HOLDS: [minutes: number, label: string][] = [
    [1, 'under 1m'],
    [5, '1 to 5m'],
    [15, '5 to 15m'],
    [60, '15 to 60m'],
    [240, '1 to 4h'],
    [1440, '4 to 24h'],
    [10080, '1 to 7d'],
    [Infinity, 'over 7d'],
];

export function holdBars(episodes: Episode[]): Bar[] {
    const seen = episodes.filter((e) => !e.left_censored && !e.broken && e.close_time !== null);
    return HOLDS.map(([most, label], i) => {
        const least = HOLDS[i - 1]?.[0] ?? 0;
        const inside = seen.filter((e) => minutesOf(e) >= least && minutesOf(e) < most);
        const won = inside.filter((e) => toNumber(e.net_pnl) > 0).length;
        return {
            key: label,
            value: inside.length,
            label,
            text: `${count(inside.length)} positions${inside.length ? `, ${percent(won / inside.length, 0)} won` : ''}`,
        };
    });
}

const HORIZONS = ['1s', '10s', '1m', '5m', '1h'] as const;

function Markouts({ t }: { t: Trader }) {
    const rows = [
        ['Taker', 'taker'],
        ['Maker', 'maker'],
    ] as const;
    const value = (role: 'taker' | 'maker', h: (typeof HORIZONS)[number]) => t[`${role}_markout_bps_${h}`];
    return (
        <div class="markouts">
            {rows.map(([label, role]) => {
                const bars = HORIZONS.map((h): Bar => {
                    const bp = value(role, h);
                    return {
                        key: h,
                        value: bp ?? NaN,
                        label: `after ${h}`,
                        text: points(bp),
                        tone: (bp ?? 0) >= 0 ? 'up' : 'down',
                    };
                });
                const isKnown = bars.some((bar) => Number.isFinite(bar.value));
                return (
                    <div key={role}>
                        <h3>{label}</h3>
                        {isKnown ? (
                            <>
                                <Bars
                                    bars={bars}
                                    caption={`${label} markout`}
                                    height={90}
                                    ends={false}
                                    initial="Move in the trader's favour"
                                />
                                <div class="ticks">
                                    {HORIZONS.map((h) => (
                                        <span key={h}>{h}</span>
                                    ))}
                                </div>
                            </>
                        ) : (
                            <p class="muted">No {label.toLowerCase()} fills.</p>
                        )}
                    </div>
                );
            })}
        </div>
    );
}

export function Habits({ address, trader }: { address: string; trader: Trader }) {
    const coins = useAnswer<TraderCoinList>(url(`/traders/${address}/coins`, { limit: COINS }));
    const activity = useAnswer<Answers['getActivity']>(url(`/traders/${address}/activity`));
    const episodes = useAnswer<EpisodeList>(url(`/traders/${address}/episodes`, { limit: 1000 }));
    const note = activity.data && (activity.data.complete ? 'all fills' : `newest ${count(activity.data.fills)} fills`);
    return (
        <div class="grid">
            <Panel
                title="Coins"
                note={
                    trader.unique_coins > COINS
                        ? `the ${COINS} with most volume of ${count(trader.unique_coins)}`
                        : 'by volume'
                }
            >
                <Show answer={coins}>
                    {(list) => (
                        <Table
                            caption="Coins of this trader"
                            columns={coinColumns(toNumber(trader.volume))}
                            rows={list.items}
                            keyOf={(c) => c.coin}
                        />
                    )}
                </Show>
            </Panel>
            <Panel title="Hours of the week" note={note}>
                <Show answer={activity}>{(a) => <Week hours={a.hours} />}</Show>
            </Panel>
            <Panel
                title="How long positions are held"
                note={episodes.data && (episodes.data.next_cursor ? 'newest 1,000 episodes' : 'all episodes')}
            >
                <Show answer={episodes}>
                    {(list) => {
                        const bars = holdBars(list.items);
                        return bars.some((bar) => bar.value > 0) ? (
                            <Bars
                                bars={bars}
                                caption="Positions by how long they were held"
                                height={130}
                                initial="Point at a bar"
                            />
                        ) : (
                            <Empty title="No position was both opened and closed in the data" />
                        );
                    }}
                </Show>
            </Panel>
            <Panel title="How large the fills are" note={note}>
                <Show answer={activity}>
                    {(a) => (
                        <Bars
                            bars={sizeBars(a.sizes)}
                            caption="Fills by size"
                            height={130}
                            initial={`mean ${money(trader.avg_trade_size)}, largest ${money(trader.max_trade_size)}`}
                        />
                    )}
                </Show>
            </Panel>
            <Panel title="What the price does after a fill" note="markout, by volume" wide>
                <Markouts t={trader} />
            </Panel>
        </div>
    );
}
