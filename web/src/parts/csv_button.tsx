// Exports a whole list, tells how far it is, and can be cancelled.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Query } from '../api';
import { exportCsv, MOST_ROWS, saveFile } from '../csv_export';
import { count } from '../format';
import { Icon } from './icons';

type State = { kind: 'idle' } | { kind: 'reading'; rows: number } | { kind: 'told'; text: string; isBad: boolean };

/** `total`: how many rows there will be, when that is known. */
export function CsvButton({
    path,
    query,
    columns,
    file,
    total,
}: {
    path: string;
    query: Query;
    columns: string[];
    file: string;
    total: number | undefined;
}) {
    const [state, setState] = useState<State>({ kind: 'idle' });
    const stop = useRef<AbortController | null>(null);
    useEffect(() => () => stop.current?.abort(), []);
    const start = () => {
        const mine = (stop.current = new AbortController());
        setState({ kind: 'reading', rows: 0 });
        exportCsv(path, query, columns, (rows) => setState({ kind: 'reading', rows }), mine.signal).then(
            (made) => {
                saveFile(file, made.parts);
                const bound = made.isWhole ? '' : `, the first ${count(MOST_ROWS)}: narrow the conditions`;
                setState({ kind: 'told', text: `${count(made.rows)} rows saved${bound}`, isBad: !made.isWhole });
            },
            (problem: unknown) => {
                if (mine.signal.aborted) return;
                const text = problem instanceof Error ? problem.message : String(problem);
                setState({ kind: 'told', text: `No file: ${text}`, isBad: true });
            },
        );
    };
    const cancel = () => {
        stop.current?.abort();
        setState({ kind: 'told', text: 'Export cancelled', isBad: false });
    };
    const isReading = state.kind === 'reading';
    // The second click of a double one is not meant for what the button has become.
    const press = (event: MouseEvent) => event.detail < 2 && (isReading ? cancel() : start());
    // Only beginning and end are announced, not each page; one button is both, so that it keeps the focus.
    return (
        <>
            <span class={state.kind !== 'told' ? 'unseen' : state.isBad ? 'down' : 'muted'} role="status">
                {state.kind === 'told' ? state.text : isReading && 'Export has begun'}
            </span>
            {isReading && (
                <span class="exporting">
                    <progress
                        aria-label="Export"
                        max={total ?? 1}
                        {...(total ? { value: Math.min(total, state.rows) } : {})}
                    />
                    <span class="number">
                        {count(state.rows)}
                        {total ? ` of ${count(total)}` : ''} rows
                    </span>
                </span>
            )}
            <button
                type="button"
                class="quiet"
                title={isReading ? undefined : 'All rows, with the columns and conditions of the list'}
                onClick={press}
            >
                <Icon name={isReading ? 'close' : 'download'} />
                {isReading ? 'Cancel' : 'CSV'}
            </button>
        </>
    );
}
