// Everybody, by any figure: the address bar holds the conditions, the order and the columns.
import { useEffect, useState } from 'preact/hooks';
import { url, useAnswer } from '../api';
import type { Answers, Trader } from '../api_types';
import { className, count, duration, percent, ratio, short, when } from '../format';
import { usePages } from '../pages_of';
import { Address } from '../parts/address';
import { figureText } from '../parts/figure_text';
import { Icon } from '../parts/icons';
import { ClassBadge, Dollars, Gain } from '../parts/numbers';
import { Empty, Failure } from '../parts/states';
import { LongTable, type Column } from '../parts/table';
import { useDefinitions } from '../parts/term';
import { setQuery, traderPath, usePlace } from '../router';
import { useClock, type Clock } from '../settings';

const CLASSES = [
    'SMART_DIRECTIONAL',
    'HFT',
    'LIQUIDATOR',
    'LONG_HOLD_LOW_TURNOVER',
    'RETAIL',
    'INSUFFICIENT_DATA',
    'PROTOCOL',
];
const PAGE = 200;

interface Condition {
    name: string;
    label: string;
    hint: string;
    scale?: number; // what is typed, times this, is what is asked
}
const CONDITIONS: Condition[] = [
    { name: 'min_volume', label: 'Volume ≥', hint: 'USD' },
    { name: 'min_net_pnl', label: 'Net PnL ≥', hint: 'USD' },
    { name: 'min_sharpe', label: 'Sharpe ≥', hint: '1.5' },
    { name: 'min_win_rate', label: 'Win rate ≥', hint: '%', scale: 0.01 },
    { name: 'min_hold', label: 'Hold ≥', hint: 'minutes' },
    { name: 'min_fills', label: 'Fills ≥', hint: '100' },
    { name: 'min_coins', label: 'Coins ≥', hint: '3' },
    { name: 'min_days', label: 'Days ≥', hint: '14' },
];

