// What a visitor chose, kept in this browser only.
import { keptStore, store, useStore } from './store';

export type Theme = 'system' | 'light' | 'dark';
export type Clock = 'utc' | 'local';

const oneOf =
    (...words: string[]) =>
    (value: unknown) =>
        words.includes(value as string);
const isRecord = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);

export const theme = keptStore<Theme>('vigil.theme', 'system', oneOf('system', 'light', 'dark'));
export const clock = keptStore<Clock>('vigil.clock', 'utc', oneOf('utc', 'local'));

/** Names that the visitor gave to addresses; a watched one without a name has an empty text. */
export const watched = keptStore<Record<string, string>>('vigil.watched', {}, isRecord);

/** The API key, where the server wants one: for this tab only. */
export const apiKey = store<string>(readKey());

function readKey(): string {
    try {
        return sessionStorage.getItem('vigil.key') ?? '';
    } catch {
        return '';
    }
}
apiKey.subscribe(() => {
    try {
        sessionStorage.setItem('vigil.key', apiKey.get());
    } catch {
        // It lasts until the page is left.
    }
});

export const useClock = () => useStore(clock);

export function watch(address: string, name: string | null) {
    const others = Object.fromEntries(Object.entries(watched.get()).filter(([other]) => other !== address));
    watched.set(name === null ? others : { ...others, [address]: name });
}

export const darkNow = store(false);

/** Follows the system unless told otherwise. */
export function applyTheme() {
    const system = matchMedia('(prefers-color-scheme: dark)');
    const apply = () => {
        const dark = theme.get() === 'dark' || (theme.get() === 'system' && system.matches);
        document.documentElement.dataset.theme = dark ? 'dark' : 'light';
        darkNow.set(dark);
    };
    apply();
    system.addEventListener('change', apply);
    theme.subscribe(apply);
}
