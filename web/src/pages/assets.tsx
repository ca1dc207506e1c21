// All coins, by volume or any other figure.
import { url, useAnswer } from '../api';
import type { Asset, AssetList } from '../api_types';
import { count, percent, price, toNumber } from '../format';
import { Dollars, Toned } from '../parts/numbers';
import { Choice } from '../parts/panel';
import { Empty, Failure } from '../parts/states';
import { CoinLink } from '../parts/shared_columns';
import { LongTable, type Column } from '../parts/table';
import { assetPath, setQuery, usePlace } from '../router';
import { changeOf } from './overview_market';

const buyShare = (a: Asset) => toNumber(a.taker_buy_volume) / toNumber(a.volume);

const columns: Column<Asset>[] = [
    { name: 'coin', label: 'Coin', isText: true, width: 130, cell: (a) => <CoinLink coin={a.coin} /> },
    {
        name: 'kind',
        label: 'Kind',
        isText: true,
        width: 90,
        table: 'Asset',
        cell: (a) => <span class="muted">{a.kind}</span>,
    },
    { name: 'close', label: 'Last', table: 'Asset', width: 110, cell: (a) => price(a.close) },
    {
        name: 'change',
        label: 'Day',
        width: 90,
        cell: (a) => <Toned value={changeOf(a)} text={percent(changeOf(a), 2, true)} />,
    },
    { name: 'last_day_volume', label: 'Last day', table: 'Asset', cell: (a) => <Dollars value={a.last_day_volume} /> },
    { name: 'last_day_traders', label: 'Traders', table: 'Asset', width: 90, cell: (a) => count(a.last_day_traders) },
    { name: 'volume', label: 'Volume', table: 'Asset', cell: (a) => <Dollars value={a.volume} /> },
    { name: 'taker_buy_volume', label: 'Takers bought', table: 'Asset', width: 120, cell: (a) => percent(buyShare(a)) },
    {
        name: 'liquidated_notional',
        label: 'Liquidated',
        table: 'Asset',
        cell: (a) => <Dollars value={a.liquidated_notional} />,
    },
    { name: 'active_days', label: 'Days', table: 'Asset', width: 70, cell: (a) => count(a.active_days) },
];

const VALUES: Record<string, (a: Asset) => number> = { change: changeOf, taker_buy_volume: buyShare };
const valueOf = (a: Asset, name: string) => VALUES[name]?.(a) ?? toNumber(a[name as 'volume']);

export function Assets() {
    const { query } = usePlace();
    const kind = query.get('kind') ?? '';
    const word = (query.get('find') ?? '').toLowerCase();
    const sort = query.get('sort') ?? 'volume';
    const order = query.get('order') === 'asc' ? 'asc' : 'desc';
    const answer = useAnswer<AssetList>(url('/assets', { kind }));
    const sign = order === 'asc' ? 1 : -1;
    // What is unknown comes last, either way.
    const rank = (a: Asset) => {
        const n = valueOf(a, sort);
        return Number.isFinite(n) ? n * sign : Infinity;
    };
    const rows = (answer.data?.items ?? [])
        .filter((a) => a.coin.toLowerCase().includes(word))
        .sort((a, b) => rank(a) - rank(b));
    const onSort = (name: string) =>
        setQuery(
            name === sort
                ? { order: order === 'desc' ? 'asc' : null }
                : { sort: name === 'volume' ? null : name, order: null },
        );
    return (
        <main tabIndex={-1} class="full">
            <div class="title">
                <h1>Assets</h1>
                <p class="muted" role="status">
                    {answer.data ? `${count(rows.length)} coins` : answer.problem ? '' : 'Loading'}
                </p>
                <div class="actions">
                    <input
                        aria-label="Find a coin"
                        placeholder="Find a coin"
                        value={query.get('find') ?? ''}
                        onInput={(event) => setQuery({ find: event.currentTarget.value })}
                    />
                    <Choice
                        label="Kind"
                        options={[
                            ['', 'All'],
                            ['perp', 'Perps'],
                            ['hip3', 'HIP-3'],
                            ['spot', 'Spot'],
                            ['outcome', 'Outcomes'],
                        ]}
                        value={kind}
                        onChange={(v) => setQuery({ kind: v })}
                    />
                </div>
            </div>
            {answer.problem && !answer.data ? (
                <Failure problem={answer.problem} retry={answer.retry} />
            ) : answer.data && rows.length === 0 ? (
                <Empty title="No such coin">None of this kind has this name.</Empty>
            ) : (
                <LongTable
                    caption="Assets"
                    columns={columns}
                    rows={rows}
                    keyOf={(a) => a.coin}
                    hrefOf={(a) => assetPath(a.coin)}
                    order={{ sort, order, onSort, isSortable: (name) => name !== 'coin' && name !== 'kind' }}
                    hasMore={false}
                    isLoading={!answer.data}
                    onMore={() => {}}
                />
            )}
        </main>
    );
}
