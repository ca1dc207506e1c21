// State and computations without a page: streams cut anywhere, paths, stores, curves, distributions, the map's geometry.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Asset, Episode, TraderDay } from '../src/api_types';
import { url } from '../src/api';
import { Grid, showsAny, viewOfAll, within } from '../src/map/geometry';
import { colorsOf } from '../src/map/colors';
import { movers } from '../src/pages/overview_market';
import { equityOf } from '../src/pages/trader';
import { groupOf } from '../src/pages/trader_figures';
import { holdBars, sizeBars } from '../src/pages/trader_habits';
import { entryOf } from '../src/pages/alerts';
import { figureText } from '../src/parts/figure_text';
import { EventReader } from '../src/stream';
import { keptStore, store } from '../src/store';

test('a stream of events may be cut anywhere', () => {
    const text =
        ': hello\n\nid: 7\nevent: published\ndata: {"a":1}\n\ndata: one\ndata: two\n\n: still here\n\nid: 8\r\nevent: x\r\ndata:y\r\n\r\n';
    const expected = [
        { id: '7', kind: 'published', data: '{"a":1}' },
        { id: '', kind: 'message', data: 'one\ntwo' },
        { id: '8', kind: 'x', data: 'y' },
    ];
    assert.deepEqual(new EventReader().read(text), expected);
    for (let cut = 0; cut < text.length; cut++) {
        const reader = new EventReader();
        assert.deepEqual(
            [...reader.read(text.slice(0, cut)), ...reader.read(text.slice(cut))],
            expected,
            `cut at ${cut}`,
        );
    }
    const byOne = new EventReader();
    assert.deepEqual(
        text.split(/(?=[^])/).flatMap((letter) => byOne.read(letter)),
        expected,
    );
});

test('questions leave out what is not asked', () => {
    assert.equal(url('/traders', { class: '', limit: 5, prefix: null, sort: undefined }), '/api/v1/traders?limit=5');
    assert.equal(
        url('/traders', { coin: 'PURR/USDC', liquidated: true }),
        '/api/v1/traders?coin=PURR%2FUSDC&liquidated=true',
    );
});

test('a store tells changes only', () => {
    const one = store(1);
    let told = 0;
    const stop = one.subscribe(() => told++);
    one.set(1);
    one.set(2);
    stop();
    one.set(3);
    assert.equal(told, 1);
    assert.equal(keptStore('x', 'a', () => true).get(), 'a'); // without storage, as here
});

const dayOf = (sum: number, mtm: number, idle: number) =>
    ({ cumulative_net_pnl: String(sum), net_pnl_mtm: String(mtm), net_pnl_mtm_idle: String(idle) }) as TraderDay;

test('drawdown is measured from the highest, which is 0 at first', () => {
    const e = equityOf([dayOf(-5, 1, 0), dayOf(10, 2, -1), dayOf(4, -3, 0), dayOf(12, 0, 0)]);
    assert.deepEqual(e.realised, [-5, 10, 4, 12]);
    assert.deepEqual(e.market, [1, 2, -1, -1]);
    assert.deepEqual(e.drawdown, [-5, 0, -6, 0]);
});

test('movers are of the last day, and traded', () => {
    const asset = (coin: string, last: string, close: string, before: string | null, volume: number) =>
        ({ coin, last_date: last, close, previous_close: before, last_day_volume: String(volume) }) as Asset;
    const many = Array.from({ length: 45 }, (_, i) => asset(`c${i}`, '2026-05-02', String(100 + i), '100', i));
    const found = movers([
        ...many,
        asset('old', '2026-05-01', '900', '100', 1e9),
        asset('new', '2026-05-02', '900', null, 1e9),
    ]);
    assert.deepEqual(
        found.map((a) => a.coin),
        ['c44', 'c43', 'c42', 'c41', 'c40', 'c39', 'c38', 'c37'],
    );
    assert.equal(movers([]).length, 0);
});

test('distributions count everything once', () => {
    const sizes = Array.from({ length: 24 }, (_, i) => (i >= 8 && i <= 12 && i !== 10 ? i : 0));
    const bars = sizeBars(sizes);
    assert.deepEqual(
        bars.map((bar) => bar.value),
        [8, 9, 0, 11, 12],
    );
    assert.equal(bars[0]!.label, '$100 to $316');
    assert.deepEqual(sizeBars([0, 0]), []);
    const episode = (minutes: number, pnl: number, extra: Partial<Episode> = {}) =>
        ({
            open_time: '2026-05-01T00:00:00Z',
            close_time: new Date(Date.parse('2026-05-01T00:00:00Z') + minutes * 60000).toISOString(),
            net_pnl: String(pnl),
            left_censored: false,
            broken: false,
            ...extra,
        }) as Episode;
    const holds = holdBars([
        episode(0, 1),
        episode(1, 1),
        episode(4.9, -1),
        episode(20000, 1),
        episode(3, 1, { left_censored: true }),
        episode(3, 1, { close_time: null }),
    ]);
    assert.deepEqual(
        holds.map((bar) => bar.value),
        [1, 2, 0, 0, 0, 0, 0, 1],
    );
    assert.match(holds[1]!.text, /50% won/);
});

