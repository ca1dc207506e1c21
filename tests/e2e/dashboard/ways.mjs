// What goes wrong, what happens meanwhile, who looks at it and on what.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { check, equal, numberOf, ROOT, Server, sql, TMP, vigil, visitor } from '../browser.mjs';
import { browser, figure, lake, largest, rowsOf, server, traderCount } from './world.mjs';

const luminance = (rgb) =>
    rgb
        .map((v) => v / 255)
        .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
const contrast = (a, b) => {
    const [high, low] = [luminance(a), luminance(b)].sort((p, q) => q - p);
    return (high + 0.05) / (low + 0.05);
};
const channels = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

export async function wrongWays() {
    const page = await visitor(browser, server);
    page.awaited = /404|500|ERR_FAILED/;
    const answer = await page.goto('/no/such/page');
    equal(answer.status(), 404, 'a page that is not there is a 404');
    check(await page.getByText('There is no page here').isVisible(), 'and says so');
    await page.shot('missing-dark');
    await page.open('/traders/0x' + '1'.repeat(40));
    check(await page.getByText('This address has no fills here').isVisible(), 'an address without fills');
    await page.open('/traders/nobody');
    check(await page.getByText('This is no address').isVisible(), 'what is no address');
    await page.open('/assets/NOSUCH');
    check(await page.getByText('There is no coin NOSUCH here').isVisible(), 'a coin that is not there');
    await page.route('**/api/v1/traders?*', (route) =>
        route.fulfill({
            status: 500,
            contentType: 'application/problem+json',
            body: '{"title":"Internal error","status":500,"detail":"a fault, for the test"}',
        }),
    );
    await page.open('/traders');
    check(await page.getByText('a fault, for the test').isVisible(), 'a fault of the server is told');
    await page.shot('fault-dark');
    await page.unroute('**/api/v1/traders?*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await rowsOf(page, 'Traders').first().waitFor();
    check(true, 'and can be tried again');
    await page.route('**/static/trader-*.js', (route) => route.abort());
    await page.open('/');
    await rowsOf(page, 'Leaderboard').first().click();
    await page.getByText('This part could not be loaded').waitFor();
    await page.unroute('**/static/trader-*.js');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('.trader-title').waitFor();
    check(true, 'a part that cannot be loaded is told, too, and can be tried again');
    // A slow line: what comes is announced at once.
    await page.route('**/api/**', async (route) => {
        await new Promise((go) => setTimeout(go, 1200));
        await route.continue().catch(() => {});
    });
    await page.goto('/traders');
    check(await page.locator('.skeleton').first().isVisible(), 'while a slow line loads, its place is kept');
    await page.shot('slow-dark');
    await page.settled();
    check((await rowsOf(page, 'Traders').count()) > 10, 'then the list is there');
    await page.unroute('**/api/**');
    await page.done('wrong ways');
}

/** Answers that no page can draw, as a fault of ours would be. */
export async function broken() {
    const page = await visitor(browser, server);
    page.awaited = /null|undefined/;
    const fault = page.getByText('This part broke');
    await page.route('**/api/v1/positions?*', async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, json: { ...(await response.json()), items: [null] } });
    });
    await page.open('/');
    await fault.waitFor();
    equal(
        await page.locator('.panel', { has: fault }).locator('h2').textContent(),
        'Largest open positions',
        'a panel that breaks says so in its place',
    );
    check((await rowsOf(page, 'Leaderboard').count()) > 5, 'and the others are there');
    await page.unroute('**/api/v1/positions?*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await rowsOf(page, 'Largest open positions').first().waitFor();
    equal(await fault.count(), 0, 'once its data are good, it is whole again');
    await page.route('**/api/v1/clusters/map', async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, json: { ...(await response.json()), traders: ['0x1'], x: null } });
    });
    await page.locator('nav').getByText('Map').click();
    await fault.waitFor();
    check(await page.locator('nav').isVisible(), 'a page that breaks leaves the frame');
    await page.unroute('**/api/v1/clusters/map');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('Clusters are not computed yet').waitFor();
    check(true, 'and can be tried again');
    await page.route('**/api/v1/assets*', (route) => route.fulfill({ json: { coverage: {}, items: [null] } }));
    await page.locator('nav').getByText('Assets').click();
    await page.locator('main > .failure').waitFor();
    await page.locator('nav').getByText('Overview').click();
    await rowsOf(page, 'Leaderboard').first().waitFor();
    equal(await page.locator('main > .failure').count(), 0, 'nor does it stay when another page is opened');
    await page.done('what breaks');
}

