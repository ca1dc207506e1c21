// A figure's name that can tell its definition: the text of the data dictionary, which the API's description carries.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { get, url } from '../api';
import { store, useStore } from '../store';
import type { Unit } from './figure_text';

export interface Definition extends Unit {
    description?: string;
}
interface Description {
    components: { schemas: Record<string, { properties?: Record<string, Definition> }> };
    paths: Record<string, { get: { parameters: { name: string; schema: { enum?: string[] } }[] } }>;
}

const description = store<Description | null>(null);
let asked = false;

function ask() {
    if (asked) return;
    asked = true;
    get<Description>(url('/openapi.json')).then(
        (api) => description.set(api),
        () => {
            asked = false;
        },
    );
}

/** Definitions of all figures of a table; null until they are here. */
export function useDefinitions(table: string): Record<string, Definition> | null {
    const api = useStore(description);
    useEffect(ask, []);
    return api?.components.schemas[table]?.properties ?? null;
}

/** What a parameter of a path may be; null until it is here. */
export function useChoices(path: string, parameter: string): string[] | null {
    const api = useStore(description);
    useEffect(ask, []);
    return api?.paths[path]?.get.parameters.find((one) => one.name === parameter)?.schema.enum ?? null;
}

interface Tip {
    table: string;
    name: string;
    x: number;
    y: number;
    above: boolean;
}
const tip = store<Tip | null>(null);

export function Term({ table, name, children }: { table: string; name: string; children: ComponentChildren }) {
    const place = useRef<HTMLElement>(null);
    const show = () => {
        ask();
        const box = place.current?.getBoundingClientRect();
        if (!box) return;
        const above = box.bottom > innerHeight - 140;
        tip.set({
            table,
            name,
            x: Math.max(8, Math.min(box.left, innerWidth - 328)),
            y: above ? innerHeight - box.top + 6 : box.bottom + 6,
            above,
        });
    };
    const hide = () => tip.set(null);
    return (
        <span
            class="term"
            ref={place}
            tabIndex={0}
            aria-describedby="tip"
            onMouseEnter={show}
            onMouseLeave={hide}
            onFocus={show}
            onBlur={hide}
            onKeyDown={(e) => e.key === 'Escape' && hide()}
        >
            {children}
        </span>
    );
}

/** The one bubble of the page. */
export function TipLayer() {
    const shown = useStore(tip);
    const api = useStore(description);
    const [late, setLate] = useState(false);
    useEffect(() => {
        setLate(false);
        const timer = setTimeout(() => setLate(true), 300);
        const hide = () => tip.set(null);
        addEventListener('scroll', hide, { capture: true, passive: true });
        return () => {
            clearTimeout(timer);
            removeEventListener('scroll', hide, { capture: true });
        };
    }, [shown]);
    if (!shown) return <div id="tip" role="tooltip" hidden />;
    const definition = api?.components.schemas[shown.table]?.properties?.[shown.name];
    const text = definition?.description ?? (late ? 'no definition could be had' : '…');
    const unit = definition?.['x-unit'];
    const side = shown.above ? { bottom: `${shown.y}px` } : { top: `${shown.y}px` };
    return (
        <div id="tip" role="tooltip" style={{ left: `${shown.x}px`, ...side }}>
            <code>{shown.name}</code>
            {unit && unit !== '1' && <span class="unit">{unit}</span>}
            <p>{text}</p>
        </div>
    );
}