const known = (zone: Clock): Column<Trader>[] => [
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
const USUAL = [
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

/** Text that is taken over when the typing pauses. */
function Field({ condition, value }: { condition: Condition; value: string }) {
    const scale = condition.scale ?? 1;
    const asTyped = value === '' ? '' : String(Number((Number(value) / scale).toPrecision(12)));
    const [text, setText] = useState(asTyped);
    useEffect(() => setText(asTyped), [asTyped]);
    const plain = text.trim().replace(/[,_\s]/g, '');
    const isNumber = plain === '' || /^\d{1,15}(\.\d{1,8})?$/.test(plain);
    useEffect(() => {
        if (text === asTyped || !isNumber) return;
        const next = plain === '' ? null : scale === 1 ? plain : String(Number((Number(plain) * scale).toFixed(6)));
        const timer = setTimeout(() => setQuery({ [condition.name]: next }), 350);
        return () => clearTimeout(timer);
    }, [text]);
    return (
        <label class="field">
            <span>{condition.label}</span>
            <input
                inputMode="decimal"
                placeholder={condition.hint}
                value={text}
                aria-invalid={!isNumber}
                onInput={(event) => setText(event.currentTarget.value)}
            />
        </label>
    );
}

function Filters({ query }: { query: URLSearchParams }) {
    const used = [...query.keys()].filter(
        (name) => name.startsWith('min_') || ['class', 'prefix', 'active_since'].includes(name),
    );
    return (
        <form class="filters" aria-label="Conditions" onSubmit={(event) => event.preventDefault()}>
            <label class="field">
                <span>Class</span>
                <select
                    value={query.get('class') ?? ''}
                    onChange={(event) => setQuery({ class: event.currentTarget.value })}
                >
                    <option value="">Any</option>
                    {CLASSES.map((name) => (
                        <option key={name} value={name}>
                            {className(name)}
                        </option>
                    ))}
                </select>
            </label>
            {CONDITIONS.map((condition) => (
                <Field key={condition.name} condition={condition} value={query.get(condition.name) ?? ''} />
            ))}
            <label class="field">
                <span>Active since</span>
                <input
                    type="date"
                    value={query.get('active_since') ?? ''}
                    onChange={(event) => setQuery({ active_since: event.currentTarget.value })}
                />
            </label>
            {used.length > 0 && (
                <button
                    type="button"
                    class="quiet"
                    onClick={() => setQuery(Object.fromEntries(used.map((name) => [name, null])))}
                >
                    <Icon name="close" />
                    Clear {used.length}
                </button>
            )}
        </form>
    );
}

function ColumnPicker({ chosen, onClose }: { chosen: string[]; onClose: () => void }) {
    const definitions = useDefinitions('Trader');
    const [word, setWord] = useState('');
    const set = (names: string[]) =>
        setQuery({ columns: names.join(',') === USUAL.join(',') ? null : names.join(',') });
    const names = [...known('utc').map((column) => column.name), ...Object.keys(definitions ?? {})].filter(
        (name, i, all) => all.indexOf(name) === i && name !== 'user_address',
    );
    const shown = names.filter((name) => name.includes(word.toLowerCase().replaceAll(' ', '_')));
    return (
        <div
            class="picker"
            role="dialog"
            aria-label="Columns"
            onKeyDown={(event) => event.key === 'Escape' && onClose()}
        >
            <header>
                <input
                    autofocus
                    placeholder="Find a figure"
                    aria-label="Find a figure"
                    value={word}
                    onInput={(event) => setWord(event.currentTarget.value)}
                />
                <button type="button" class="quiet" onClick={() => set(USUAL)}>
                    Usual
                </button>
                <button type="button" class="quiet" aria-label="Close" onClick={onClose}>
                    <Icon name="close" />
                </button>
            </header>
            <ul>
                {shown.map((name) => (
                    <li key={name}>
                        <label title={definitions?.[name]?.description}>
                            <input
                                type="checkbox"
                                checked={chosen.includes(name)}
                                onChange={(event) =>
                                    set(
                                        event.currentTarget.checked
                                            ? [...chosen, name]
                                            : chosen.filter((other) => other !== name),
                                    )
                                }
                            />
                            <code>{name}</code>
                        </label>
                    </li>
                ))}
            </ul>
        </div>
    );
}

export function Traders() {
    const { query } = usePlace();
    const zone = useClock();
    const definitions = useDefinitions('Trader');
    const [isPicking, setPicking] = useState(false);
    const sort = query.get('sort') ?? 'volume';
    const order = query.get('order') === 'asc' ? 'asc' : 'desc';
    const asked: Record<string, string> = { sort, order };
    for (const [name, value] of query)
        if (name.startsWith('min_') || ['class', 'prefix', 'active_since'].includes(name)) asked[name] = value;
    const pages = usePages<Trader>(url('/traders', { ...asked, limit: PAGE }));
    const all = useAnswer<Answers['getCoverage']>(url('/coverage')).data?.traders;
    const chosen = query.get('columns')?.split(',') ?? USUAL;
    const columns = chosen.flatMap((name): Column<Trader>[] => {
        const column = known(zone).find((one) => one.name === name);
        if (column) return [column];
        const definition = definitions?.[name];
        return definition
            ? [
                  {
                      name,
                      label: name.replaceAll('_', ' '),
                      table: 'Trader',
                      width: 130,
                      cell: (t) => figureText((t as unknown as Record<string, unknown>)[name], definition, zone),
                  },
              ]
            : [];
    });
    const isFiltered = Object.keys(asked).length > 2;
    const total = isFiltered || all === undefined ? '' : ` of ${count(all)}`;
    const onSort = (name: string) =>
        setQuery(
            name === sort
                ? { order: order === 'desc' ? 'asc' : null }
                : { sort: name === 'volume' ? null : name, order: null },
        );
    return (
        <main tabIndex={-1} class="full">
            <div class="title">
                <h1>Traders</h1>
                <p class="muted" role="status">
                    {pages.isLoading && !pages.rows.length
                        ? 'Loading'
                        : `${count(pages.rows.length)}${pages.hasMore ? '+' : ''}${total} shown`}
                    {isFiltered && ', by your conditions'}
                </p>
                <div class="actions">
                    <button
                        type="button"
                        class="quiet"
                        aria-expanded={isPicking}
                        onClick={() => setPicking(!isPicking)}
                    >
                        <Icon name="columns" />
                        Columns
                    </button>
                    <a
                        class="button quiet"
                        href={url('/traders', { ...asked, limit: 1000, format: 'csv' })}
                        download="traders.csv"
                    >
                        <Icon name="download" />
                        CSV
                    </a>
                </div>
                {isPicking && <ColumnPicker chosen={chosen} onClose={() => setPicking(false)} />}
            </div>
            {query.get('prefix') && (
                <p class="muted">
                    Addresses that begin with <code>{short(query.get('prefix')!)}</code>
                </p>
            )}
            <Filters query={query} />
            {pages.problem && <Failure problem={pages.problem} retry={pages.retry} />}
            {!pages.problem && !pages.isLoading && pages.rows.length === 0 ? (
                <Empty title="Nobody meets all conditions">Take one away, or lower a number.</Empty>
            ) : (
                <LongTable
                    caption="Traders"
                    columns={columns}
                    rows={pages.rows}
                    keyOf={(t) => t.user_address}
                    hrefOf={(t) => traderPath(t.user_address)}
                    order={{
                        sort,
                        order,
                        onSort,
                        isSortable: (name) =>
                            !['user_address', 'class', 'class_vision', 'class_compat_sql'].includes(name),
                    }}
                    hasMore={pages.hasMore}
                    isLoading={pages.isLoading}
                    onMore={pages.more}
                />
            )}
        </main>
    );
}
