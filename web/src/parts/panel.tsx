import type { ComponentChildren } from 'preact';
import { Guard } from './guard';

export function Panel({
    title,
    note,
    actions,
    children,
    wide,
    class: extra = '',
}: {
    title: ComponentChildren;
    note?: ComponentChildren;
    actions?: ComponentChildren;
    children: ComponentChildren;
    wide?: boolean;
    class?: string;
}) {
    return (
        <section class={`panel ${wide ? 'wide' : ''} ${extra}`}>
            <header>
                <h2>{title}</h2>
                {note && <span class="note">{note}</span>}
                {actions && <div class="actions">{actions}</div>}
            </header>
            <Guard>{children}</Guard>
        </section>
    );
}

/** A choice of few, all of them to be seen. */
export function Choice({
    label,
    options,
    value,
    onChange,
}: {
    label: string;
    options: [string, string][];
    value: string;
    onChange: (value: string) => void;
}) {
    return (
        <div class="choice" role="group" aria-label={label}>
            {options.map(([key, text]) => (
                <button key={key} type="button" aria-pressed={key === value} onClick={() => onChange(key)}>
                    {text}
                </button>
            ))}
        </div>
    );
}

export function Tabs({
    label,
    tabs,
    value,
    onChange,
}: {
    label: string;
    tabs: [string, string][];
    value: string;
    onChange: (value: string) => void;
}) {
    const step = (event: KeyboardEvent) => {
        const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
        if (!by) return;
        event.preventDefault();
        const at = tabs.findIndex(([key]) => key === value);
        const next = tabs[(at + by + tabs.length) % tabs.length]!;
        onChange(next[0]);
        const list = event.currentTarget as HTMLElement;
        (list.children[(at + by + tabs.length) % tabs.length] as HTMLElement).focus();
    };
    return (
        <div class="tabs" role="tablist" aria-label={label} onKeyDown={step}>
            {tabs.map(([key, text]) => (
                <button
                    key={key}
                    id={`tab-${key}`}
                    role="tab"
                    type="button"
                    aria-selected={key === value}
                    aria-controls="tab-panel"
                    tabIndex={key === value ? 0 : -1}
                    onClick={() => onChange(key)}
                >
                    {text}
                </button>
            ))}
        </div>
    );
}
