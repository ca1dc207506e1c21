// What stands where data will be, could not be had, or are none.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Answer, Problem } from '../api';
import { apiKey } from '../settings';

export function Skeleton({ rows = 5, height = 20 }: { rows?: number; height?: number }) {
    return (
        <div class="skeleton" role="status" aria-label="Loading">
            {Array.from({ length: rows }, (_, i) => (
                <i key={i} style={{ height: `${height}px`, width: `${100 - ((i * 7) % 23)}%` }} />
            ))}
        </div>
    );
}

function KeyForm() {
    const [text, setText] = useState('');
    return (
        <form
            class="key-form"
            onSubmit={(event) => {
                event.preventDefault();
                apiKey.set(text.trim());
            }}
        >
            <label>
                API key{' '}
                <input
                    type="password"
                    autocomplete="off"
                    value={text}
                    onInput={(e) => setText(e.currentTarget.value)}
                />
            </label>
            <button type="submit">Use it</button>
            <small>Kept for this tab only, and sent to this server only.</small>
        </form>
    );
}

export function Failure({ problem, retry }: { problem: Problem; retry?: () => void }) {
    return (
        <div class="failure" role="alert">
            <strong>{problem.status === 401 ? 'This server wants an API key' : problem.title}</strong>
            {problem.status === 401 ? <KeyForm /> : <p>{problem.message}</p>}
            {problem.status !== 401 && retry && (
                <button type="button" onClick={retry}>
                    Try again
                </button>
            )}
        </div>
    );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
    return (
        <div class="empty">
            <strong>{title}</strong>
            {children && <p>{children}</p>}
        </div>
    );
}

/** The answer once it is there; what is known already stays while it is asked anew. */
export function Show<T>({
    answer,
    rows,
    children,
}: {
    answer: Answer<T>;
    rows?: number;
    children: (data: T) => ComponentChildren;
}) {
    if (answer.data !== undefined) return <>{children(answer.data)}</>;
    if (answer.problem) return <Failure problem={answer.problem} retry={answer.retry} />;
    return <Skeleton {...(rows === undefined ? {} : { rows })} />;
}
