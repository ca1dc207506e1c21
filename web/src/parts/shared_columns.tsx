// Columns that several tables have.
import type { Episode, Leader } from '../api_types';
import { count, duration, percent, price, when } from '../format';
import { assetPath } from '../router';
import type { Clock } from '../settings';
import { Address } from './address';
import { Amount, ClassBadge, Dollars, Gain, Side } from './numbers';
import type { Column } from './table';

export const CoinLink = ({ coin }: { coin: string }) => (
    <a class="coin" href={assetPath(coin)}>
        {coin}
    </a>
);

type Of = Column<Episode>;
export const trader: Of = {
    name: 'user_address',
    label: 'Trader',
    isText: true,
    width: 150,
    cell: (e) => <Address value={e.user_address} />,
};
export const coin: Of = {
    name: 'coin',
    label: 'Coin',
    isText: true,
    width: 110,
    cell: (e) => <CoinLink coin={e.coin} />,
};
export const side: Of = { name: 'side', label: 'Side', isText: true, width: 80, cell: (e) => <Side value={e.side} /> };
export const opened: Of = {
    name: 'opened_notional',
    label: 'Opened',
    table: 'Episode',
    width: 100,
    cell: (e) => <Dollars value={e.opened_notional} />,
};
export const net: Of = {
    name: 'net_pnl',
    label: 'Net PnL',
    table: 'Episode',
    width: 110,
    cell: (e) => <Gain value={e.net_pnl} />,
};
export const entry: Of = {
    name: 'entry_vwap',
    label: 'Entry',
    table: 'Episode',
    width: 100,
    cell: (e) => price(e.entry_vwap ?? e.entry),
};
export const exit: Of = {
    name: 'exit_vwap',
    label: 'Exit',
    table: 'Episode',
    width: 100,
    cell: (e) => price(e.exit_vwap),
};
export const fills: Of = { name: 'fills', label: 'Fills', table: 'Episode', width: 80, cell: (e) => count(e.fills) };
export const maker: Of = {
    name: 'maker_share',
    label: 'Maker',
    table: 'Episode',
    width: 80,
    cell: (e) => percent(e.maker_share, 0),
};

export const minutesOf = (e: Episode) =>
    e.close_time ? (Date.parse(e.close_time) - Date.parse(e.open_time)) / 60000 : NaN;
export const held: Of = {
    name: 'held',
    label: 'Held',
    width: 90,
    cell: (e) =>
        e.left_censored ? (
            <span class="muted" title="Its opening was not seen">
                {minutesOf(e) > 0 ? `≥ ${duration(minutesOf(e))}` : 'unseen'}
            </span>
        ) : (
            duration(minutesOf(e))
        ),
};
export const closed = (zone: Clock): Of => ({
    name: 'close_time',
    label: 'Closed',
    isText: true,
    table: 'Episode',
    width: 120,
    cell: (e) => <time title={when(e.close_time, zone, true)}>{when(e.close_time, zone)}</time>,
});
export const openTime = (zone: Clock): Of => ({
    name: 'open_time',
    label: 'Since',
    isText: true,
    table: 'Episode',
    width: 120,
    cell: (e) => (
        <time title={when(e.open_time, zone, true)}>
            {e.left_censored ? '≤ ' : ''}
            {when(e.open_time, zone)}
        </time>
    ),
});

/** What a position is worth at the last price. */
export const valueOf = (e: Episode) => Math.abs(Number(e.position)) * Number(e.last_price ?? NaN);
/** What it would win at that price, before fees. */
export const openPnlOf = (e: Episode) =>
    e.entry === null || e.last_price === null ? NaN : Number(e.position) * (Number(e.last_price) - e.entry);
export const value: Of = { name: 'value', label: 'Value', width: 100, cell: (e) => <Dollars value={valueOf(e)} /> };
export const openPnl: Of = {
    name: 'open_pnl',
    label: 'Unrealised',
    width: 110,
    cell: (e) => <Gain value={openPnlOf(e)} />,
};
export const size: Of = {
    name: 'position',
    label: 'Size',
    table: 'Episode',
    width: 100,
    cell: (e) => <Amount value={e.position} />,
};
export const mark: Of = {
    name: 'last_price',
    label: 'Last price',
    table: 'Episode',
    width: 100,
    cell: (e) => price(e.last_price),
};

export const leaders: Column<Leader>[] = [
    { name: 'rank', label: '#', cell: (l) => l.rank },
    { name: 'user_address', label: 'Trader', isText: true, cell: (l) => <Address value={l.user_address} /> },
    { name: 'class', label: 'Class', isText: true, onPhone: false, cell: (l) => <ClassBadge name={l.class} /> },
    { name: 'net_pnl', label: 'Net PnL', table: 'Leader', cell: (l) => <Gain value={l.net_pnl} /> },
    { name: 'volume', label: 'Volume', table: 'Leader', cell: (l) => <Dollars value={l.volume} /> },
];
