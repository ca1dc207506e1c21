// A list that is read page by page.
import { useEffect, useRef, useState } from 'preact/hooks';
import { dataVersion, get, type Problem } from './api';
import { apiKey } from './settings';
import { useLatest, useStore } from './store';

interface Page<T> {
    items: T[];
    next_cursor: string | null;
}

export interface Pages<T> {
    rows: T[];
    hasMore: boolean;
    isLoading: boolean;
    problem: Problem | undefined;
    more: () => void;
    retry: () => void;
}

interface State<T> {
    rows: T[];
    cursor: string | null;
    isLoading: boolean;
    problem?: Problem;
}

/** `address`: the question without a cursor. What is shown stays until the first page of another question is there. */
export function usePages<T>(address: string): Pages<T> {
    const version = useStore(dataVersion);
    const key = useStore(apiKey);
    const [attempt, setAttempt] = useState(0);
    const [state, setState] = useState<State<T>>({ rows: [], cursor: null, isLoading: true });
    const stop = useRef<AbortController | null>(null);

    const load = (cursor: string | null, before: T[]) => {
        stop.current?.abort();
        const mine = (stop.current = new AbortController());
        setState((s) => ({ ...s, isLoading: true }));
        const from =
            cursor === null
                ? address
                : `${address}${address.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor)}`;
        get<Page<T>>(from, mine.signal).then(
            (page) => setState({ rows: [...before, ...page.items], cursor: page.next_cursor, isLoading: false }),
            (problem: unknown) => {
                if (mine.signal.aborted) return;
                setState((s) => ({
                    rows: cursor === null ? [] : s.rows,
                    cursor: null,
                    isLoading: false,
                    problem: problem as Problem,
                }));
            },
        );
    };
    const begin = useLatest(() => load(null, []));
    useEffect(() => {
        begin.current();
        return () => stop.current?.abort();
    }, [address, version, attempt, key, begin]);
    return {
        rows: state.rows,
        hasMore: state.cursor !== null,
        isLoading: state.isLoading,
        problem: state.problem,
        more: () => {
            if (!state.isLoading && state.cursor !== null) load(state.cursor, state.rows);
        },
        retry: () => setAttempt((n) => n + 1),
    };
}
