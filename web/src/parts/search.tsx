// One box for traders and coins: an address or its beginning, a name that the visitor gave, a coin.
import { useEffect, useState } from 'preact/hooks';
import { get, url } from '../api';
import type { AssetList, TraderList } from '../api_types';
import { money, short } from '../format';
import { assetPath, go, traderPath } from '../router';
import { watched } from '../settings';
import { Icon } from './icons';

interface Found {
    href: string;
    text: string;
    note: string;
}

let assets: Promise<AssetList> | undefined;
const allAssets = () =>
    (assets ??= get<AssetList>(url('/assets')).catch((problem: unknown) => {
        assets = undefined;
        throw problem;
    }));

async function find(text: string, signal: AbortSignal): Promise<Found[]> {
    const word = text.toLowerCase();
    if (/^0x[0-9a-f]{1,38}$/.test(word)) {
        const list = await get<TraderList>(url('/traders', { prefix: word, limit: 8 }), signal);
        return list.items.map((t) => ({
            href: traderPath(t.user_address),
            text: short(t.user_address),
            note: money(t.volume),
        }));
    }
    if (/^0x[0-9a-f]+$/.test(word)) return [{ href: traderPath(word), text: short(word), note: 'address' }];
    const named = Object.entries(watched.get())
        .filter(([, name]) => name.toLowerCase().includes(word))
        .map(([address, name]) => ({ href: traderPath(address), text: name, note: short(address) }));
    const coins = (await allAssets()).items.filter((asset) => asset.coin.toLowerCase().includes(word));
    coins.sort((a, b) => Number(b.coin.toLowerCase().startsWith(word)) - Number(a.coin.toLowerCase().startsWith(word)));
    return [
        ...named,
        ...coins.map((asset) => ({ href: assetPath(asset.coin), text: asset.coin, note: asset.kind })),
    ].slice(0, 8);
}

export function Search() {
    const [text, setText] = useState('');
    const [found, setFound] = useState<Found[] | null>(null);
    const [at, setAt] = useState(0);
    useEffect(() => {
        const word = text.trim();
        setAt(0);
        if (!word) {
            setFound(null);
            return;
        }
        const stop = new AbortController();
        const timer = setTimeout(() => find(word, stop.signal).then(setFound, () => setFound(null)), 120);
        return () => {
            clearTimeout(timer);
            stop.abort();
        };
    }, [text]);
    const open = (item: Found | undefined) => {
        if (!item) return;
        setText('');
        setFound(null);
        (document.activeElement as HTMLElement | null)?.blur();
        go(item.href);
    };
    const press = (event: KeyboardEvent) => {
        const n = found?.length ?? 0;
        if (event.key === 'ArrowDown' && n) {
            event.preventDefault();
            setAt((at + 1) % n);
        }
        if (event.key === 'ArrowUp' && n) {
            event.preventDefault();
            setAt((at + n - 1) % n);
        }
        if (event.key === 'Escape') {
            setText('');
            (event.currentTarget as HTMLElement).blur();
        }
    };
    return (
        <form
            class="search"
            role="search"
            onSubmit={(event) => {
                event.preventDefault();
                open(found?.[at]);
            }}
        >
            <Icon name="search" />
            <input
                id="search"
                type="text"
                role="combobox"
                aria-label="Search for a trader or a coin"
                aria-expanded={found !== null}
                aria-controls="found"
                aria-activedescendant={found?.length ? `found-${at}` : undefined}
                autocomplete="off"
                spellcheck={false}
                placeholder="Address or coin"
                value={text}
                onInput={(event) => setText(event.currentTarget.value)}
                onKeyDown={press}
                onBlur={() => setTimeout(() => setFound(null), 150)}
            />
            <kbd aria-hidden="true">/</kbd>
            {found && (
                <ul id="found" role="listbox" aria-label="Found">
                    {found.length === 0 && <li class="none">Nothing begins so.</li>}
                    {found.map((item, i) => (
                        <li
                            key={item.href}
                            id={`found-${i}`}
                            role="option"
                            aria-selected={i === at}
                            onPointerDown={(event) => {
                                event.preventDefault();
                                open(item);
                            }}
                        >
                            <span>{item.text}</span>
                            <small>{item.note}</small>
                        </li>
                    ))}
                </ul>
            )}
        </form>
    );
}
