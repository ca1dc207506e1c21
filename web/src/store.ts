// A value that components share: setting it draws all of them anew.
import { useEffect, useRef, useState } from 'preact/hooks';

export interface Store<T> {
    get(): T;
    set(value: T): void;
    subscribe(listener: () => void): () => void;
}

export function store<T>(initial: T): Store<T> {
    const listeners = new Set<() => void>();
    let current = initial;
    return {
        get: () => current,
        set(value) {
            if (Object.is(value, current)) return;
            current = value;
            for (const listener of [...listeners]) listener();
        },
        subscribe(listener) {
            listeners.add(listener);
            return () => listeners.delete(listener);
        },
    };
}

/** A store whose value outlives the visit; what cannot be read back counts as absent. */
export function keptStore<T>(key: string, initial: T, isValid: (value: unknown) => boolean): Store<T> {
    const kept = store(initial);
    try {
        const text = localStorage.getItem(key);
        const value: unknown = text === null ? undefined : JSON.parse(text);
        if (isValid(value)) kept.set(value as T);
    } catch {
        // Storage may be forbidden or hold something old: the initial value is right then.
    }
    kept.subscribe(() => {
        try {
            localStorage.setItem(key, JSON.stringify(kept.get()));
        } catch {
            // Without storage the setting lasts for this visit.
        }
    });
    return kept;
}

export function useStore<T>(source: Store<T>): T {
    const [value, setValue] = useState(source.get());
    useEffect(() => {
        setValue(() => source.get()); // it may have changed before we listened
        return source.subscribe(() => setValue(() => source.get()));
    }, [source]);
    return value;
}

/** What a component was given last, for effects that use it but are not to run again when it changes. */
export function useLatest<T>(value: T): { readonly current: T } {
    const latest = useRef(value);
    latest.current = value;
    return latest;
}
