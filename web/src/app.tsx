// The frame around all pages.
import { useEffect } from 'preact/hooks';
import { online, url, useAnswer } from './api';
import type { Answers } from './api_types';
import { when } from './format';
import { helpShown, KEYS, startKeys } from './keys';
import { lazy, loadEarly } from './lazy';
import { Overview } from './pages/overview';
import { Guard } from './parts/guard';
import { Icon, type IconName } from './parts/icons';
import { Search } from './parts/search';
import { TipLayer } from './parts/term';
import { match, startRouter, usePlace } from './router';
import { clock, theme, useClock, type Theme } from './settings';
import { useStore } from './store';
import { link, startStream } from './stream';

const Traders = lazy(() => import('./pages/traders').then((page) => page.Traders), 14, true);
const Trader = lazy<{ address: string }>(() => import('./pages/trader').then((page) => page.Trader), 14, true);
const Assets = lazy(() => import('./pages/assets').then((page) => page.Assets), 14, true);
const Asset = lazy<{ coin: string }>(() => import('./pages/asset').then((page) => page.Asset), 14, true);
const MapPage = lazy(() => import('./pages/map').then((page) => page.MapPage), 14, true);
const Alerts = lazy(() => import('./pages/alerts').then((page) => page.Alerts), 14, true);

const PAGES: [path: string, label: string, icon: IconName][] = [
    ['/', 'Overview', 'overview'],
    ['/traders', 'Traders', 'traders'],
    ['/assets', 'Assets', 'assets'],
    ['/clusters', 'Map', 'map'],
    ['/alerts', 'Alerts', 'alerts'],
];

function Page({ path }: { path: string }) {
    const trader = match('/traders/{address}', path);
    const asset = match('/assets/{coin}', path);
    if (match('/', path)) return <Overview />;
    if (match('/traders', path)) return <Traders />;
    if (trader) return <Trader key={trader.address} address={trader.address!.toLowerCase()} />;
    if (match('/assets', path)) return <Assets />;
    if (asset) return <Asset key={asset.coin} coin={asset.coin!} />;
    if (match('/clusters', path)) return <MapPage />;
    if (match('/alerts', path)) return <Alerts />;
    return <Missing path={path} />;
}

function Missing({ path }: { path: string }) {
    return (
        <main class="missing">
            <h1>There is no page here</h1>
            <p>
                <code>{path}</code> leads nowhere. Programs find what they can ask for in the{' '}
                <a href="/docs">documentation of the API</a>.
            </p>
            <p>
                <a href="/">Go to the overview</a>
            </p>
        </main>
    );
}

function Status() {
    const state = useStore(link);
    const isOnline = useStore(online);
    const zone = useClock();
    const coverage = useAnswer<Answers['getCoverage']>(url('/coverage')).data?.coverage;
    const word = !isOnline ? 'Offline' : state === 'live' ? 'Live' : state === 'lost' ? 'Reconnecting' : 'Connecting';
    const title = {
        Live: 'New data are shown as they are published',
        Offline: 'The server cannot be reached: what you see may be old',
        Reconnecting: 'The line for news is broken; it is tried again',
        Connecting: 'The line for news is being opened',
    }[word];
    return (
        <span class={`status ${word.toLowerCase()}`} role="status" title={title}>
            <i aria-hidden="true" />
            {word}
            {coverage && <time datetime={coverage.to}>data to {when(coverage.to, zone)}</time>}
        </span>
    );
}

