// News from /stream. Read with fetch, since EventSource can send no API key; what was missed is asked for by
// Last-Event-ID, as EventSource would.
import { dataVersion, headers, online, url } from './api';
import { apiKey } from './settings';
import { store } from './store';

export interface News {
    id: string;
    kind: string;
    data: unknown;
    at: string; // when it arrived
}

export type Link = 'connecting' | 'live' | 'lost';
export const link = store<Link>('connecting');

/** The newest first. */
export const news = store<News[]>([]);
const KEPT = 500;

/** Cuts a stream of text into events; what is not complete yet waits for the next piece. */
export class EventReader {
    private rest = '';

    read(piece: string): { id: string; kind: string; data: string }[] {
        // A '\r' at the end may be half of a line's end.
        this.rest += piece;
        const blocks = this.rest.replaceAll('\r\n', '\n').split('\n\n');
        this.rest = blocks.pop() ?? '';
        return blocks.map(parse).filter((event) => event.data !== '');
    }
}

function parse(block: string) {
    const event = { id: '', kind: 'message', data: '' };
    for (const line of block.split('\n')) {
        const colon = line.indexOf(':');
        if (colon < 1) continue; // a comment keeps the line alive
        const value = line.slice(colon + 1).replace(/^ /, '');
        const name = line.slice(0, colon);
        if (name === 'id') event.id = value;
        if (name === 'event') event.kind = value;
        if (name === 'data') event.data += (event.data ? '\n' : '') + value;
    }
    return event;
}

let lastId = '';

function take(event: { id: string; kind: string; data: string }) {
    let data: unknown = event.data;
    try {
        data = JSON.parse(event.data);
    } catch {
        // Not JSON: shown as the text it is.
    }
    if (event.id) lastId = event.id;
    if (event.kind === 'published') dataVersion.set(dataVersion.get() + 1);
    news.set([{ ...event, data, at: new Date().toISOString() }, ...news.get()].slice(0, KEPT));
}

const SILENCE_MS = 45000; // the server sends a comment every 15 s

async function listen(stop: AbortController) {
    const more = lastId ? { 'Last-Event-ID': lastId } : {};
    const answer = await fetch(url('/stream'), {
        headers: { Accept: 'text/event-stream', ...headers(), ...more },
        signal: stop.signal,
        cache: 'no-store',
    });
    if (!answer.ok || !answer.body) throw new Error(String(answer.status));
    const isReturn = link.get() === 'lost';
    link.set('live');
    online.set(true);
    if (isReturn) dataVersion.set(dataVersion.get() + 1); // more than the server keeps may have been missed
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    const events = new EventReader();
    let timer = 0;
    for (;;) {
        clearTimeout(timer);
        timer = setTimeout(() => stop.abort(), SILENCE_MS);
        const { done, value } = await reader.read();
        if (done) break;
        for (const event of events.read(value)) take(event);
    }
    clearTimeout(timer);
}

/** Listens until the page is left. Waits longer after each failure, up to half a minute. */
export async function startStream() {
    let wait = 500;
    let stop = new AbortController();
    let wake = () => {};
    const hurry = () => wake();
    addEventListener('online', hurry);
    addEventListener('offline', () => stop.abort());
    apiKey.subscribe(() => {
        stop.abort();
        hurry();
    });
    for (;;) {
        const begun = Date.now();
        stop = new AbortController();
        await listen(stop).catch(() => {});
        link.set('lost');
        wait = Date.now() - begun > 10000 ? 500 : Math.min(wait * 2, 30000);
        await new Promise<void>((resolve) => {
            wake = resolve;
            setTimeout(resolve, wait * (0.75 + Math.random() / 2));
        });
    }
}
