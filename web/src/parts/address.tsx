import { useState } from 'preact/hooks';
import { short } from '../format';
import { traderPath } from '../router';
import { watch, watched } from '../settings';
import { useStore } from '../store';
import { Icon } from './icons';

async function copy(text: string): Promise<boolean> {
    try {
        await navigator.clipboard.writeText(text);
        return true;
    } catch {
        return false; // only pages by HTTPS or of this machine may
    }
}

export function CopyButton({ text, label }: { text: string; label: string }) {
    const [state, setState] = useState<'idle' | 'done' | 'failed'>('idle');
    const act = async (event: Event) => {
        event.stopPropagation();
        setState((await copy(text)) ? 'done' : 'failed');
        setTimeout(() => setState('idle'), 1500);
    };
    const said = state === 'done' ? 'Copied' : state === 'failed' ? 'The browser does not allow copying here' : label;
    return (
        <button
            type="button"
            class={`copy ${state}`}
            aria-label={said}
            title={said}
            onClick={(event) => void act(event)}
        >
            <Icon name={state === 'done' ? 'done' : state === 'failed' ? 'close' : 'copy'} />
        </button>
    );
}

/** An address as its two ends, or the name that the visitor gave it. */
export function Address({ value }: { value: string }) {
    const name = useStore(watched)[value];
    return (
        <span class="address">
            {name !== undefined && <Icon name="star" filled />}
            <a href={traderPath(value)} title={value}>
                {name === undefined || name === '' ? short(value) : name}
            </a>
            <CopyButton text={value} label={`Copy address ${short(value)}`} />
        </span>
    );
}

/** Watches an address, and names it. */
export function WatchButton({ address }: { address: string }) {
    const name = useStore(watched)[address];
    const isWatched = name !== undefined;
    return (
        <span class="watch">
            <button
                type="button"
                class="quiet"
                aria-pressed={isWatched}
                onClick={() => watch(address, isWatched ? null : '')}
            >
                <Icon name="star" filled={isWatched} />
                {isWatched ? 'Watched' : 'Watch'}
            </button>
            {isWatched && (
                <input
                    class="name"
                    aria-label="Your name for this address"
                    placeholder="Name it"
                    maxLength={24}
                    value={name}
                    onInput={(event) => watch(address, event.currentTarget.value)}
                />
            )}
        </span>
    );
}
