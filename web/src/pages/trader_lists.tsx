// A trader's positions, episodes and fills.
import { url, useAnswer } from '../api';
import type { Episode, EpisodeList, Fill } from '../api_types';
import { count, price, when } from '../format';
import { usePages } from '../pages_of';
import { Icon } from '../parts/icons';
import { Amount, Dollars, Gain, Side } from '../parts/numbers';
import { Panel } from '../parts/panel';
import * as columns from '../parts/shared_columns';
import { Empty, Failure, Show } from '../parts/states';
import { LongTable, Table, type Column } from '../parts/table';
import { setQuery, usePlace } from '../router';
import { useClock, type Clock } from '../settings';

export function Positions({ address }: { address: string }) {
    const zone = useClock();
    const answer = useAnswer<EpisodeList>(url(`/traders/${address}/positions`));
    return (
        <Panel title="Positions at the end of the data" note="perps, at the coin's last price" wide>
            <Show answer={answer}>
                {(list) =>
                    list.items.length ? (
                        <Table
                            caption="Open positions"
                            keyOf={(e) => e.coin}
                            rows={[...list.items].sort((a, b) => columns.valueOf(b) - columns.valueOf(a))}
                            columns={[
                                columns.coin,
                                columns.side,
                                columns.size,
                                columns.value,
                                { ...columns.entry, name: 'entry', cell: (e) => price(e.entry) },
                                columns.mark,
                                columns.openPnl,
                                columns.openTime(zone),
                                columns.fills,
                                columns.maker,
                            ]}
                        />
                    ) : (
                        <Empty title="Flat">No perp position is open at the end of the data.</Empty>
                    )
                }
            </Show>
        </Panel>
    );
}

function CoinFilter({ value }: { value: string }) {
    return (
        <label class="field inline">
            <span>Coin</span>
            <input
                value={value}
                placeholder="any"
                maxLength={40}
                spellcheck={false}
                onChange={(event) => setQuery({ coin: event.currentTarget.value.trim() })}
            />
        </label>
    );
}

const Csv = ({ href, name }: { href: string; name: string }) => (
    <a class="button quiet" href={href} download={name}>
        <Icon name="download" />
        CSV
    </a>
);

export function Episodes({ address }: { address: string }) {
    const zone = useClock();
    const coin = usePlace().query.get('coin') ?? '';
    const pages = usePages<Episode>(url(`/traders/${address}/episodes`, { coin, limit: 200 }));
    const marks: Column<Episode> = {
        name: 'liquidated',
        label: 'Notes',
        isText: true,
        width: 130,
        cell: (e) =>
            [e.liquidated && 'liquidated', e.left_censored && 'opened before', e.broken && 'cut by a gap']
                .filter(Boolean)
                .join(', '),
    };
    return (
        <Panel
            title="Episodes"
            note="from flat to flat or to the flip, the newest first"
            wide
            actions={
                <>
                    <CoinFilter value={coin} />
                    <Csv
                        href={url(`/traders/${address}/episodes`, { coin, limit: 1000, format: 'csv' })}
                        name={`${address}-episodes.csv`}
                    />
                </>
            }
        >
            {pages.problem && <Failure problem={pages.problem} retry={pages.retry} />}
            {!pages.isLoading && !pages.rows.length ? (
                !pages.problem && <Empty title="No position was closed" />
            ) : (
                <LongTable
                    caption="Episodes"
                    rows={pages.rows}
                    keyOf={(e) => `${e.coin} ${e.open_time} ${e.close_time} ${e.opened_notional}`}
                    columns={[
                        columns.closed(zone),
                        columns.coin,
                        columns.side,
                        columns.held,
                        columns.opened,
                        columns.entry,
                        columns.exit,
                        columns.net,
                        columns.fills,
                        columns.maker,
                        marks,
                    ]}
                    hasMore={pages.hasMore}
                    isLoading={pages.isLoading}
                    onMore={pages.more}
                    footer={`${count(pages.rows.length)}${pages.hasMore ? '+' : ''} episodes`}
                />
            )}
        </Panel>
    );
}

const fillColumns = (zone: Clock): Column<Fill>[] => [
    {
        name: 'time',
        label: 'Time',
        isText: true,
        width: 170,
        cell: (f) => when(f.time, zone, true).replace(/ (UTC|local)$/, ''),
    },
    { name: 'coin', label: 'Coin', isText: true, width: 110, cell: (f) => <columns.CoinLink coin={f.coin} /> },
    {
        name: 'side',
        label: 'Side',
        isText: true,
        width: 80,
        cell: (f) => <Side value={f.side === 'B' ? 'buy' : 'sell'} />,
    },
    { name: 'direction', label: 'Direction', table: 'Fill', isText: true, width: 130, cell: (f) => f.direction ?? '–' },
    { name: 'price', label: 'Price', table: 'Fill', cell: (f) => price(f.price) },
    { name: 'size', label: 'Size', table: 'Fill', cell: (f) => <Amount value={f.size} /> },
    { name: 'notional', label: 'Notional', cell: (f) => <Dollars value={Number(f.price) * Number(f.size)} /> },
    {
        name: 'start_position',
        label: 'Position before',
        table: 'Fill',
        width: 120,
        cell: (f) => <Amount value={f.start_position} />,
    },
    {
        name: 'closed_pnl',
        label: 'Closed PnL',
        table: 'Fill',
        width: 110,
        cell: (f) => (Number(f.closed_pnl) === 0 ? '–' : <Gain value={f.closed_pnl} />),
    },
    {
        name: 'fee',
        label: 'Fee',
        table: 'Fill',
        cell: (f) => (
            <span title={f.fee_token ?? ''}>
                <Amount value={f.fee} /> {f.fee_token !== 'USDC' && f.fee_token}
            </span>
        ),
    },
    {
        name: 'crossed',
        label: 'Role',
        table: 'Fill',
        isText: true,
        width: 70,
        cell: (f) => (f.crossed ? 'taker' : 'maker'),
    },
];

export function Fills({ address }: { address: string }) {
    const zone = useClock();
    const coin = usePlace().query.get('coin') ?? '';
    const pages = usePages<Fill>(url(`/traders/${address}/fills`, { coin, limit: 200 }));
    return (
        <Panel
            title="Fills"
            note="as the exchange booked them, the newest first"
            wide
            actions={
                <>
                    <CoinFilter value={coin} />
                    <Csv
                        href={url(`/traders/${address}/fills`, { coin, limit: 1000, format: 'csv' })}
                        name={`${address}-fills.csv`}
                    />
                </>
            }
        >
            {pages.problem && <Failure problem={pages.problem} retry={pages.retry} />}
            {!pages.isLoading && !pages.rows.length ? (
                !pages.problem && <Empty title={coin ? `No fills in ${coin}` : 'No fills'} />
            ) : (
                <LongTable
                    caption="Fills"
                    columns={fillColumns(zone)}
                    rows={pages.rows}
                    keyOf={(f) => `${f.block_number} ${f.event_index}`}
                    hasMore={pages.hasMore}
                    isLoading={pages.isLoading}
                    onMore={pages.more}
                    footer={`${count(pages.rows.length)}${pages.hasMore ? '+' : ''} fills`}
                />
            )}
        </Panel>
    );
}
