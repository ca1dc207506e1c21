// Overview, assets, map, and the ways between pages.
import { check, equal, near, numberOf, sql, visitor } from '../browser.mjs';
import { browser, cells, figure, lake, largest, rowsOf, server, traderCount } from './world.mjs';

export async function overview() {
    const page = await visitor(browser, server);
    await page.open('/');
    const [[volume, liquidated]] = sql(
        lake,
        "SELECT sum(volume), sum(liquidated_notional) FROM coin_daily WHERE date = DATE '2026-05-05'",
    );
    const [[active]] = sql(lake, "SELECT count(*) FROM trader_daily WHERE date = DATE '2026-05-05'");
    near(await figure(page, 'Volume, 5 May'), Number(volume), 'overview: volume of the last day');
    near(await figure(page, 'Liquidated, 5 May'), Number(liquidated), 'what was liquidated');
    equal(numberOf(await figure(page, 'Traders, 5 May')), Number(active), 'who traded');
    equal(numberOf(await figure(page, 'Traders in all')), Number(traderCount), 'how many there are');
    equal(await page.locator('.market-days rect').count(), 5, 'a bar for each day');
    await page.locator('.choice[aria-label="Period"] >> text=All').click();
    await page.settled();
    const [[best, bestNet]] = sql(lake, 'SELECT user_address, net_pnl FROM traders ORDER BY net_pnl DESC LIMIT 1');
    await page.waitForFunction(
        (address) => document.querySelector('.table-box[aria-label="Leaderboard"] .address a')?.title === address,
        best,
    );
    near(
        (await cells(rowsOf(page, 'Leaderboard').first()))[3],
        Number(bestNet),
        'the first of all time, with what he earned',
    );
    equal(new URL(page.url()).search, '?period=all', 'the period is in the address');
    await page.locator('.choice[aria-label="Side"] >> text=Losers').click();
    const [[worst]] = sql(lake, 'SELECT user_address FROM traders ORDER BY net_pnl, user_address LIMIT 1');
    await page.waitForFunction(
        (address) => document.querySelector('.table-box[aria-label="Leaderboard"] .address a')?.title === address,
        worst,
    );
    check(true, 'and who lost most');
    const [[position]] = sql(lake, 'SELECT coin FROM positions ORDER BY abs(position) * last_price DESC LIMIT 1');
    equal((await cells(rowsOf(page, 'Largest open positions').first()))[1], position, 'the largest open position');
    const [[, won]] = sql(lake, 'SELECT coin, net_pnl FROM episodes ORDER BY net_pnl DESC LIMIT 1');
    near((await cells(rowsOf(page, 'Largest wins, closed').first()))[3], Number(won), 'the largest win');
    const [[liquidation]] = sql(
        lake,
        "SELECT strftime(close_time, '%-d %b %H:%M') FROM episodes WHERE liquidated ORDER BY close_time DESC LIMIT 1",
    );
    equal((await cells(rowsOf(page, 'Newest liquidations').first()))[4], liquidation, 'the newest liquidation');
    check(await page.getByText('None yet').isVisible(), 'signals: an empty state that explains itself');
    await page.open('/');
    await page.shot('overview-dark', { fullPage: true });
    await page.done('overview');
}

