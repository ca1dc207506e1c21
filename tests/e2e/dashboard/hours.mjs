// Coverage by hour: what was fetched and what was left out, cell by cell; then the hole is mended while the page looks on.
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { check, equal, ROOT, Server, TMP, vigil, visitor } from '../browser.mjs';
import { browser, figure, server } from './world.mjs';

const HOLES = [
    ['20260502', 22],
    ['20260502', 23],
    ['20260503', 0],
    ['20260504', 13],
];
const DAYS = ['20260504', '20260503', '20260502', '20260501'];

/** The class of each hour of a day, by the place that its run takes. */
const statesOf = (page, day) =>
    page.locator(`.hours-row[data-day="${day}"] > div > i`).evaluateAll((runs) =>
        runs.flatMap((run) => {
            const [from, to] = [run.style.gridColumnStart, run.style.gridColumnEnd].map(Number);
            return Array(to - from).fill(run.className);
        }),
    );

export async function hours() {
    const market = join(TMP, 'market-with-holes');
    const source = join(TMP, 'market/node_fills_by_block/hourly');
    const place = (day, hour) => join(market, 'node_fills_by_block/hourly', day, `${hour}.lz4`);
    for (const day of DAYS)
        cpSync(join(source, day), join(market, 'node_fills_by_block/hourly', day), { recursive: true });
    for (const [day, hour] of HOLES) rmSync(place(day, hour));
    for (const hour of [0, 1, 2]) rmSync(place('20260501', hour));
    for (const hour of [20, 21, 22, 23]) rmSync(place('20260504', hour));
    const holes = join(TMP, 'holes');
    vigil('fetch', market, '--lake', holes, '--quiet');
    vigil('features', '--lake', holes, '--quiet');
    const other = await new Server(holes).start();
    const page = await visitor(browser, other);
    await page.open('/');
    const expected = (mended) => (day) =>
        Array.from({ length: 24 }, (_, hour) => {
            if ((day === '20260501' && hour < 3) || (day === '20260504' && hour >= 20)) return 'outside';
            return !mended && HOLES.some(([d, h]) => d === day && h === hour) ? 'absent' : 'present';
        });
    const dashed = (day) => `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`;
    for (const day of DAYS)
        equal(await statesOf(page, dashed(day)), expected(false)(day), `${dashed(day)}: each hour as it was fetched`);
    equal(
        await page.locator('.hours-row[data-day]').evaluateAll((rows) => rows.map((row) => row.dataset.day)),
        DAYS.map(dashed),
        'the newest day first',
    );
    equal(await page.locator('.covered-hours .note').textContent(), '85 of 89 hours', 'how many there are');
    equal(
        await page.locator('.hours figcaption').textContent(),
        'Missing: 4 May 13:00, 2 May 22:00 (3 h)',
        'which are missing, over midnight, too',
    );
    const strip = page.locator('.hours-row[data-day="2026-05-03"] > div');
    await strip.scrollIntoViewIfNeeded();
    const box = await strip.boundingBox();
    await page.mouse.move(box.x + (0.5 * box.width) / 24, box.y + 5);
    await page.waitForFunction(() => document.querySelector('.hours figcaption b'));
    equal(
        await page.locator('.hours figcaption').textContent(),
        'absent 3 May 2026, 00:00 UTC',
        'the hour under the pointer is told',
    );
    await page.mouse.move(0, 0);
    equal(
        await page.locator('.hours .legend li').allTextContents(),
        ['present', 'absent', 'no data yet'],
        'the legend has what there is',
    );
    await page.shot('hours-dark');
    await page.waitForFunction(() => document.querySelector('.status')?.textContent.startsWith('Live'));
    for (const [day, hour] of HOLES) cpSync(join(source, day, `${hour}.lz4`), place(day, hour));
    vigil('fetch', market, '--lake', holes, '--quiet');
    vigil('features', '--lake', holes, '--quiet');
    await page.waitForFunction(() => document.querySelector('.hours figcaption')?.textContent === 'None is missing');
    for (const day of DAYS)
        equal(await statesOf(page, dashed(day)), expected(true)(day), `${dashed(day)}: mended, without a reload`);
    await page.done('hours');
    await other.stop();
    await untold();
    await manyDays();
}

/** A lake of one wallet's fills: its object names no hour, so nobody knows what is missing. */
async function untold() {
    const wallet = join(TMP, 'wallet');
    vigil('fetch', join(ROOT, 'tests/data/real/wallets/2025-10-0x109a42c3.lz4'), '--lake', wallet, '--quiet');
    vigil('features', '--lake', wallet, '--quiet');
    const other = await new Server(wallet).start();
    const page = await visitor(browser, other);
    await page.open('/');
    equal(await page.locator('.covered-hours .note').textContent(), 'not told', 'no hour is named: nothing is counted');
    equal(
        await page.locator('.hours figcaption').textContent(),
        'Not told: no object names its hour',
        'nor said to be complete',
    );
    equal(
        (await page.locator('.hours .legend li').allTextContents()).filter((text) => text !== 'no data yet'),
        ['not told'],
        'the legend says so, too',
    );
    equal(await figure(page, 'Hours in the lake'), '–', 'and so does the figure');
    await page.shot('hours-not-told-dark');
    await page.done('hours that are not told');
    await other.stop();
}

/** Two years of days, page by page: few are in sight, all can be reached. The answers are made up. */
async function manyDays() {
    const page = await visitor(browser, server);
    const dayAt = (i) => new Date(Date.UTC(2026, 4, 5) - i * 86400000).toISOString().slice(0, 10);
    const pages = [];
    await page.route('**/api/v1/coverage/hours?*', async (route) => {
        const query = new URL(route.request().url()).searchParams;
        const from = Number(query.get('cursor') ?? 0);
        const to = Math.min(730, from + Number(query.get('limit')));
        pages.push(from);
        const coverage = { from: '2024-05-05T00:00:00Z', to: '2026-05-05T23:59:59Z', complete: false };
        const items = Array.from({ length: to - from }, (_, k) => ({
            date: dayAt(from + k),
            hours_present: (from + k) % 7 === 3 ? 23 : 24,
            hours: (from + k) % 7 === 3 ? '1'.repeat(9) + '0' + '1'.repeat(14) : '1'.repeat(24),
        }));
        await route.fulfill({ json: { coverage, items, next_cursor: to < 730 ? String(to) : null } });
    });
    await page.open('/');
    await page.locator('.hours-row[data-day]').first().waitFor();
    equal(await page.locator('.hours-row[data-day]').count(), 366, 'a long history: a year at first');
    check((await page.locator('.hours-box').boundingBox()).height < 160, 'of which a week is in sight');
    for (let i = 0; i < 20 && (await page.locator('.hours-row[data-day]').count()) < 730; i++) {
        await page.locator('.hours-box').evaluate((box) => (box.scrollTop = box.scrollHeight));
        await page.waitForTimeout(100);
    }
    equal(
        await page.locator('.hours-row[data-day]').last().getAttribute('data-day'),
        dayAt(729),
        'scrolling brings the rest',
    );
    equal(pages, [0, 366], 'in two pages');
    check(
        /and 1\d\d more$/.test(await page.locator('.hours figcaption').textContent()),
        'of many gaps the newest are named',
    );
    check((await page.locator('.hours-row i').count()) < 1500, 'runs are drawn, not hours');
    await page.done('many days');
}