export async function keys() {
    writeFileSync(join(TMP, 'keys.txt'), `visitor ${createHash('sha256').update('open sesame').digest('hex')}\n`);
    const locked = await new Server(lake, '--api-keys', join(TMP, 'keys.txt')).start();
    const page = await visitor(browser, locked);
    page.awaited = /401/;
    await page.open('/traders');
    await page.getByText('This server wants an API key').waitFor();
    await page.getByLabel('API key').fill('open sesame');
    await page.getByRole('button', { name: 'Use it' }).click();
    await rowsOf(page, 'Traders').first().waitFor();
    await page.waitForFunction(() => document.querySelector('.status')?.textContent.startsWith('Live'));
    check(!page.url().includes('sesame'), 'a key opens a server that wants one, news included, and is in no address');
    await page.done('keys');
    await locked.stop();
}

export async function news() {
    const page = await visitor(browser, server);
    await page.open('/alerts');
    await page.waitForFunction(() => document.querySelector('.status')?.textContent.startsWith('Live'));
    const counted = traderCount;
    vigil('fetch', 'market', '--lake', lake, '--quiet');
    vigil('features', '--lake', lake, '--quiet');
    await page.getByText(/New data up to 2026-05-06 23:5/).waitFor();
    check(true, 'what is published appears in the feed by itself');
    await page.waitForFunction(() => document.querySelector('.status time')?.textContent === 'data to 6 May 23:59');
    check(true, 'and the bar tells how far the data are now');
    await page.shot('alerts-live-dark');
    // The server goes away and comes back at its place.
    await page.waitForFunction(() =>
        performance.getEntriesByType('resource').some((part) => part.name.includes('/static/assets-')),
    );
    page.awaited = /ERR_|Failed to load|network/i;
    await server.stop();
    await page.waitForFunction(() => /Reconnecting|Offline/.test(document.querySelector('.status')?.textContent ?? ''));
    check(true, 'a server that goes away is noticed');
    await page.locator('nav').getByText('Assets').click();
    await page.getByText(/No connection/).waitFor();
    await page.shot('offline-dark');
    await server.start();
    await page.waitForFunction(() => document.querySelector('.status')?.textContent.startsWith('Live'), null, {
        timeout: 60000,
    });
    await rowsOf(page, 'Assets').first().waitFor();
    check(counted > 0, 'when it is back, the page goes on by itself');
    await page.done('news');
}

export async function forEverybody() {
    const page = await visitor(browser, server, { colorScheme: 'light' });
    for (const path of ['/', '/traders', `/traders/${largest}`, '/assets', '/assets/BTC', '/clusters', '/alerts']) {
        await page.open(path);
        const nameless = await page.evaluate(() =>
            [...document.querySelectorAll('a, button, input, select, [role=img], [role=region], canvas[tabindex]')]
                .filter(
                    (e) =>
                        !(
                            e.textContent.trim() ||
                            e.getAttribute('aria-label') ||
                            e.labels?.[0]?.textContent.trim() ||
                            e.closest('[role=img][aria-label]')
                        ),
                )
                .map((e) => e.outerHTML.slice(0, 120)),
        );
        equal(nameless, [], `${path}: everything that can be used has a name`);
        equal((await page.locator('h1').count()) <= 1, true, 'and one heading at most');
    }
    await page.open('/');
    await page.shot('overview-light', { fullPage: true });
    for (const theme of ['light', 'dark']) {
        const values = await page.evaluate(() =>
            Object.fromEntries(
                ['--text', '--muted', '--up', '--down', '--accent', '--warm', '--panel', '--back', '--raised'].map(
                    (name) => [name, getComputedStyle(document.documentElement).getPropertyValue(name).trim()],
                ),
            ),
        );
        for (const front of ['--text', '--muted', '--up', '--down', '--accent', '--warm'])
            for (const back of ['--panel', '--back']) {
                const c = contrast(channels(values[front]), channels(values[back]));
                check(c >= 4.5, `${theme}: ${front} on ${back} can be read (${c.toFixed(1)})`);
            }
        if (theme === 'light') {
            await page.getByRole('button', { name: /Colours: system/ }).click();
            await page.getByRole('button', { name: /Colours: light/ }).click();
            equal(
                await page.evaluate(() => document.documentElement.dataset.theme),
                'dark',
                'the colours can be chosen',
            );
        }
    }
    // By keys alone: the first stop leads past the bar, and what has the focus shows it.
    await page.open('/');
    await page.keyboard.press('Tab');
    equal(
        await page.evaluate(() => document.activeElement.textContent),
        'Skip to the content',
        'the first stop of Tab',
    );
    await page.keyboard.press('Enter');
    equal(await page.evaluate(() => document.activeElement.tagName), 'MAIN', 'leads to the content');
    await page.keyboard.press('Tab');
    check(
        await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle !== 'none'),
        'and the focus can be seen',
    );
    await page.done('for everybody');
}

