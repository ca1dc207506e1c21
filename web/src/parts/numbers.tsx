// Numbers with their colour, and the exact value at hand.
import type { ComponentChildren } from 'preact';
import { className, compact, exact, money, toNumber, type Exact } from '../format';
import { Term } from './term';

const tone = (value: Exact) => {
    const n = toNumber(value);
    return n > 0 ? 'up' : n < 0 ? 'down' : '';
};

/** A gain or a loss, in dollars. */
export function Gain({ value }: { value: Exact }) {
    return (
        <span class={`number ${tone(value)}`} title={exact(value)}>
            {money(value, true)}
        </span>
    );
}

export function Dollars({ value }: { value: Exact }) {
    return (
        <span class="number" title={exact(value)}>
            {money(value)}
        </span>
    );
}

export function Amount({ value }: { value: Exact }) {
    return (
        <span class="number" title={exact(value)}>
            {compact(value)}
        </span>
    );
}

/** A number that is formatted already, in the colour of its sign. */
export function Toned({ value, text }: { value: Exact; text: string }) {
    return <span class={`number ${tone(value)}`}>{text}</span>;
}

export function ClassBadge({ name, reason }: { name: string | null; reason?: string | undefined }) {
    return (
        <span
            class={`badge class-${(name ?? 'none').toLowerCase()}`}
            title={reason ?? name ?? 'vigil classify has not run'}
        >
            {className(name)}
        </span>
    );
}

export function Side({ value }: { value: string }) {
    return <span class={`badge side-${value}`}>{value}</span>;
}

/** A figure among the large ones at the top of a page. */
export function Figure({
    label,
    term,
    children,
    note,
}: {
    label: string;
    term?: [table: string, name: string];
    children: ComponentChildren;
    note?: ComponentChildren;
}) {
    return (
        <div class="figure">
            <dt>
                {term ? (
                    <Term table={term[0]} name={term[1]}>
                        {label}
                    </Term>
                ) : (
                    label
                )}
            </dt>
            <dd>
                {children}
                {note && <small>{note}</small>}
            </dd>
        </div>
    );
}
