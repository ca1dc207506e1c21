// Parts that are fetched when they are first shown.
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Problem } from './api';
import { Failure, Skeleton } from './parts/states';
import { useLatest, useStore } from './store';
import { link } from './stream';

const waiting: (() => Promise<void>)[] = [];

export function loadEarly() {
    const all = () => {
        for (const load of waiting.splice(0)) void load();
    };
    setTimeout(() => ('requestIdleCallback' in window ? requestIdleCallback(all) : all()), 1500);
}

/** `early`: fetched when the page is idle, so that it is there before it is wanted. */
export function lazy<P extends object>(load: () => Promise<ComponentType<P>>, rows = 6, early = false) {
    let loaded: ComponentType<P> | undefined;
    if (early)
        waiting.push(() =>
            load().then(
                (part) => {
                    loaded = part;
                },
                () => {},
            ),
        );
    return function Lazy(props: P) {
        const [Part, setPart] = useState<ComponentType<P> | undefined>(() => loaded);
        const [failed, setFailed] = useState(false);
        const line = useStore(link);
        const fetchIt = () => {
            setFailed(false);
            load().then(
                (part) => {
                    loaded = part;
                    setPart(() => part);
                },
                () => setFailed(true),
            );
        };
        // Again when the server is back.
        const fetchMissing = useLatest(() => {
            if (!Part && (!failed || line === 'live')) fetchIt();
        });
        useEffect(() => fetchMissing.current(), [line, fetchMissing]);
        if (Part) return <Part {...props} />;
        if (failed)
            return (
                <Failure
                    problem={
                        new Problem(
                            0,
                            'This part could not be loaded',
                            'The server cannot be reached, or it was updated: load the page anew.',
                        )
                    }
                    retry={fetchIt}
                />
            );
        return <Skeleton rows={rows} />;
    };
}