export async function narrow() {
    for (const width of [360, 412, 768, 1024, 1920]) {
        const page = await visitor(browser, server, { viewport: { width, height: 800 } });
        for (const path of [
            '/',
            '/traders',
            `/traders/${largest}`,
            `/traders/${largest}?tab=habits`,
            `/traders/${largest}?tab=figures`,
            '/assets',
            '/assets/BTC',
            '/clusters',
            '/alerts',
        ]) {
            await page.open(path);
            const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
            if (over > 0 || width === 360) check(over <= 0, `${path} at ${width} px does not run over`, `${over} px`);
            if (width === 360) await page.shot(`phone${path.replace(largest, 'x').replaceAll(/[/?=]+/g, '-')}`);
        }
        if (width === 1920) await page.shot('wide-alerts');
        await page.done(`${width} px`);
    }
}

export async function realRecords() {
    const real = join(TMP, 'real');
    const data = join(ROOT, 'tests/data/real');
    vigil('fetch', join(data, 'node_fills_by_block'), '--lake', real, '--quiet');
    vigil('features', '--lake', real, '--quiet');
    vigil('classify', '--lake', real);
    const other = await new Server(real).start();
    const page = await visitor(browser, other);
    await page.open('/');
    check(await page.getByText('some are missing').isVisible(), 'real records: gaps are told');
    const [[count]] = sql(real, 'SELECT count(*) FROM traders');
    equal(numberOf(await figure(page, 'Traders in all')), Number(count), 'everybody is there');
    await page.shot('real-overview-dark', { fullPage: true });
    const [[address]] = sql(real, 'SELECT user_address FROM traders ORDER BY fill_count DESC LIMIT 1');
    for (const tab of ['', '?tab=episodes', '?tab=habits', '?tab=figures', '?tab=fills'])
        await page.open(`/traders/${address}${tab}`);
    check(await page.locator('.caveats').isVisible(), "what to know about a trader's figures is said");
    for (const [coin] of sql(
        real,
        'SELECT coin FROM coin_daily GROUP BY coin, kind QUALIFY row_number() OVER (PARTITION BY kind ORDER BY sum(volume) DESC) = 1',
    )) {
        await page.open(`/assets/${encodeURIComponent(coin)}`);
        equal(await page.locator('h1').textContent(), coin, `${coin} has its page`);
    }
    await page.done('real records');
    await other.stop();
}

/** By keys alone, a page at a time: what has the focus keeps it, and what is announced is the beginning and the end. */
export async function exportByKeys() {
    const page = await visitor(browser, server);
    await page.open('/traders');
    await page.waitForFunction(() => /of [\d,]+ shown/.test(document.querySelector('main [role=status]')?.textContent));
    // Pages of 50, so that there are many of them.
    await page.route('**/api/v1/traders?*format=csv*', (route) =>
        route.continue({ url: route.request().url().replace('limit=1000', 'limit=50') }),
    );
    await page.evaluate(() => {
        globalThis.said = [];
        const look = () => {
            const texts = [...document.querySelectorAll('main .actions [role=status]')].map((e) => e.textContent);
            if (texts.join() && texts.join() !== globalThis.said.at(-1)) globalThis.said.push(texts.join());
        };
        new MutationObserver(look).observe(document.querySelector('main'), {
            subtree: true,
            childList: true,
            characterData: true,
        });
    });
    const focused = () => page.evaluate(() => document.activeElement.closest('button')?.textContent.trim());
    await page.getByRole('button', { name: 'CSV' }).focus();
    const saved = page.waitForEvent('download');
    await page.keyboard.press('Enter');
    await page.locator('.exporting').waitFor();
    equal(await focused(), 'Cancel', 'an export by keys: the focus is on what cancels it');
    await page.getByRole('progressbar', { name: 'Export' }).waitFor();
    const rows =
        readFileSync(await (await saved).path(), 'utf8')
            .trimEnd()
            .split('\r\n').length - 1;
    await page.getByText('rows saved').waitFor();
    equal(
        await page.evaluate(() => globalThis.said),
        ['Export has begun', `${rows} rows saved`],
        'its beginning and its end are announced, and not each page',
    );
    equal(await focused(), 'CSV', 'then the focus is where it was');
    await page.route('**/api/v1/coverage', () => {}); // it never ends
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Cancel' }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('Export cancelled').waitFor();
    equal(await focused(), 'CSV', 'and so it is when the export is cancelled');
    // The list of columns gives the focus back, too.
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.locator('.picker').waitFor();
    await page.getByPlaceholder('Find a figure').fill('sortino');
    await page.keyboard.press('Escape');
    await page.locator('.picker').waitFor({ state: 'detached' });
    equal(await focused(), 'Columns', 'Escape leads back from a list to what opened it');
    await page.done('an export by keys');
}

