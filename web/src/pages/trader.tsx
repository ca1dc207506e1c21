// One trader: how it went, what he holds, what he did, how he trades, and what the figures mean.
import { useMemo } from 'preact/hooks';
import { url, useAnswer } from '../api';
import type { Answers, EpisodeList, Trader as TraderRow, TraderDay, TraderDayList } from '../api_types';
import { TimeChart } from '../charts/chart';
import { count, day, duration, money, percent, ratio, short, toNumber, when } from '../format';
import { lazy } from '../lazy';
import { CopyButton, WatchButton } from '../parts/address';
import { ClassBadge, Dollars, Figure, Gain } from '../parts/numbers';
import { Panel, Tabs } from '../parts/panel';
import { Empty, Failure, Show, Skeleton } from '../parts/states';
import { setQuery, usePlace } from '../router';
import { useClock } from '../settings';
import { Caveats } from './trader_caveats';

const Positions = lazy<{ address: string }>(() => import('./trader_lists').then((part) => part.Positions));
const Episodes = lazy<{ address: string }>(() => import('./trader_lists').then((part) => part.Episodes));
const Fills = lazy<{ address: string }>(() => import('./trader_lists').then((part) => part.Fills));
const Habits = lazy<{ address: string; trader: TraderRow }>(() =>
    import('./trader_habits').then((part) => part.Habits),
);
const AllFigures = lazy<{ trader: TraderRow }>(() => import('./trader_figures').then((part) => part.AllFigures));

/** Running sums by day, and how far each is below its highest. */
export function equityOf(days: TraderDay[]) {
    let marked = 0;
    let peak = 0;
    const realised: number[] = [];
    const market: number[] = [];
    const drawdown: number[] = [];
    for (const d of days) {
        const sum = toNumber(d.cumulative_net_pnl);
        marked += toNumber(d.net_pnl_mtm) + toNumber(d.net_pnl_mtm_idle);
        peak = Math.max(peak, sum);
        realised.push(sum);
        market.push(marked);
        drawdown.push(sum - peak);
    }
    return { realised, market, drawdown };
}

function Equity({ days }: { days: TraderDay[] }) {
    const shown = useMemo(() => {
        const sums = equityOf(days);
        const gains = days.map((d) => toNumber(d.net_pnl));
        const format = { y: (v: number) => money(v) };
        return {
            dates: days.map((d) => d.date),
            format,
            equity: [
                { label: 'Realised', values: sums.realised, color: '--accent', kind: 'area' as const },
                { label: 'Perps, marked to market', values: sums.market, color: '--second' },
            ],
            below: [{ label: 'Below its highest', values: sums.drawdown, color: '--down', kind: 'area' as const }],
            daily: [
                { label: 'Gain', values: gains.map((v) => (v >= 0 ? v : null)), color: '--up', kind: 'bars' as const },
                { label: 'Loss', values: gains.map((v) => (v < 0 ? v : null)), color: '--down', kind: 'bars' as const },
            ],
        };
    }, [days]);
    if (days.length < 2)
        return (
            <Empty title="One day of data">
                A curve begins with the second day. The figures above and below hold all there is.
            </Empty>
        );
    return (
        <div class="equity">
            <h3>Cumulative net PnL</h3>
            <TimeChart
                days={shown.dates}
                curves={shown.equity}
                format={shown.format}
                height={250}
                sync="trader"
                caption="Cumulative net PnL"
            />
            <h3>Drawdown</h3>
            <TimeChart
                days={shown.dates}
                curves={shown.below}
                format={shown.format}
                height={120}
                sync="trader"
                caption="Drawdown of realised net PnL"
            />
            <h3>Net PnL of each day</h3>
            <TimeChart
                days={shown.dates}
                curves={shown.daily}
                format={shown.format}
                height={140}
                sync="trader"
                caption="Net PnL by day"
            />
        </div>
    );
}

function Top({ t }: { t: TraderRow }) {
    return (
        <dl class="figures">
            <Figure label="Net PnL" term={['Trader', 'net_pnl']} note={<>{money(t.fees_paid)} fees off</>}>
                <Gain value={t.net_pnl} />
            </Figure>
            <Figure label="Marked to market" term={['Trader', 'net_pnl_mtm']} note="perps">
                <Gain value={t.net_pnl_mtm} />
            </Figure>
            <Figure label="Volume" term={['Trader', 'volume']} note={<>{percent(t.maker_share, 0)} as maker</>}>
                <Dollars value={t.volume} />
            </Figure>
            <Figure
                label="Win rate"
                term={['Trader', 'episode_win_rate']}
                note={<>of {count(t.episode_count)} episodes</>}
            >
                {percent(t.episode_win_rate, 0)}
            </Figure>
            <Figure
                label="Sharpe"
                term={['Trader', 'sharpe_ratio']}
                note={t.sharpe_se === null ? 'too few days' : <>± {ratio(t.sharpe_se, 1)}</>}
            >
                {ratio(t.sharpe_ratio)}
            </Figure>
            <Figure label="Drawdown" term={['Trader', 'max_drawdown']} note="deepest">
                <Dollars value={t.max_drawdown} />
            </Figure>
            <Figure
                label="Holds for"
                term={['Trader', 'avg_hold_time_minutes']}
                note={<>{duration(t.winner_hold_time)} if it wins</>}
            >
                {duration(t.avg_hold_time_minutes)}
            </Figure>
            <Figure label="Edge" term={['Trader', 'edge_bps']} note="of volume, after fees">
                {ratio(t.edge_bps, 2)} bp
            </Figure>
        </dl>
    );
}

