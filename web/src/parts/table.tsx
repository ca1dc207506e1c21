// Tables: of few rows, and of any number, of which only those in sight are drawn.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { go } from '../router';
import { useLatest } from '../store';
import { Skeleton } from './states';
import { Term } from './term';

export interface Column<Row> {
    name: string;
    label: string;
    cell: (row: Row) => ComponentChildren;
    isText?: boolean; // to the left; numbers are to the right
    table?: string; // where its definition is
    width?: number; // px, in tables of any length
    onPhone?: boolean; // false: left out on narrow screens
}

export interface Order {
    sort: string;
    order: 'asc' | 'desc';
    onSort: (name: string) => void;
    isSortable: (name: string) => boolean;
}

function Head<Row>({ column, order }: { column: Column<Row>; order?: Order | undefined }) {
    const label = column.table ? (
        <Term table={column.table} name={column.name}>
            {column.label}
        </Term>
    ) : (
        column.label
    );
    const isSorted = order?.sort === column.name;
    const direction = isSorted ? (order.order === 'asc' ? 'ascending' : 'descending') : undefined;
    return (
        <th
            scope="col"
            class={`${column.isText ? 'text' : ''} ${column.onPhone === false ? 'no-phone' : ''}`}
            {...(direction ? { 'aria-sort': direction } : {})}
        >
            {order?.isSortable(column.name) ? (
                <button type="button" onClick={() => order.onSort(column.name)}>
                    {label}
                    <i aria-hidden="true">{isSorted ? (order.order === 'asc' ? '↑' : '↓') : ''}</i>
                </button>
            ) : (
                label
            )}
        </th>
    );
}

function Cells<Row>({ columns, row }: { columns: Column<Row>[]; row: Row }) {
    return (
        <>
            {columns.map((column) => (
                <td
                    key={column.name}
                    class={`${column.isText ? 'text' : ''} ${column.onPhone === false ? 'no-phone' : ''}`}
                >
                    {column.cell(row)}
                </td>
            ))}
        </>
    );
}

/** A click anywhere in a row that leads somewhere, but on what does something itself. */
const follow = (href: string | undefined) => (event: MouseEvent) => {
    if (!href || (event.target as Element).closest('a, button, input') || getSelection()?.toString()) return;
    go(href);
};

export function Table<Row>({
    columns,
    rows,
    keyOf,
    hrefOf,
    caption,
}: {
    columns: Column<Row>[];
    rows: Row[];
    keyOf: (row: Row, index: number) => string;
    hrefOf?: (row: Row) => string;
    caption: string;
}) {
    return (
        <div class="table-box" tabIndex={0} role="region" aria-label={caption}>
            <table>
                <caption class="unseen">{caption}</caption>
                <thead>
                    <tr>
                        {columns.map((column) => (
                            <Head key={column.name} column={column} />
                        ))}
                    </tr>
                </thead>
                <tbody>
                    {rows.map((row, i) => (
                        <tr key={keyOf(row, i)} class={hrefOf ? 'leads' : ''} onClick={follow(hrefOf?.(row))}>
                            <Cells columns={columns} row={row} />
                        </tr>
                    ))}
                </tbody>
            </table>
        </div>
    );
}

const ROW = 36; // px, as in parts.css
const AROUND = 12; // rows drawn beyond those in sight

/** Rows of any number: `onMore` is called when the end comes near. The cursor keys walk, Enter opens. */
export function LongTable<Row>({
    columns,
    rows,
    keyOf,
    hrefOf,
    caption,
    order,
    hasMore,
    isLoading,
    onMore,
    footer,
}: {
    columns: Column<Row>[];
    rows: Row[];
    keyOf: (row: Row) => string;
    hrefOf?: (row: Row) => string;
    caption: string;
    order?: Order;
    hasMore: boolean;
    isLoading: boolean;
    onMore: () => void;
    footer?: ComponentChildren;
}) {
    const box = useRef<HTMLDivElement>(null);
    const [view, setView] = useState({ from: 0, to: 40 });
    const [active, setActive] = useState(-1);
    const more = useLatest(onMore);
    const measure = () => {
        const element = box.current;
        if (!element) return;
        const from = Math.max(0, Math.floor(element.scrollTop / ROW) - AROUND);
        const to = Math.ceil((element.scrollTop + element.clientHeight) / ROW) + AROUND;
        setView((v) => (v.from === from && v.to === to ? v : { from, to }));
    };
    useEffect(() => {
        measure();
        addEventListener('resize', measure);
        return () => removeEventListener('resize', measure);
    }, []);
    useEffect(() => {
        if (hasMore && !isLoading && view.to + 40 > rows.length) more.current();
    }, [view.to, rows.length, hasMore, isLoading, more]);
    useEffect(() => {
        if (rows.length < view.from) box.current?.scrollTo({ top: 0 });
    }, [rows.length, view.from]);

    const walk = (event: KeyboardEvent) => {
        if ((event.target as Element).closest('input, select, th')) return;
        const page = Math.max(1, Math.floor((box.current?.clientHeight ?? 400) / ROW) - 2);
        const by = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity }[
            event.key
        ];
        const row = rows[active];
        if (event.key === 'Enter' && row && hrefOf && event.target === box.current) go(hrefOf(row));
        if (by === undefined) return;
        event.preventDefault();
        const next = Math.max(0, Math.min(rows.length - 1, active + by));
        setActive(next);
        const element = box.current;
        if (!element) return;
        const top = next * ROW;
        if (top < element.scrollTop) element.scrollTop = top;
        if (top + 3 * ROW > element.scrollTop + element.clientHeight)
            element.scrollTop = top + 3 * ROW - element.clientHeight;
    };
    const last = Math.min(view.to, rows.length);
    const first = Math.min(view.from, last);
    return (
        <>
            <div
                class="table-box long"
                ref={box}
                tabIndex={0}
                role="region"
                aria-label={caption}
                onScroll={measure}
                onKeyDown={walk}
            >
                <table aria-rowcount={hasMore ? -1 : rows.length + 1}>
                    <caption class="unseen">{caption}</caption>
                    <colgroup>
                        {columns.map((column) => (
                            <col
                                key={column.name}
                                class={column.onPhone === false ? 'no-phone' : ''}
                                style={{ width: `${column.width ?? 100}px` }}
                            />
                        ))}
                    </colgroup>
                    <thead>
                        <tr>
                            {columns.map((column) => (
                                <Head key={column.name} column={column} order={order} />
                            ))}
                        </tr>
                    </thead>
                    <tbody>
                        <tr class="space" aria-hidden="true" style={{ height: `${first * ROW}px` }} />
                        {rows.slice(first, last).map((row, i) => (
                            <tr
                                key={keyOf(row)}
                                aria-rowindex={first + i + 2}
                                class={`${hrefOf ? 'leads' : ''} ${first + i === active ? 'active' : ''}`}
                                onClick={follow(hrefOf?.(row))}
                            >
                                <Cells columns={columns} row={row} />
                            </tr>
                        ))}
                        <tr class="space" aria-hidden="true" style={{ height: `${(rows.length - last) * ROW}px` }} />
                    </tbody>
                </table>
                {isLoading && <Skeleton rows={rows.length ? 2 : 12} />}
            </div>
            {footer && <p class="table-foot">{footer}</p>}
        </>
    );
}
