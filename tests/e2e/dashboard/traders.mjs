// The list of traders, and one of them.
import { readFileSync } from 'node:fs';
import { check, equal, near, sql, visitor } from '../browser.mjs';
import {
    browser,
    cells,
    figure,
    lake,
    largest,
    largestFills,
    largestNet,
    largestVolume,
    rowsOf,
    server,
    traderCount,
} from './world.mjs';

export async function traders() {
    const page = await visitor(browser, server);
    await page.open('/traders');
    const shown = async () =>
        rowsOf(page, 'Traders').evaluateAll((rows) => rows.map((row) => row.querySelector('.address a').title));
    const byVolume = sql(lake, 'SELECT user_address FROM traders ORDER BY volume DESC, user_address LIMIT 10').flat();
    equal((await shown()).slice(0, 10), byVolume, 'traders by volume');
    const first = await cells(rowsOf(page, 'Traders').first());
    near(first[2], Number(largestNet), 'net PnL of the first');
    near(first[3], Number(largestVolume), 'his volume');
    equal(first[10], Number(largestFills).toLocaleString('en-US'), 'his fills');
    await page.shot('traders-dark');
    await page.getByRole('button', { name: 'Net PnL' }).click();
    const byProfit = sql(lake, 'SELECT user_address FROM traders ORDER BY net_pnl DESC, user_address LIMIT 10').flat();
    await page.waitForFunction((address) => document.querySelector('.long .address a')?.title === address, byProfit[0]);
    equal((await shown()).slice(0, 10), byProfit, 'a click on a name sorts by it');
    await page.getByRole('button', { name: 'Net PnL' }).click();
    await page.waitForFunction(() => document.querySelector('th[aria-sort=ascending]'));
    equal(new URL(page.url()).search, '?sort=net_pnl&order=asc', 'twice the other way; both are in the address');
    // Conditions, and a reload.
    await page.getByLabel('Class').selectOption('RETAIL');
    await page.getByLabel('Volume ≥').fill('100,000');
    await page.getByLabel('Win rate ≥').fill('50');
    await page.waitForURL(/min_volume=100000.*min_win_rate=0\.5|min_win_rate=0\.5.*min_volume=100000/);
    const meets = sql(
        lake,
        `SELECT t.user_address FROM traders t JOIN classes c USING (user_address) WHERE c.profile = 'vigil' AND c.class = 'RETAIL'
    AND volume >= 100000 AND win_rate >= 0.5 ORDER BY net_pnl, user_address LIMIT 10`,
    ).flat();
    await page.waitForFunction((address) => document.querySelector('.long .address a')?.title === address, meets[0]);
    await page.settled();
    equal((await shown()).slice(0, 10), meets, 'conditions, as SQL has them');
    await page.reload();
    await page.settled();
    equal((await shown()).slice(0, 10), meets, 'the address alone brings the same list');
    equal(
        [await page.getByLabel('Volume ≥').inputValue(), await page.getByLabel('Win rate ≥').inputValue()],
        ['100000', '50'],
        'with its conditions filled in',
    );
    await page.getByLabel('Sharpe ≥').fill('99999');
    await page.getByText('Nobody meets all conditions').waitFor();
    await page.getByRole('button', { name: /Clear/ }).click();
    await page.waitForFunction(() => document.querySelectorAll('.long tbody tr').length > 10);
    equal(new URL(page.url()).search, '?sort=net_pnl&order=asc', 'and they can be taken away');
    // Columns.
    await page.open('/traders');
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByPlaceholder('Find a figure').fill('sortino');
    await page.getByLabel('sortino_ratio').check();
    await page.waitForFunction(() =>
        [...document.querySelectorAll('th')].some((th) => th.textContent.includes('sortino ratio')),
    );
    check(new URL(page.url()).search.includes('sortino_ratio'), 'any figure can be a column, and the address knows it');
    await page.keyboard.press('Escape');
    // CSV.
    await page.open('/traders?sort=net_pnl&class=RETAIL&columns=net_pnl,user_address,class,sortino_ratio');
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByText('CSV').click()]);
    const csv = readFileSync(await file.path(), 'utf8')
        .trimEnd()
        .split('\r\n');
    equal(csv[0], 'net_pnl,user_address,class,sortino_ratio', 'CSV has the columns that are shown');
    const retail = sql(
        lake,
        `SELECT net_pnl, t.user_address, c.class, sortino_ratio IS NULL FROM traders t JOIN classes c USING (user_address)
    WHERE c.profile = 'vigil' AND c.class = 'RETAIL' ORDER BY net_pnl DESC, user_address`,
    );
    equal(
        csv.slice(1).map((line) => [Number(line.split(',')[0]), ...line.split(',').slice(1, 3), line.endsWith(',')]),
        retail.map(([net, ...rest]) => [Number(net), ...rest]),
        `and all ${retail.length} rows that meet the conditions, in their order`,
    );
    await page.getByText(`${retail.length} rows saved`).waitFor();
    // All of them, by scrolling; only those in sight are drawn.
    await page.open('/traders');
    for (
        let i = 0;
        i < 40 &&
        !(await page.evaluate(
            (n) => document.querySelector('.title p').textContent.startsWith(`${n} of`),
            traderCount,
        ));
        i++
    ) {
        await page.locator('.long').evaluate((box) => {
            box.scrollTop = box.scrollHeight;
        });
        await page.waitForTimeout(50);
    }
    check(
        (await page.locator('.title p').textContent()).startsWith(`${traderCount} of ${traderCount}`),
        'scrolling brings everybody',
        await page.locator('.title p').textContent(),
    );
    await page.locator('.long').evaluate((box) => {
        box.scrollTop = box.scrollHeight;
    });
    const last = sql(lake, 'SELECT user_address FROM traders ORDER BY volume, user_address DESC LIMIT 1')[0][0];
    await page.waitForFunction(
        (address) => [...document.querySelectorAll('.long .address a')].at(-1)?.title === address,
        last,
    );
    check(
        (await rowsOf(page, 'Traders').count()) < 80,
        'of whom few are drawn at a time',
        await rowsOf(page, 'Traders').count(),
    );
    // The keyboard walks.
    await page.open('/traders');
    await page.locator('.long').focus();
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown']) await page.keyboard.press(key);
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/traders/${byVolume[2]}`);
    check(true, 'the cursor keys walk through the list, Enter opens');
    await page.done('traders');
}

export async function oneTrader() {
    const page = await visitor(browser, server);
    await page.open(`/traders/${largest}`);
    near(await figure(page, 'Net PnL'), Number(largestNet), 'trader: net PnL');
    near(await figure(page, 'Volume'), Number(largestVolume), 'volume');
    const [[verdict, reason]] = sql(
        lake,
        `SELECT class, reason FROM classes WHERE user_address = '${largest}' AND profile = 'vigil'`,
    );
    check((await page.locator('.reason').textContent()).includes(reason), `class ${verdict} with its reason`);
    await page.locator('.time-chart canvas').first().waitFor();
    equal(await page.locator('.time-chart canvas').count(), 3, 'equity, drawdown and days are drawn');
    const definition = (await server.get('/openapi.json')).components.schemas.Trader.properties.max_drawdown
        .description;
    await page.locator('.figure .term', { hasText: 'Drawdown' }).hover();
    await page.waitForFunction((text) => document.querySelector('#tip p')?.textContent === text, definition);
    check(true, 'a figure tells its definition, as the dictionary has it');
    await page.mouse.move(5, 500);
    const held = sql(
        lake,
        `SELECT coin FROM positions WHERE user_address = '${largest}' ORDER BY abs(position) * last_price DESC`,
    ).flat();
    equal(
        await rowsOf(page, 'Open positions').evaluateAll((rows) => rows.map((row) => row.cells[0].textContent)),
        held,
        'positions by value',
    );
    await page.shot('trader-dark', { fullPage: true });
    // Tabs, by keys.
    await page.getByRole('tab', { name: 'Positions' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.settled();
    equal(new URL(page.url()).search, '?tab=episodes', 'the arrow keys change tabs, and the address');
    const [[closedAt, net]] = sql(
        lake,
        `SELECT strftime(close_time, '%-d %b %H:%M'), net_pnl FROM episodes WHERE user_address = '${largest}' ORDER BY close_time DESC, open_time DESC, coin LIMIT 1`,
    );
    const episode = await cells(rowsOf(page, 'Episodes').first());
    equal(episode[0], closedAt, 'the newest episode');
    near(episode[7], Number(net), 'with its net PnL');
    await page.getByRole('tab', { name: 'Fills' }).click();
    await page.settled();
    const fills = await cells(rowsOf(page, 'Fills').first());
    const [[time, coin, size]] = sql(
        lake,
        `SELECT strftime(time, '%Y-%m-%d %H:%M:%S'), coin, size FROM fills WHERE user_address = '${largest}' ORDER BY block_number DESC, event_index DESC LIMIT 1`,
    );
    equal(fills.slice(0, 2), [time, coin], 'the newest fill');
    near(fills[5], Number(size), 'with its size');
    await page.locator('.long').evaluate((box) => {
        box.scrollTop = box.scrollHeight;
    });
    await page.waitForFunction(
        () => parseInt(document.querySelector('.table-foot').textContent.replace(',', ''), 10) >= 400,
    );
    check(true, 'fills come page by page');
    await page.getByLabel('Coin', { exact: true }).fill(coin);
    await page.keyboard.press('Enter');
    await page.waitForFunction(
        (name) =>
            [...document.querySelectorAll('.long tbody tr:not(.space)')].every(
                (row) => row.cells[1].textContent === name,
            ),
        coin,
    );
    check(new URL(page.url()).searchParams.get('coin') === coin, 'or of one coin');
    await page.getByRole('tab', { name: 'Coins and habits' }).click();
    await page.settled();
    const [[most, mostVolume]] = sql(
        lake,
        `SELECT coin, sum(price * size) AS v FROM fills WHERE user_address = '${largest}' GROUP BY coin ORDER BY v DESC LIMIT 1`,
    );
    const top = await cells(rowsOf(page, 'Coins of this trader').first());
    equal(top[0], most, 'his first coin');
    near(top[2], Number(mostVolume), 'with its volume');
    equal(await page.locator('.week-row i').count(), 168, 'every hour of the week');
    await page.shot('habits-dark', { fullPage: true });
    await page.getByRole('tab', { name: 'All figures' }).click();
    await page.settled();
    equal(
        await page.locator('.all-figures > div').count(),
        Object.keys((await server.get('/openapi.json')).components.schemas.Trader.properties).length - 1,
        'all figures are there',
    );
    // Watched, named, copied; times of this place.
    await page.getByRole('button', { name: 'Watch' }).click();
    await page.getByLabel('Your name for this address').fill('Big one');
    await page.getByRole('button', { name: 'Copy the address' }).click();
    equal(await page.evaluate(() => navigator.clipboard.readText()), largest, 'the address can be copied');
    await page.open('/');
    check(
        await page.locator('.watched').getByText('Big one').isVisible(),
        'who is watched is on the overview, by the name that he was given',
    );
    const utc = await page.locator('.status time').textContent();
    await page.getByRole('button', { name: /Times are UTC/ }).click();
    const local = await page.locator('.status time').textContent();
    check(
        utc === 'data to 5 May 23:59' && local === 'data to 6 May 08:59',
        'times can be those of the visitor',
        `${utc}, ${local}`,
    );
    await page.reload();
    await page.settled();
    equal(await page.locator('.status time').textContent(), local, 'and stay so');
    await page.done('one trader');
}