test('figures are printed by their unit and belong to one group', () => {
    assert.equal(figureText('1234.5', { 'x-unit': 'USD', type: 'string' }, 'utc'), '$1.23k');
    assert.equal(figureText(0.123, { 'x-unit': '0..1', type: ['number', 'null'] }, 'utc'), '12.3%');
    assert.equal(figureText(null, { 'x-unit': '0..1' }, 'utc'), '–');
    assert.equal(figureText(true, { type: 'boolean' }, 'utc'), 'yes');
    assert.equal(figureText('2026-05-01T00:00:00Z', { format: 'date-time', type: 'string' }, 'utc'), '1 May 00:00');
    assert.equal(figureText('HFT', { type: 'string' }, 'utc'), 'HFT');
    assert.equal(figureText(12, { 'x-unit': '1', type: 'integer' }, 'utc'), '12');
    assert.equal(groupOf('taker_markout_bps_1s'), 'Markouts');
    assert.equal(groupOf('left_censored'), 'The rest');
    assert.equal(groupOf('net_pnl'), 'Profit');
});

test('alerts are shown whatever fields they have', () => {
    const entry = entryOf(
        { time: '2026-05-01T00:00:00Z', kind: 'confluence', coin: 'BTC', z_score: 3.2, nested: { a: 1 } },
        0,
    );
    assert.deepEqual([entry.kind, entry.coin, entry.text], ['confluence', 'BTC', 'z score 3.2']);
    assert.equal(entryOf({ message: 'hello' }, 1).text, 'hello');
});

test('the nearest point and those within an outline, against looking at all', () => {
    let seed = 11;
    const chance = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
    const places = Float32Array.from({ length: 4000 }, () => chance() * 20 - 10);
    const grid = new Grid(places);
    for (let k = 0; k < 300; k++) {
        const [x, y] = [chance() * 24 - 12, chance() * 24 - 12];
        let best = -1;
        let least = 0.5 ** 2;
        for (let i = 0; i < places.length / 2; i++) {
            const d = (places[2 * i]! - x) ** 2 + (places[2 * i + 1]! - y) ** 2;
            if (d <= least) {
                least = d;
                best = i;
            }
        }
        assert.equal(grid.nearest(x, y, 0.5), best);
    }
    // A circle of 200 corners: inside is what is nearer to its middle than its radius.
    const circle = Array.from({ length: 200 }, (_, i): [number, number] => [
        1 + 4 * Math.cos((i * Math.PI) / 100),
        -2 + 4 * Math.sin((i * Math.PI) / 100),
    ]);
    const caught = new Set(within(places, circle));
    for (let i = 0; i < places.length / 2; i++) {
        const d = Math.hypot(places[2 * i]! - 1, places[2 * i + 1]! + 2);
        if (Math.abs(d - 4) > 0.01) assert.equal(caught.has(i), d < 4, String(d));
    }
    assert.deepEqual(within(places, []), []);
    const view = viewOfAll(places, 800, 400);
    assert.ok(Math.abs(view.x) < 0.1 && view.scale * 20 < 400 && view.scale * 20 > 350);
    assert.deepEqual(viewOfAll(new Float32Array(), 100, 100), { x: 0, y: 0, scale: 92 });
});

test('points that are not shown step back', () => {
    const colors = colorsOf(
        4,
        (i) => (i === 3 ? null : [i, i, i]),
        (i) => i !== 0,
        new Set([2]),
        true,
    );
    assert.deepEqual([colors[3], colors[7], colors[11], colors[15]], [42, 40, 245, 40]);
});

test('a view has somebody in it, or nobody', () => {
    const places = Float32Array.of(0, 0, 10, -4);
    const shows = (x: number, y: number, scale: number) => showsAny(places, { x, y, scale }, 200, 100);
    // 200 by 100 pixels at 10 pixels a unit are 20 by 10 units.
    assert.deepEqual(
        [shows(0, 0, 10), shows(20, 0, 10), shows(20.1, 0, 10), shows(20, 1.1, 10)],
        [true, true, false, false],
    );
    assert.equal(shows(5, -2, 1000), false); // between both
    assert.equal(showsAny(new Float32Array(), { x: 0, y: 0, scale: 1 }, 200, 100), false);
});
