// The keyboard: single letters where nobody is typing.
import { go } from './router';
import { store } from './store';

export const helpShown = store(false);

const PLACES: Record<string, string> = { o: '/', t: '/traders', a: '/assets', m: '/clusters', l: '/alerts' };

export const KEYS: [string, string][] = [
    ['/', 'Search for a trader or a coin'],
    ['g then o', 'Overview'],
    ['g then t', 'Traders'],
    ['g then a', 'Assets'],
    ['g then m', 'Map'],
    ['g then l', 'Alerts'],
    ['↑ ↓ PgUp PgDn', 'Walk through a list; Enter opens'],
    ['?', 'This list'],
    ['Esc', 'Closes what is open'],
];

let before = '';

function press(event: KeyboardEvent) {
    const target = event.target as HTMLElement;
    if (event.key === 'Escape') helpShown.set(false);
    if (event.metaKey || event.ctrlKey || event.altKey || target.closest('input, select, textarea')) return;
    if (event.key === '/') {
        event.preventDefault();
        document.getElementById('search')?.focus();
    } else if (event.key === '?') {
        helpShown.set(!helpShown.get());
    } else if (before === 'g' && PLACES[event.key]) {
        go(PLACES[event.key]!);
    }
    before = event.key;
}

export const startKeys = () => addEventListener('keydown', press);
