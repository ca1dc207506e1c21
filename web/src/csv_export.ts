// A whole list as a CSV file: page after page of the API's own CSV, of which some columns are kept as they are written.
import { get, headers, problemOf, url, type Query } from './api';

export const MOST_ROWS = 1_000_000;
const PAGE = 1000;
const ATTEMPTS = 3; // of a list that changes while it is read
const WAITS = 5; // for a server that asks for patience

/** Fields of RFC 4180, quotes and all, so that they can be written again as they were. */
export function* rowsOfCsv(text: string): Generator<string[]> {
    let fields: string[] = [];
    const field = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n|\n|$)/y;
    while (field.lastIndex < text.length) {
        const at = field.lastIndex;
        const match = field.exec(text);
        if (!match) throw new Error(`the server's CSV is damaged at character ${at}`);
        fields.push(match[1]!);
        if (match[2] === ',') {
            if (field.lastIndex < text.length) continue;
            fields.push(''); // behind a comma there is a field, even if the text ends
        }
        yield fields;
        fields = [];
    }
}

/** The columns of these names, in this order; what the text does not have stays empty. */
export function withColumns(text: string, names: string[], withHead: boolean): { text: string; rows: number } {
    const lines: string[] = withHead ? [names.join(',')] : [];
    let places: number[] | null = null;
    let rows = 0;
    for (const row of rowsOfCsv(text)) {
        if (places === null) {
            places = names.map((name) => row.indexOf(name));
            continue;
        }
        lines.push(places.map((place) => row[place] ?? '').join(','));
        rows++;
    }
    return { text: lines.map((line) => `${line}\r\n`).join(''), rows };
}

const pause = (ms: number, signal: AbortSignal) =>
    new Promise<void>((done, fail) => {
        signal.throwIfAborted();
        const cancel = () => {
            clearTimeout(timer);
            fail(new Error('cancelled'));
        };
        const timer = setTimeout(() => {
            signal.removeEventListener('abort', cancel);
            done();
        }, ms);
        signal.addEventListener('abort', cancel);
    });

async function page(address: string, signal: AbortSignal): Promise<{ text: string; cursor: string | null }> {
    for (let wait = 0; ; wait++) {
        const answer = await fetch(address, { headers: { Accept: 'text/csv', ...headers() }, signal });
        const seconds = Number(answer.headers.get('Retry-After') ?? NaN);
        if (answer.ok) return { text: await answer.text(), cursor: answer.headers.get('X-Next-Cursor') };
        if (!Number.isFinite(seconds) || wait === WAITS) throw await problemOf(answer);
        await pause(1000 * Math.max(1, Math.min(30, seconds)), signal);
    }
}

const versionOf = async (signal: AbortSignal) => (await get<{ version: string }>(url('/coverage'), signal)).version;

export interface CsvFile {
    parts: Blob[]; // a page each: the browser keeps them outside of the page's memory
    rows: number;
    isWhole: boolean; // false: MOST_ROWS were reached
}

async function read(
    path: string,
    query: Query,
    columns: string[],
    onRows: (rows: number) => void,
    signal: AbortSignal,
): Promise<CsvFile> {
    const file: CsvFile = { parts: [], rows: 0, isWhole: true };
    let cursor: string | null = null;
    do {
        const one: { text: string; cursor: string | null } = await page(
            url(path, { ...query, limit: PAGE, format: 'csv', cursor }),
            signal,
        );
        const part = withColumns(one.text, columns, cursor === null);
        file.parts.push(new Blob([part.text]));
        file.rows += part.rows;
        cursor = one.cursor;
        onRows(file.rows);
    } while (cursor !== null && file.rows < MOST_ROWS);
    return { ...file, isWhole: cursor === null };
}

/** All rows of one state of the data: when a job publishes meanwhile, it is begun again. */
export async function exportCsv(
    path: string,
    query: Query,
    columns: string[],
    onRows: (rows: number) => void,
    signal: AbortSignal,
): Promise<CsvFile> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const version = await versionOf(signal);
        const file = await read(path, query, columns, onRows, signal);
        if ((await versionOf(signal)) === version) return file;
    }
    throw new Error(`new data were published during each of ${ATTEMPTS} attempts: try again later`);
}

/** Hands a file to the browser. */
export function saveFile(name: string, parts: Blob[]) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob(parts, { type: 'text/csv;charset=utf-8' }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