/** The export of everybody, told as it goes on; and one that is cancelled. */
async function wholeList(page, many, count) {
    const begun = Date.now();
    const waiting = page.waitForEvent('download', { timeout: 120000 });
    await page.getByRole('button', { name: 'CSV' }).click();
    await page.waitForFunction(() => / of [\d,]+ rows/.test(document.querySelector('.exporting')?.textContent ?? ''));
    await page.getByRole('progressbar', { name: 'Export' }).waitFor();
    const csv = readFileSync(await (await waiting).path(), 'utf8')
        .trimEnd()
        .split('\r\n');
    console.log(
        `measured: CSV of ${count} traders, ${(csv.join('').length / 1e6).toFixed(1)} MB in ${((Date.now() - begun) / 1000).toFixed(1)} s`,
    );
    const rows = csv.slice(1).map((line) => line.split(','));
    equal(
        [rows.length, new Set(rows.map((row) => row[0])).size],
        [count, count],
        'CSV of everybody: each of them once',
    );
    const at = (name) => csv[0].split(',').indexOf(name);
    const [[fills, volume]] = sql(many, 'SELECT sum(fill_count)::BIGINT, sum(volume) FROM traders');
    const sum = (name) => rows.reduce((total, row) => total + Number(row[at(name)]), 0);
    equal(sum('fill_count'), Number(fills), 'with all their fills');
    check(Math.abs(sum('volume') / Number(volume) - 1) < 1e-9, 'and their volume');
    let saved = false;
    page.on('download', () => (saved = true));
    await page.getByRole('button', { name: 'CSV' }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'CSV' }).waitFor();
    const asked = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.waitForTimeout(1000);
    equal(
        [saved, asked.filter((url) => url.includes('format=csv'))],
        [false, []],
        'a cancelled export asks and saves nothing more',
    );
}

export async function manyTraders() {
    const many = join(TMP, 'many');
    vigil('simulate', '--fills', '1500k', '--traders', '500k', '--days', '2', '--seed', '9', '--output', 'crowd');
    vigil('fetch', 'crowd', '--lake', many, '--quiet');
    vigil('features', '--lake', many, '--quiet');
    vigil('classify', '--lake', many);
    const other = await new Server(many).start();
    const page = await visitor(browser, other);
    const [[count]] = sql(many, 'SELECT count(*) FROM traders');
    for (const path of ['/', '/traders']) {
        await page.open(path);
        const paint = await page.evaluate(
            () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN,
        );
        const done = await page.evaluate(() => performance.now());
        console.log(
            `measured: ${count} traders, ${path}: first paint ${paint.toFixed(0)} ms, all there after ${done.toFixed(0)} ms`,
        );
    }
    const frames = await page.locator('.long').evaluate(
        (box) =>
            new Promise((done) => {
                const gaps = [];
                let before = 0;
                const step = (time) => {
                    if (before) gaps.push(time - before);
                    before = time;
                    box.scrollTop += 60;
                    if (gaps.length < 200) requestAnimationFrame(step);
                    else done(gaps.sort((a, b) => a - b));
                };
                requestAnimationFrame(step);
            }),
    );
    console.log(
        `measured: scrolling ${count} traders, frame median ${frames[100].toFixed(1)} ms, 99 of 100 below ${frames[198].toFixed(1)} ms`,
    );
    check((await rowsOf(page, 'Traders').count()) < 80, 'few rows are drawn');
    await wholeList(page, many, Number(count));
    await page.done('many traders');
    await other.stop();
}
