// Questions to the server. Everything is asked below /api/v1, never anywhere else.
import { useEffect, useState } from 'preact/hooks';
import { apiKey } from './settings';
import { store, useStore } from './store';

/** What a question came to when there is no answer. status 0: the server could not be reached. */
export class Problem extends Error {
    constructor(
        readonly status: number,
        readonly title: string,
        detail: string,
    ) {
        super(detail);
    }
}

export type Query = Record<string, string | number | boolean | null | undefined>;

export function url(path: string, query: Query = {}): string {
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries(query))
        if (value !== null && value !== undefined && value !== '') parameters.set(name, String(value));
    const text = parameters.toString();
    return `/api/v1${path}${text ? `?${text}` : ''}`;
}

/** Whether the last question reached the server. */
export const online = store(true);

export function headers(): Record<string, string> {
    return apiKey.get() ? { 'X-API-Key': apiKey.get() } : {};
}

export async function problemOf(answer: Response): Promise<Problem> {
    try {
        const document = (await answer.json()) as { title?: string; detail?: string };
        return new Problem(answer.status, document.title ?? 'Error', document.detail ?? answer.statusText);
    } catch {
        return new Problem(answer.status, 'Error', answer.statusText || 'the server did not say why');
    }
}

export async function get<T>(address: string, signal?: AbortSignal): Promise<T> {
    let answer: Response;
    try {
        answer = await fetch(address, {
            headers: { Accept: 'application/json', ...headers() },
            signal: signal ?? null,
        });
    } catch (error) {
        if (signal?.aborted) throw error;
        online.set(false);
        throw new Problem(
            0,
            'No connection',
            'The server cannot be reached. It is asked again when the connection is back.',
        );
    }
    online.set(true);
    if (!answer.ok) throw await problemOf(answer);
    return (await answer.json()) as T;
}

/** Rises with each publication of new data: what is shown is asked anew. */
export const dataVersion = store(0);

export interface Answer<T> {
    data: T | undefined; // the last one, also while it is asked again
    problem: Problem | undefined;
    isLoading: boolean;
    retry: () => void;
}

// The last answers, so that going back shows at once what was there.
const KEPT = 60;
const kept = new Map<string, unknown>();

function keep(address: string, data: unknown) {
    kept.delete(address);
    kept.set(address, data);
    if (kept.size > KEPT) kept.delete(kept.keys().next().value!);
}

/** Forgets what was answered, and asks anew for all that is shown. */
export function askAnew() {
    kept.clear();
    dataVersion.set(dataVersion.get() + 1);
}

interface State {
    address: string | null;
    data?: unknown;
    problem?: Problem;
    isLoading: boolean;
}

/** The answer to a question; null: nothing is asked. */
export function useAnswer<T>(address: string | null): Answer<T> {
    const version = useStore(dataVersion);
    const isOnline = useStore(online);
    const key = useStore(apiKey);
    const [attempt, setAttempt] = useState(0);
    const [state, setState] = useState<State>({ address: null, isLoading: true });
    useEffect(() => {
        if (address === null) return;
        const stop = new AbortController();
        setState((s) => ({ address, data: s.address === address ? s.data : kept.get(address), isLoading: true }));
        get<T>(address, stop.signal).then(
            (data) => {
                keep(address, data);
                setState({ address, data, isLoading: false });
            },
            (problem: unknown) => {
                if (!stop.signal.aborted)
                    setState((s) => ({ address, data: s.data, problem: problem as Problem, isLoading: false }));
            },
        );
        return () => stop.abort();
    }, [address, version, attempt, key]);
    // What failed for want of a connection is asked again when there is one.
    const waits = state.problem?.status === 0 && isOnline;
    useEffect(() => {
        if (waits) setAttempt((n) => n + 1);
    }, [waits]);
    const isOurs = state.address === address;
    return {
        data: (isOurs ? state.data : address === null ? undefined : kept.get(address)) as T | undefined,
        problem: isOurs ? state.problem : undefined,
        isLoading: address !== null && (!isOurs || state.isLoading),
        retry: () => setAttempt((n) => n + 1),
    };
}
