// Everybody, by any figure: the address bar holds the conditions, the order and the columns.
import { useState } from 'preact/hooks';
import { url, useAnswer } from '../api';
import type { Answers, Trader } from '../api_types';
import { count, short } from '../format';
import { usePages } from '../pages_of';
import { CsvButton } from '../parts/csv_button';
import { figureText, type Value } from '../parts/figure_text';
import { Icon } from '../parts/icons';
import { Empty, Failure } from '../parts/states';
import { LongTable, type Column } from '../parts/table';
import { useDefinitions } from '../parts/term';
import { setQuery, traderPath, usePlace } from '../router';
import { useClock } from '../settings';
import { ColumnPicker, known, USUAL } from './traders_columns';
import { Filters } from './traders_conditions';

const PAGE = 200;

export function Traders() {
    const { query } = usePlace();
    const zone = useClock();
    const definitions = useDefinitions('Trader');
    const [isPicking, setPicking] = useState(false);
    const sort = query.get('sort') ?? 'volume';
    const order = query.get('order') === 'asc' ? 'asc' : 'desc';
    const asked: Record<string, string> = { sort, order };
    for (const [name, value] of query)
        if (name.startsWith('min_') || ['class', 'cluster', 'prefix', 'active_since'].includes(name))
            asked[name] = value;
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
                      cell: (t) => figureText((t as unknown as Record<string, Value>)[name], definition, zone),
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
                    {!pages.rows.length
                        ? pages.isLoading && 'Loading'
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
                    <CsvButton
                        key={columns.map((column) => column.name).join() + JSON.stringify(asked)}
                        path="/traders"
                        query={asked}
                        columns={columns.map((column) => column.name)}
                        file="traders.csv"
                        total={isFiltered ? undefined : all}
                    />
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
            {!pages.isLoading && pages.rows.length === 0 ? (
                !pages.problem && <Empty title="Nobody meets all conditions">Take one away, or lower a number.</Empty>
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
                            ![
                                'user_address',
                                'class',
                                'class_vision',
                                'class_compat_sql',
                                'cluster_id',
                                'cluster_name',
                            ].includes(name),
                    }}
                    hasMore={pages.hasMore}
                    isLoading={pages.isLoading}
                    onMore={pages.more}
                />
            )}
        </main>
    );
}