export async function movingAbout() {
    const page = await visitor(browser, server);
    await page.open('/');
    for (const [label, path, heading] of [
        ['Traders', '/traders', 'Traders'],
        ['Assets', '/assets', 'Assets'],
        ['Map', '/clusters', 'Map'],
        ['Alerts', '/alerts', 'Alerts'],
        ['Overview', '/', 'Market'],
    ]) {
        await page.locator('nav').getByText(label, { exact: true }).click();
        await page.waitForFunction((text) => document.querySelector('h1')?.textContent === text, heading);
        equal(new URL(page.url()).pathname, path, `${label} is at ${path}`);
        equal(await page.locator('nav a[aria-current=page]').textContent(), label, 'and the bar says so');
    }
    await page.goBack();
    await page.waitForFunction(() => document.querySelector('h1')?.textContent === 'Alerts');
    await page.goBack();
    await page.waitForFunction(() => document.querySelector('h1')?.textContent === 'Map');
    await page.goForward();
    await page.waitForFunction(() => document.title === 'Alerts · Vigil');
    check(true, 'back and forward');
    check(await page.getByText('No alerts yet').isVisible(), 'alerts: the empty state');
    await page.shot('alerts-dark');
    // Search: a coin, an address by its beginning, a whole one.
    await page.keyboard.press('/');
    await page.keyboard.type('purr');
    await page.locator('#found li', { hasText: 'PURR/USDC' }).waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL('**/assets/PURR%2FUSDC');
    await page.settled();
    equal(await page.locator('h1').textContent(), 'PURR/USDC', 'search finds a coin, whose name has a slash');
    await page.keyboard.press('/');
    await page.keyboard.type(largest.slice(0, 9).toUpperCase().replace('0X', '0x'));
    await page.locator('#found li').first().waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/traders/${largest}`);
    check(true, 'and a trader by how the address begins');
    await page.keyboard.press('/');
    await page.keyboard.type('0xzz');
    await page.getByText('Nothing begins so.').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('g');
    await page.keyboard.press('t');
    await page.waitForURL('**/traders');
    await page.keyboard.press('?');
    check(await page.getByRole('dialog', { name: 'Keyboard' }).isVisible(), 'letters lead to pages, ? tells them');
    await page.keyboard.press('Escape');
    await page.done('moving about');
}

export async function assets() {
    const page = await visitor(browser, server);
    await page.open('/assets');
    const byVolume = sql(lake, 'SELECT coin FROM coin_daily GROUP BY coin ORDER BY sum(volume) DESC, coin').flat();
    equal(
        (await rowsOf(page, 'Assets').evaluateAll((rows) => rows.map((row) => row.cells[0].textContent))).slice(0, 10),
        byVolume.slice(0, 10),
        'assets by volume',
    );
    await page.shot('assets-dark');
    await page.locator('.choice[aria-label="Kind"] >> text=Spot').click();
    await page.waitForFunction(() =>
        [...document.querySelectorAll('.long tbody tr:not(.space)')].every(
            (row) => row.cells[1].textContent === 'spot',
        ),
    );
    equal(new URL(page.url()).search, '?kind=spot', 'of one kind');
    await page.getByLabel('Find a coin').fill('PURR');
    await page.waitForFunction(() => document.querySelectorAll('.long tbody tr:not(.space)').length === 1);
    await rowsOf(page, 'Assets').first().click();
    await page.waitForURL('**/assets/PURR%2FUSDC');
    check(true, 'a row leads to its coin');
    await page.open('/assets/BTC');
    const [[volume, close]] = sql(
        lake,
        "SELECT sum(volume), last(close ORDER BY date) FROM coin_daily WHERE coin = 'BTC'",
    );
    near(await figure(page, 'Volume in all'), Number(volume), 'BTC: its volume');
    equal(numberOf(await page.locator('.price b').textContent()), Math.round(Number(close)), 'its price');
    for (const [i, side] of [
        [0, '>'],
        [1, '<'],
    ]) {
        const [[value, holders]] = sql(
            lake,
            `SELECT sum(abs(position) * last_price), count(*) FROM positions WHERE coin = 'BTC' AND position ${side} 0`,
        );
        near(
            await page.locator('.holders h3 b').nth(i).textContent(),
            Number(value),
            `what is ${i ? 'short' : 'long'}`,
        );
        equal(
            parseInt(await page.locator('.holders h3 .muted').nth(i).textContent(), 10),
            Number(holders),
            'and by how many',
        );
    }
    const [[holder]] = sql(
        lake,
        "SELECT user_address FROM positions WHERE coin = 'BTC' ORDER BY abs(position) * last_price DESC LIMIT 1",
    );
    equal(
        await rowsOf(page, 'Largest positions').first().locator('.address a').getAttribute('title'),
        holder,
        'who holds most',
    );
    for (const [choice, title, order] of [
        ['Volume', 'Largest traders', 'volume DESC'],
        ['Earned', 'Who earned most', 'net_pnl DESC'],
        ['Lost', 'Who lost most', 'net_pnl'],
    ]) {
        await page.locator('.choice[aria-label="Traders of the coin"]').getByText(choice).click();
        await rowsOf(page, title).first().waitFor();
        const [[trader, moved]] = sql(
            lake,
            `SELECT user_address, volume FROM trader_coins WHERE coin = 'BTC' ORDER BY ${order}, user_address LIMIT 1`,
        );
        const first = rowsOf(page, title).first();
        equal(await first.locator('.address a').getAttribute('title'), trader, title);
        near((await cells(first))[1], Number(moved), 'with his volume in the coin');
    }
    equal(await page.locator('.time-chart canvas').count(), 3, 'price, volume and imbalance are drawn');
    await page.shot('asset-dark', { fullPage: true });
    await page.done('assets');
}

/** A hundred thousand points, whose answers are made up; real clusters are in figures.mjs. */
export async function map() {
    const page = await visitor(browser, server);
    await page.open('/clusters');
    check(
        await page.getByText('Clusters are not computed yet').isVisible(),
        'map: an empty state that explains itself',
    );
    const n = 100000;
    let seed = 3;
    const chance = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
    const normal = () => Math.sqrt(-2 * Math.log(chance())) * Math.cos(2 * Math.PI * chance());
    const middles = [
        [0, 0],
        [6, 1],
        [3, 5],
        [-4, 4],
        [-5, -3],
        [2, -5],
    ];
    const cluster = Array.from({ length: n }, (_, i) => (i % 50 === 0 ? null : i % 6));
    const x = cluster.map((c) => (c === null ? 10 * chance() - 5 : middles[c][0] + normal() * (0.5 + c / 8)));
    const y = cluster.map((c) => (c === null ? 10 * chance() - 5 : middles[c][1] + normal() * (0.4 + c / 9)));
    const address = (i) => '0x' + i.toString(16).padStart(40, '0');
    const classes = ['RETAIL', 'HFT', 'SMART_DIRECTIONAL', 'LIQUIDATOR', 'RETAIL', 'RETAIL'];
    const names = ['Scalpers', 'Market makers', 'Swing traders', 'Liquidators', 'Retail', 'High leverage'];
    const coverage = { from: '2026-05-01T00:00:00Z', to: '2026-05-05T00:00:00Z', complete: true };
    await page.route('**/api/v1/clusters', (route) =>
        route.fulfill({
            json: {
                coverage,
                as_of: coverage.to,
                model: 'k-means-1',
                quality: { silhouette: 0.41, stability: 0.87 },
                clusters: names.map((name, id) => ({
                    id,
                    name,
                    traders: Math.round(n / 6),
                    share: 1 / 6,
                    reason: `holds ${id + 1} h`,
                    centre: { maker_share: id / 3, volume: -1 },
                })),
            },
        }),
    );
    await page.route('**/api/v1/clusters/map', (route) =>
        route.fulfill({
            json: {
                coverage,
                as_of: coverage.to,
                version: 'made up',
                trustworthiness: 0.93,
                traders: x.map((_, i) => address(i)),
                x,
                y,
                cluster,
                class: cluster.map((c) => (c === null ? null : classes[c])),
            },
        }),
    );
    await page.open('/clusters');
    await page.locator('canvas').waitFor();
    await page.waitForTimeout(800);
    await page.shot('map-dark');
    const box = await page.locator('canvas').boundingBox();
    // Where the middle of a cluster is in the picture: the view shows all of the data in 92 %.
    const extent = (values) =>
        values.reduce(([low, high], v) => [Math.min(low, v), Math.max(high, v)], [Infinity, -Infinity]);
    const [left, right] = extent(x);
    const [bottom, top] = extent(y);
    const scale = 0.92 * Math.min(box.width / (right - left), box.height / (top - bottom));
    const toPixel = (px, py) => [
        box.x + box.width / 2 + (px - (left + right) / 2) * scale,
        box.y + box.height / 2 - (py - (bottom + top) / 2) * scale,
    ];
    await page.getByRole('button', { name: 'Lasso' }).click();
    const corners = [
        [4, -1],
        [8, -1],
        [8, 3],
        [4, 3],
    ];
    await page.mouse.move(...toPixel(...corners[0]));
    await page.mouse.down();
    for (const corner of [...corners.slice(1), corners[0]]) await page.mouse.move(...toPixel(...corner), { steps: 4 });
    await page.mouse.up();
    await page.getByText(/caught/).waitFor();
    const caught = numberOf(await page.locator('h2', { hasText: 'caught' }).textContent());
    const inside = x.filter((v, i) => v > 4 && v < 8 && y[i] > -1 && y[i] < 3).length;
    check(Math.abs(caught / inside - 1) < 0.01, 'the lasso catches what is inside', `${caught} of ${inside}`);
    await page.shot('map-lasso-dark');
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.locator('.choice[aria-label="Colour by"] >> text=Classes').click();
    check(new URL(page.url()).search === '?by=class', 'colours by class');
    const before = await page.locator('canvas').screenshot();
    await page.mouse.move(...toPixel(6, 1));
    await page.locator('.cloud-tip').waitFor();
    check((await page.locator('.cloud-tip').textContent()).includes('Market makers'), 'a point tells who it is');
    for (let i = 0; i < 8; i++) await page.mouse.wheel(0, -200);
    await page.waitForTimeout(300);
    check(!before.equals(await page.locator('canvas').screenshot()), 'the wheel comes closer');
    const frames = await page.locator('canvas').evaluate(
        (canvas) =>
            new Promise((done) => {
                const times = [];
                const step = (time) => {
                    times.push(time);
                    canvas.dispatchEvent(
                        new WheelEvent('wheel', {
                            deltaY: times.length % 2 ? 40 : -40,
                            clientX: 600,
                            clientY: 400,
                            cancelable: true,
                        }),
                    );
                    if (times.length < 60) requestAnimationFrame(step);
                    else done((times.at(-1) - times[0]) / (times.length - 1));
                };
                requestAnimationFrame(step);
            }),
    );
    console.log(
        `measured: map, 100,000 points, ${(1000 / frames).toFixed(0)} frames a second while zooming (drawn by the processor, without a graphics card)`,
    );
    await page.route('**/api/v1/clusters/map/net_pnl', (route) =>
        route.fulfill({
            json: {
                coverage,
                as_of: coverage.to,
                version: 'made up',
                figure: 'net_pnl',
                values: x.map((v, i) => (v * y[i]).toFixed(2)),
            },
        }),
    );
    const begun = Date.now();
    await page.locator('.choice[aria-label="Colour by"] >> text=Figure').click();
    await page.locator('.ramp').waitFor();
    console.log(`measured: map, 100,000 points coloured by a figure after ${Date.now() - begun} ms`);
    await page.locator('canvas').focus();
    await page.keyboard.press('0');
    await page.waitForTimeout(300);
    await page.shot('map-many-figure-dark');
    await page.mouse.move(...toPixel(6.01, 1.01));
    await page.locator('.cloud-tip').waitFor();
    check(true, 'a key shows all again');
    const [url] = await Promise.all([
        page.waitForURL(/\/traders\/0x0{30}/).then(() => page.url()),
        page.mouse.click(...toPixel(6, 1)),
    ]);
    page.awaited = /404/;
    await page.getByText('This address has no fills here').waitFor();
    check(/0x[0-9a-f]{40}$/.test(url), 'a click leads to the trader');
    await page.done('map');
}
