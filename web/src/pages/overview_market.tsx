// The market on the overview: its figures, its days, what moved.
import { url, useAnswer } from '../api';
import type { Answers, Asset, AssetList, MarketDay } from '../api_types';
import { Bars } from '../charts/bars';
import { count, day, money, percent, price, toNumber } from '../format';
import { Dollars, Figure, Toned } from '../parts/numbers';
import { Panel } from '../parts/panel';
import * as columns from '../parts/shared_columns';
import { Empty, Show } from '../parts/states';
import { Table, type Column } from '../parts/table';
import { assetPath } from '../router';

const MOVERS = 8;

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

export function Figures({ days, coverage }: { days: MarketDay[]; coverage: Answers['getCoverage'] | undefined }) {
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
            <Figure label="Hours in the lake" note={coverage && <HoursNote coverage={coverage} />}>
                {coverage && coverage.hours_span > 0 ? hoursText(coverage.hours_present / coverage.hours_span) : '–'}
            </Figure>
        </dl>
    );
}

/** Objects of no hour, such as a wallet's fills, do not tell whether any is missing. */
function HoursNote({ coverage }: { coverage: Answers['getCoverage'] }) {
    if (coverage.coverage.complete) return <>complete</>;
    return coverage.hours_span > 0 ? <span class="down">some are missing</span> : <>not told</>;
}

const hoursText = (share: number) => percent(share, share < 0.1 || (share > 0.99 && share < 1) ? 1 : 0);

export function MarketDays({ days }: { days: MarketDay[] }) {
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
            class="market-days"
            note={missing > 0 && `${missing} days without data are shaded`}
        >
            <Bars
                bars={bars}
                caption="Volume of the market by day"
                height={150}
                initial={top && `Highest: ${top.text.split(' · ')[0]} on ${top.label}`}
            />
        </Panel>
    );
}

const moverColumns: Column<Asset>[] = [
    { name: 'coin', label: 'Coin', isText: true, cell: (a) => <columns.CoinLink coin={a.coin} /> },
    { name: 'close', label: 'Last', table: 'Asset', cell: (a) => price(a.close) },
    { name: 'change', label: 'Day', cell: (a) => <Toned value={changeOf(a)} text={percent(changeOf(a), 2, true)} /> },
    { name: 'last_day_volume', label: 'Volume', table: 'Asset', cell: (a) => <Dollars value={a.last_day_volume} /> },
];

export function Movers() {
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
