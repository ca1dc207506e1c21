// Columns of the list of traders: the usual ones, and any other figure.
import type { Trader } from '../api_types';
import { count, duration, percent, ratio, when, words } from '../format';
import { Address } from '../parts/address';
import { FigureList } from '../parts/figure_list';
import { ClassBadge, Dollars, Gain } from '../parts/numbers';
import type { Column } from '../parts/table';
import { useDefinitions } from '../parts/term';
import { setQuery } from '../router';
import type { Clock } from '../settings';

export const known = (zone: Clock): Column<Trader>[] => [
    {
        name: 'user_address',
        label: 'Trader',
        isText: true,
        width: 165,
        cell: (t) => <Address value={t.user_address} />,
    },
    {
        name: 'class',
        label: 'Class',
        isText: true,
        width: 120,
        table: 'Trader',
        onPhone: false,
        cell: (t) => <ClassBadge name={t.class} />,
    },
    {
        name: 'cluster_name',
        label: 'Cluster',
        isText: true,
        width: 150,
        table: 'Trader',
        onPhone: false,
        cell: (t) => t.cluster_name ?? '–',
    },
    { name: 'net_pnl', label: 'Net PnL', table: 'Trader', cell: (t) => <Gain value={t.net_pnl} /> },
    {
        name: 'net_pnl_mtm',
        label: 'Marked PnL',
        table: 'Trader',
        width: 110,
        cell: (t) => <Gain value={t.net_pnl_mtm} />,
    },
    { name: 'volume', label: 'Volume', table: 'Trader', cell: (t) => <Dollars value={t.volume} /> },
    { name: 'sharpe_ratio', label: 'Sharpe', table: 'Trader', width: 84, cell: (t) => ratio(t.sharpe_ratio) },
    {
        name: 'episode_win_rate',
        label: 'Win rate',
        table: 'Trader',
        width: 90,
        cell: (t) => percent(t.episode_win_rate, 0),
    },
    {
        name: 'avg_hold_time_minutes',
        label: 'Hold',
        table: 'Trader',
        width: 90,
        cell: (t) => duration(t.avg_hold_time_minutes),
    },
    { name: 'maker_share', label: 'Maker', table: 'Trader', width: 80, cell: (t) => percent(t.maker_share, 0) },
    { name: 'edge_bps', label: 'Edge, bp', table: 'Trader', width: 90, cell: (t) => ratio(t.edge_bps, 1) },
    {
        name: 'max_drawdown',
        label: 'Drawdown',
        table: 'Trader',
        width: 100,
        cell: (t) => <Dollars value={t.max_drawdown} />,
    },
    { name: 'fill_count', label: 'Fills', table: 'Trader', width: 90, cell: (t) => count(t.fill_count) },
    { name: 'unique_coins', label: 'Coins', table: 'Trader', width: 74, cell: (t) => count(t.unique_coins) },
    { name: 'active_days', label: 'Days', table: 'Trader', width: 74, cell: (t) => count(t.active_days) },
    {
        name: 'first_trade',
        label: 'First fill',
        table: 'Trader',
        width: 110,
        cell: (t) => <time title={when(t.first_trade, zone, true)}>{when(t.first_trade, zone)}</time>,
    },
    {
        name: 'last_trade',
        label: 'Last fill',
        table: 'Trader',
        width: 110,
        cell: (t) => <time title={when(t.last_trade, zone, true)}>{when(t.last_trade, zone)}</time>,
    },
];

/** What a figure is called; those without a name of their own by their words. */
export const labelOf = (name: string) =>
    known('utc').find((column) => column.name === name)?.label ?? name.charAt(0).toUpperCase() + words(name.slice(1));

export const USUAL = [
    'user_address',
    'class',
    'net_pnl',
    'volume',
    'sharpe_ratio',
    'episode_win_rate',
    'avg_hold_time_minutes',
    'maker_share',
    'edge_bps',
    'max_drawdown',
    'fill_count',
    'unique_coins',
    'active_days',
    'last_trade',
];

export function ColumnPicker({ chosen, onClose }: { chosen: string[]; onClose: () => void }) {
    const definitions = useDefinitions('Trader');
    const set = (names: string[]) =>
        setQuery({ columns: names.join(',') === USUAL.join(',') ? null : names.join(',') });
    const names = [...known('utc').map((column) => column.name), ...Object.keys(definitions ?? {})].filter(
        (name, i, all) => all.indexOf(name) === i && name !== 'user_address',
    );
    return (
        <FigureList
            label="Columns"
            names={names}
            definitions={definitions}
            isMany
            isChosen={(name) => chosen.includes(name)}
            onChoose={(name, isOn) => set(isOn ? [...chosen, name] : chosen.filter((other) => other !== name))}
            onClose={onClose}
            actions={
                <button type="button" class="quiet" onClick={() => set(USUAL)}>
                    Usual
                </button>
            }
        />
    );
}
