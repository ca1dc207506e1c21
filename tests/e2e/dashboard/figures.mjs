// The map of real clusters: its colours, legend and labels against SQL over the same lake; where points are, by the API.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { check, equal, near, numberOf, Server, sql, TMP, vigil, visitor } from '../browser.mjs';
import { browser, lake } from './world.mjs';

/** Who of the chosen lies farthest from everybody else, so that the pointer meets nobody near. */
export function loneliest(map, chosen) {
    const distance = (i) =>
        Math.min(...map.x.map((x, k) => (k === i ? Infinity : Math.hypot(x - map.x[i], map.y[k] - map.y[i]))));
    return chosen.reduce((best, i) => (distance(i) > distance(best) ? i : best));
}

/** Where the map's points are on the screen: all of it fills 92 % of the canvas. */
export function screenOf(map, box) {
    const [left, right] = [Math.min(...map.x), Math.max(...map.x)];
    const [bottom, top] = [Math.min(...map.y), Math.max(...map.y)];
    const scale = 0.92 * Math.min(box.width / (right - left), box.height / (top - bottom));
    return (i) => [
        box.x + box.width / 2 + (map.x[i] - (left + right) / 2) * scale,
        box.y + box.height / 2 - (map.y[i] - (bottom + top) / 2) * scale,
    ];
}

/** The colour of a pixel of the page. */
async function pixel(page, [x, y]) {
    const picture = await page.screenshot({ clip: { x: Math.round(x), y: Math.round(y), width: 1, height: 1 } });
    return page.evaluate(
        async (bytes) => {
            const image = await createImageBitmap(new Blob([new Uint8Array(bytes)]));
            const context = new OffscreenCanvas(1, 1).getContext('2d');
            context.drawImage(image, 0, 0);
            return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
        },
        [...picture],
    );
}

const legend = async (page) => ({
    title: await page.locator('.figure-legend h2').textContent(),
    marks: await page.locator('.ramp li').allTextContents(),
    text: await page.locator('.figure-legend p').textContent(),
});