const TABS: [string, string][] = [
    ['positions', 'Positions'],
    ['episodes', 'Episodes'],
    ['habits', 'Coins and habits'],
    ['figures', 'All figures'],
    ['fills', 'Fills'],
];

function Profile({ answer, address }: { answer: Answers['getTrader']; address: string }) {
    const zone = useClock();
    const { query } = usePlace();
    const t = answer.trader;
    const verdict = answer.classes.find((c) => c.profile === 'vigil');
    const tab = TABS.some(([key]) => key === query.get('tab')) ? query.get('tab')! : 'positions';
    const days = useAnswer<TraderDayList>(url(`/traders/${address}/daily`, { limit: 1000 }));
    const positions = useAnswer<EpisodeList>(url(`/traders/${address}/positions`));
    return (
        <>
            <div class="title trader-title">
                <h1 title={address}>
                    {short(address)}
                    <CopyButton text={address} label="Copy the address" />
                </h1>
                <ClassBadge name={t.class} reason={verdict?.reason} />
                <WatchButton address={address} />
                <p class="muted">
                    {day(t.first_trade, true)} to{' '}
                    <time title={when(t.last_trade, zone, true)}>{when(t.last_trade, zone)}</time>, {t.active_days}{' '}
                    active {t.active_days === 1 ? 'day' : 'days'}, {t.unique_coins} coins
                </p>
            </div>
            {verdict && (
                <p class="reason">
                    <b>Why {verdict.class}:</b> {verdict.reason}{' '}
                    <span title="which rules">({verdict.rule_version})</span>
                </p>
            )}
            <Caveats trader={t} coverage={answer.coverage} />
            <Top t={t} />
            <Panel
                title="How it went"
                note="days with a fill"
                wide
                actions={
                    <a
                        class="button quiet"
                        href={url(`/traders/${address}/daily`, { limit: 1000, format: 'csv' })}
                        download={`${address}-daily.csv`}
                    >
                        CSV
                    </a>
                }
            >
                <Show answer={days} rows={10}>
                    {(list) => <EquityOf list={list} />}
                </Show>
            </Panel>
            <Tabs
                label="More of this trader"
                tabs={TABS.map(([key, text]) => [
                    key,
                    key === 'positions' && positions.data ? `${text} (${positions.data.items.length})` : text,
                ])}
                value={tab}
                onChange={(key) => setQuery({ tab: key === 'positions' ? null : key })}
            />
            <div id="tab-panel" role="tabpanel" aria-labelledby={`tab-${tab}`}>
                {tab === 'positions' && <Positions address={address} />}
                {tab === 'episodes' && <Episodes address={address} />}
                {tab === 'habits' && <Habits address={address} trader={t} />}
                {tab === 'figures' && <AllFigures trader={t} />}
                {tab === 'fills' && <Fills address={address} />}
            </div>
        </>
    );
}

function EquityOf({ list }: { list: TraderDayList }) {
    const days = useMemo(() => [...list.items].reverse(), [list]);
    return <Equity days={days} />;
}

export function Trader({ address }: { address: string }) {
    const isAddress = /^0x[0-9a-f]{40}$/.test(address);
    const answer = useAnswer<Answers['getTrader']>(isAddress ? url(`/traders/${address}`) : null);
    return (
        <main tabIndex={-1}>
            {!isAddress && (
                <Empty title="This is no address">
                    An address is 0x and 40 hexadecimal digits. <a href="/traders">Look for a trader</a>.
                </Empty>
            )}
            {isAddress && answer.data && <Profile answer={answer.data} address={address} />}
            {isAddress &&
                !answer.data &&
                answer.problem &&
                (answer.problem.status === 404 ? (
                    <Empty title="This address has no fills here">
                        {short(address)} did not trade in the time that the lake covers.{' '}
                        <a href="/traders">Look for another</a>.
                    </Empty>
                ) : (
                    <Failure problem={answer.problem} retry={answer.retry} />
                ))}
            {isAddress && !answer.data && !answer.problem && <Skeleton rows={14} />}
        </main>
    );
}