function Settings() {
    const zone = useClock();
    const chosen = useStore(theme);
    const next: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' };
    const icons: Record<Theme, IconName> = { system: 'auto', light: 'sun', dark: 'moon' };
    return (
        <>
            <button
                type="button"
                class="quiet zone"
                title="Times in UTC or in your own zone"
                aria-label={`Times are ${zone === 'utc' ? 'UTC' : 'local'}: switch`}
                onClick={() => clock.set(zone === 'utc' ? 'local' : 'utc')}
            >
                {zone === 'utc' ? 'UTC' : 'Local'}
            </button>
            <button
                type="button"
                class="quiet"
                title={`Colours: ${chosen}`}
                aria-label={`Colours: ${chosen}. Switch to ${next[chosen]}`}
                onClick={() => theme.set(next[chosen])}
            >
                <Icon name={icons[chosen]} />
            </button>
            <button
                type="button"
                class="quiet help-button"
                title="Keyboard"
                aria-label="Keyboard"
                onClick={() => helpShown.set(true)}
            >
                <Icon name="help" />
            </button>
        </>
    );
}

function Help() {
    const shown = useStore(helpShown);
    if (!shown) return null;
    return (
        <div class="veil" onClick={() => helpShown.set(false)}>
            <div
                class="help"
                role="dialog"
                aria-modal="true"
                aria-label="Keyboard"
                onClick={(event) => event.stopPropagation()}
            >
                <h2>Keyboard</h2>
                <dl>
                    {KEYS.map(([key, text]) => (
                        <div key={key}>
                            <dt>
                                <kbd>{key}</kbd>
                            </dt>
                            <dd>{text}</dd>
                        </div>
                    ))}
                </dl>
                <button type="button" autofocus onClick={() => helpShown.set(false)}>
                    Close
                </button>
            </div>
        </div>
    );
}

function titleOf(path: string): string {
    const part = path.split('/').filter(Boolean).map(decodeURIComponentSafely);
    if (part.length === 0) return 'Vigil';
    const page = PAGES.find(([to]) => to === `/${part[0]}`);
    return `${part[1] ?? page?.[1] ?? 'Not found'} · Vigil`;
}

function decodeURIComponentSafely(text: string): string {
    try {
        return decodeURIComponent(text);
    } catch {
        return text;
    }
}

export function App() {
    const { path } = usePlace();
    useEffect(() => {
        startRouter();
        startKeys();
        void startStream();
        loadEarly();
    }, []);
    useEffect(() => {
        document.title = titleOf(path);
    }, [path]);
    const isAt = (to: string) => (to === '/' ? path === '/' : path === to || path.startsWith(`${to}/`));
    return (
        <>
            <a
                class="skip"
                href="#content"
                onClick={(event) => {
                    event.preventDefault();
                    document.querySelector<HTMLElement>('main')?.focus();
                }}
            >
                Skip to the content
            </a>
            <header class="top">
                <a class="brand" href="/" aria-label="Vigil, overview">
                    <Mark />
                    Vigil
                </a>
                <nav aria-label="Pages">
                    {PAGES.map(([to, label, icon]) => (
                        <a key={to} href={to} {...(isAt(to) ? { 'aria-current': 'page' as const } : {})}>
                            <Icon name={icon} />
                            <span>{label}</span>
                        </a>
                    ))}
                </nav>
                <Search />
                <Status />
                <Settings />
            </header>
            <div id="content">
                <Guard isPage>
                    <Page path={path} />
                </Guard>
            </div>
            <footer class="foot">
                <span>Trading PnL from fills, without funding. Money is exact; what is shown is rounded.</span>
                <span>
                    <a href="/docs">API</a> · <a href="/openapi.json">openapi.json</a> · <a href="/metrics">metrics</a>
                </span>
            </footer>
            <TipLayer />
            <Help />
        </>
    );
}

function Mark() {
    return (
        <svg
            viewBox="0 0 32 32"
            class="mark"
            aria-hidden="true"
            fill="none"
            stroke-linecap="round"
            stroke-linejoin="round"
            stroke-width="2.6"
        >
            <path class="eye" d="M3 16C7 9 11.500 6 16 6s9 3 13 10c-4 7-8.500 10-13 10S7 23 3 16Z" />
            <path class="line" d="m9 19 4-4 3 2.800 7-6.300" />
        </svg>
    );
}
