// The address bar is the state: which page, and in its query what the page is set to.
import { store, useStore } from './store';

export interface Place {
    path: string;
    query: URLSearchParams;
}

const read = (): Place => ({ path: location.pathname, query: new URLSearchParams(location.search) });
const place = store<Place>(read());

export const usePlace = () => useStore(place);

/** Goes to an address of ours. `replace`: without a step back. */
export function go(url: string, replace = false) {
    const target = new URL(url, location.href);
    const leaves = target.pathname !== location.pathname;
    history[replace ? 'replaceState' : 'pushState'](null, '', target.pathname + target.search);
    place.set(read());
    if (leaves) scrollTo(0, 0);
}

/** The address of this page with some parameters changed; null or '' takes one away. */
export function withQuery(query: URLSearchParams, changes: Record<string, string | null>): string {
    const next = new URLSearchParams(query);
    for (const [name, value] of Object.entries(changes)) {
        if (value === null || value === '') next.delete(name);
        else next.set(name, value);
    }
    const text = next.toString();
    return location.pathname + (text ? `?${text}` : '');
}

export function setQuery(changes: Record<string, string | null>) {
    go(withQuery(place.get().query, changes), true);
}

/** The parts of a path that stand for names in a template such as '/traders/{address}'; null: it is another path. */
export function match(template: string, path: string): Record<string, string> | null {
    const names = template.split('/');
    const parts = path.replace(/(.)\/$/, '$1').split('/');
    if (names.length !== parts.length) return null;
    const found: Record<string, string> = {};
    for (const [i, name] of names.entries()) {
        const part = parts[i]!;
        if (name.startsWith('{')) {
            try {
                found[name.slice(1, -1)] = decodeURIComponent(part);
            } catch {
                return null;
            }
        } else if (name !== part) {
            return null;
        }
    }
    return found;
}

export const traderPath = (address: string) => `/traders/${encodeURIComponent(address)}`;
export const assetPath = (coin: string) => `/assets/${encodeURIComponent(coin)}`;

/** Links to our pages do not load the page anew; new tabs, downloads and the API's own pages are the browser's. */
function follow(event: MouseEvent) {
    if (
        event.defaultPrevented ||
        event.button !== 0 ||
        event.metaKey ||
        event.ctrlKey ||
        event.shiftKey ||
        event.altKey
    )
        return;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
    if (/^\/(api|docs|openapi\.json|metrics|static)(\/|$)/.test(link.pathname)) return;
    event.preventDefault();
    if (link.href !== location.href) go(link.href);
}

export function startRouter() {
    addEventListener('popstate', () => place.set(read()));
    document.addEventListener('click', follow);
}