export async function figures() {
    const clustered = join(TMP, 'clustered');
    cpSync(lake, clustered, { recursive: true });
    vigil('cluster', '--lake', clustered);
    const other = await new Server(clustered).start();
    const map = await other.get('/clusters/map');
    const onMap = (statement) =>
        sql(
            clustered,
            statement.replace('FROM map', 'FROM traders JOIN clusters USING (user_address) WHERE map_x IS NOT NULL'),
        );
    const [[least, most, below, above, losers, gainers]] = onMap(
        `SELECT min(net_pnl), max(net_pnl), count(*) FILTER (net_pnl < 0), count(*) FILTER (net_pnl > 0),
         median(net_pnl) FILTER (net_pnl < 0), median(net_pnl) FILTER (net_pnl > 0) FROM map`,
    );
    const page = await visitor(browser, other);
    await page.open('/clusters');
    await page.locator('.cloud canvas').waitFor();
    await page.locator('.choice[aria-label="Colour by"] >> text=Figure').click();
    await page.waitForURL('**/clusters?by=net_pnl');
    await page.locator('.ramp').waitFor();
    let told = await legend(page);
    equal(told.title, 'Net PnL', 'the map by a figure: the legend has its name');
    near(told.marks[0], Number(least), 'its least value');
    near(told.marks.at(-1), Number(most), 'its largest');
    check(told.marks.includes('$0'), 'and zero between them', told.marks);
    for (const [value, side] of [
        [losers, 'losses'],
        [gainers, 'gains'],
    ])
        check(
            told.marks.length < 5 || told.marks.some((mark) => Math.abs(numberOf(mark) / Number(value) - 1) < 0.1),
            `the middle of the ${side}`,
            `${told.marks} for ${value}`,
        );
    const [shownBelow, shownAbove] = told.text.match(/\d[\d,]*/g).map(numberOf);
    equal(
        [shownBelow, shownAbove],
        [Number(below), Number(above)],
        'how many are below zero and above, as SQL counts them',
    );
    // Medians of the clusters.
    const medians = onMap('SELECT cluster_name, median(net_pnl) FROM map GROUP BY 1').map(([name, m]) => [
        name,
        Number(m),
    ]);
    for (const [name, median] of medians)
        near(
            (
                await page
                    .locator('.clusters li', { has: page.getByText(name, { exact: true }) })
                    .locator('small')
                    .textContent()
            ).replace('median ', ''),
            median,
            `the median of ${name}`,
        );
    // Points: whose label and colour are theirs.
    const values = new Map(onMap('SELECT user_address, net_pnl FROM map').map(([who, net]) => [who, Number(net)]));
    const ranked = [...map.traders.keys()].sort((a, b) => values.get(map.traders[a]) - values.get(map.traders[b]));
    const fifth = Math.floor(ranked.length / 5);
    const [loser, winner] = [loneliest(map, ranked.slice(0, fifth)), loneliest(map, ranked.slice(-fifth))];
    const screen = screenOf(map, await page.locator('.cloud canvas').boundingBox());
    await page.waitForTimeout(400);
    const [red, green] = [await pixel(page, screen(loser)), await pixel(page, screen(winner))];
    check(red[0] > red[1] + 40, 'who lost much is red', `rgb(${red})`);
    check(green[1] > green[0] + 25, 'who earned much is green', `rgb(${green})`);
    for (const i of [loser, winner]) {
        await page.mouse.move(...screen(i));
        const tip = page.locator('.cloud-tip');
        await tip.waitFor();
        const text = await tip.textContent();
        check(text.startsWith(map.traders[i].slice(0, 6)), 'the label of a point tells whose it is', text);
        near(/Net PnL (\S+)/.exec(text)?.[1] ?? '', values.get(map.traders[i]), 'and his value');
    }
    await page.shot('map-figure-dark');
    // Any other figure.
    await page.locator('.figure-choice button').first().click();
    await page.getByPlaceholder('Find a figure').fill('avg hold');
    const option = page.locator('.picker li', { hasText: 'avg_hold_time_minutes' });
    check((await option.locator('label').getAttribute('title')).length > 20, 'the picker defines figures');
    await page.shot('map-picker-dark');
    await option.locator('input').check();
    await page.waitForURL('**/clusters?by=avg_hold_time_minutes');
    await page.waitForFunction(() => document.querySelector('.figure-legend h2')?.textContent === 'Hold');
    await page.keyboard.press('Escape');
    check((await page.locator('.picker').count()) === 0, 'Escape closes the picker');
    const [[without]] = onMap('SELECT count(*) FROM map AND avg_hold_time_minutes IS NULL');
    told = await legend(page);
    check(/By rank/.test(told.text), 'what its colours mean', told.text);
    check(Number(without) === 0 || told.text.includes(`Grey: ${without} without`), 'and who has no value', told.text);
    await page.reload();
    await page.settled();
    await page.locator('.ramp').waitFor();
    equal((await legend(page)).title, 'Hold', 'the address alone brings the same');
    await page.open('/clusters?by=liquidation_count');
    await page.locator('.ramp').waitFor();
    const [[none]] = onMap('SELECT count(*) FROM map AND liquidation_count = 0');
    check(
        (await legend(page)).text.includes(`${Number(none).toLocaleString('en-US')} have 0`),
        'what most have is told',
    );
    // Values of another map with as many traders, as they may come when data are published between two questions.
    await page.route('**/api/v1/clusters/map/volume', async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, json: { ...(await response.json()), version: 'another' } });
    });
    const answered = page.waitForResponse('**/api/v1/clusters/map/volume');
    await page.goto('/clusters?by=volume');
    await answered;
    await page.locator('.figure-legend .skeleton').waitFor();
    await page.waitForTimeout(300);
    equal(await page.locator('.ramp').count(), 0, 'values of another map colour nobody');
    await page.unroute('**/api/v1/clusters/map/volume');
    page.awaited = /400/;
    await page.open('/clusters?by=nothing');
    await page.locator('.figure-legend .failure').waitFor();
    check(true, 'a figure that is not there is told');
    await page.done('the map by figures');
    // Light, and on a phone.
    const light = await visitor(browser, other, { colorScheme: 'light' });
    await light.open('/clusters?by=net_pnl');
    await light.locator('.ramp').waitFor();
    await light.waitForTimeout(500);
    await light.shot('map-figure-light');
    await light.open('/clusters');
    await light.waitForTimeout(500);
    await light.shot('map-clusters-light');
    await light.done('the map in light');
    const phone = await visitor(browser, other, { viewport: { width: 360, height: 800 } });
    for (const path of ['/clusters', '/clusters?by=net_pnl', '/clusters?by=avg_hold_time_minutes']) {
        await phone.open(path);
        const over = await phone.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        check(over <= 0, `${path} at 360 px does not run over`, `${over} px`);
    }
    await phone.locator('.figure-choice button').first().click();
    const picker = await phone.locator('.picker').boundingBox();
    check(picker.x >= 0 && picker.x + picker.width <= 360, 'nor does the picker');
    await phone.shot('phone-map-picker');
    await phone.keyboard.press('Escape');
    await phone.waitForTimeout(500);
    await phone.shot('phone-map-figure', { fullPage: true });
    await phone.done('the map on a phone');
    await other.stop();
}
