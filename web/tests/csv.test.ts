// The export of whole lists: fields as they were written, every page, one state of the data, and an end on request.
import assert from 'node:assert/strict';
import test from 'node:test';
import { exportCsv, rowsOfCsv, withColumns, type CsvFile } from '../src/csv_export';

test('fields keep their quotes', () => {
    const text = 'a,b,c\r\n"x, ""y""","line\r\nbreak",\r\n,,"1"\r\n';
    assert.deepEqual(
        [...rowsOfCsv(text)],
        [
            ['a', 'b', 'c'],
            ['"x, ""y"""', '"line\r\nbreak"', ''],
            ['', '', '"1"'],
        ],
    );
    assert.deepEqual(
        [...rowsOfCsv('a,b\n1,2')],
        [
            ['a', 'b'],
            ['1', '2'],
        ],
    );
    assert.deepEqual([...rowsOfCsv('')], []);
    // A comma is followed by a field, with or without an end of the line.
    for (const end of ['', '\n', '\r\n']) {
        assert.deepEqual([...rowsOfCsv(`1,${end}`)], [['1', '']]);
        assert.deepEqual(
            [...rowsOfCsv(`a,b\n,${end}`)],
            [
                ['a', 'b'],
                ['', ''],
            ],
        );
    }
    let told = '';
    try {
        assert.ok([...rowsOfCsv('a,b\r\n1,x"y\r\n')]);
    } catch (error) {
        told = String(error);
    }
    assert.match(told, /damaged at character 7/);
});

test('columns are chosen, in the order that is wanted', () => {
    const text = 'user_address,net_pnl,class\r\n0x1,-0.1000,HFT\r\n0x2,,\r\n';
    assert.deepEqual(withColumns(text, ['class', 'user_address', 'net_pnl'], true), {
        text: 'class,user_address,net_pnl\r\nHFT,0x1,-0.1000\r\n,0x2,\r\n',
        rows: 2,
    });
    assert.equal(withColumns(text, ['net_pnl'], false).text, '-0.1000\r\n\r\n');
    assert.equal(withColumns(text, ['nothing', 'class'], true).text, 'nothing,class\r\n,HFT\r\n,\r\n');
});

interface Said {
    versions: string[]; // of the answers to /coverage, one after the other; the last stays
    rows: number;
    busyAt?: number; // this question is refused once, with Retry-After
}

/** A server of one list, in place of fetch. */
function serve({ versions, rows, busyAt }: Said) {
    const asked: string[] = [];
    globalThis.fetch = (input, options) => {
        options?.signal?.throwIfAborted();
        const at = new URL(input as string, 'http://vigil.test/');
        asked.push(at.pathname + at.search);
        if (at.pathname.endsWith('/coverage'))
            return Promise.resolve(Response.json({ version: versions.length > 1 ? versions.shift() : versions[0] }));
        if (asked.length === busyAt)
            return Promise.resolve(
                Response.json({ detail: 'too often' }, { status: 429, headers: { 'Retry-After': '0' } }),
            );
        const from = Number(at.searchParams.get('cursor') ?? 0);
        const to = Math.min(rows, from + Number(at.searchParams.get('limit')));
        const lines = Array.from({ length: to - from }, (_, i) => `${from + i},x\r\n`);
        const next: Record<string, string> = to < rows ? { 'X-Next-Cursor': String(to) } : {};
        return Promise.resolve(new Response(`n,other\r\n${lines.join('')}`, { headers: next }));
    };
    return asked;
}

const all = (signal = new AbortController().signal, onRows: (rows: number) => void = () => {}) =>
    exportCsv('/list', { min: 5 }, ['n'], onRows, signal);

const textOf = (file: CsvFile) => new Blob(file.parts).text();

test('all pages, one after the other', async () => {
    const asked = serve({ versions: ['a'], rows: 2500 });
    const told: number[] = [];
    const file = await all(undefined, (rows) => told.push(rows));
    assert.equal(await textOf(file), `n\r\n${Array.from({ length: 2500 }, (_, i) => `${i}\r\n`).join('')}`);
    assert.deepEqual([file.rows, file.isWhole, told.join()], [2500, true, '1000,2000,2500']);
    assert.ok(asked.filter((address) => address.includes('min=5')).length === 3, asked.join(' '));
});

test('an empty list is a file with names only', async () => {
    serve({ versions: ['a'], rows: 0 });
    assert.equal(await textOf(await all()), 'n\r\n');
});

test('when data are published meanwhile it begins again, and gives up in the end', async () => {
    let asked = serve({ versions: ['a', 'b', 'b', 'b'], rows: 1500 });
    assert.equal((await all()).rows, 1500);
    assert.equal(asked.filter((address) => address.includes('/list')).length, 4);
    asked = serve({ versions: ['a', 'b', 'c', 'd', 'e', 'f'], rows: 10 });
    assert.match(await all().then(String, String), /published during each of 3 attempts/);
    assert.equal(asked.filter((address) => address.includes('/list')).length, 3);
});

test('a server that asks for patience gets it', async () => {
    serve({ versions: ['a'], rows: 1200, busyAt: 3 });
    assert.equal((await all()).rows, 1200);
});

test('who has cancelled does not wait for a busy server', async () => {
    const stop = new AbortController();
    serve({ versions: ['a'], rows: 1200, busyAt: 3 });
    const answer = globalThis.fetch;
    // Cancelled while the refusal is on its way.
    globalThis.fetch = async (...question) => {
        const came = await answer(...question);
        if (came.status === 429) stop.abort();
        return came;
    };
    const { setTimeout } = globalThis;
    let waits = 0;
    globalThis.setTimeout = ((act: () => void, ms: number) => {
        waits++;
        return setTimeout(act, ms);
    }) as typeof globalThis.setTimeout;
    const ended = await all(stop.signal).then(
        () => 'a file',
        () => 'no file',
    );
    globalThis.setTimeout = setTimeout;
    assert.deepEqual([ended, waits], ['no file', 0]);
});

test('it ends when it is cancelled', async () => {
    const stop = new AbortController();
    const asked = serve({ versions: ['a'], rows: 100000 });
    const ended = await all(stop.signal, () => stop.abort()).then(
        () => 'a file',
        () => 'no file',
    );
    assert.equal(ended, 'no file');
    assert.ok(asked.length < 4, asked.join(' '));
});
