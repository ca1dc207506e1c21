// The dashboard in a real Chromium, against the real server: every page's numbers against SQL over the same lake, moving about,
// search, conditions, the address bar, news as they come, a server that goes away, errors, keys, a slow line, the keyboard,
// narrow screens. Pictures of all pages go to build/screenshots. Prints what the first view costs.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { check, equal, finish, launch, near, numberOf, ROOT, Server, sql, TMP, vigil, visitor } from './browser.mjs';

const lake = join(TMP, 'lake');
vigil('simulate', '--fills', '150k', '--traders', '500', '--days', '6', '--seed', '5', '--output', 'market');
vigil('fetch', 'market', '--end', '2026-05-05', '--lake', lake, '--quiet');
vigil('features', '--lake', lake, '--quiet');
vigil('classify', '--lake', lake);
const server = await new Server(lake).start();
const browser = await launch();

const [[largest, largestVolume, largestNet, largestFills]] = sql(lake, 'SELECT user_address, volume, net_pnl, fill_count FROM traders ORDER BY volume DESC LIMIT 1');
const [[traderCount]] = sql(lake, 'SELECT count(*) FROM traders');
const rowsOf = (page, name) => page.locator(`.table-box[aria-label="${name}"] tbody tr:not(.space)`);
const cells = async (row) => (await row.locator('td').allTextContents()).map((text) => text.trim());
const figure = (page, label) => page.locator(`.figure:has(:text-is("${label}")) dd`).evaluate((dd) => dd.firstChild.textContent);

async function overview() {
  const page = await visitor(browser, server);
  await page.open('/');
  const [[volume, liquidated]] = sql(lake, "SELECT sum(volume), sum(liquidated_notional) FROM coin_daily WHERE date = DATE '2026-05-05'");
  const [[active]] = sql(lake, "SELECT count(*) FROM trader_daily WHERE date = DATE '2026-05-05'");
  near(await figure(page, 'Volume, 5 May'), Number(volume), 'overview: volume of the last day');
  near(await figure(page, 'Liquidated, 5 May'), Number(liquidated), 'what was liquidated');
  equal(numberOf(await figure(page, 'Traders, 5 May')), Number(active), 'who traded');
  equal(numberOf(await figure(page, 'Traders in all')), Number(traderCount), 'how many there are');
  equal(await page.locator('.market-days rect').count(), 5, 'a bar for each day');
  await page.locator('.choice[aria-label="Period"] >> text=All').click();
  await page.settled();
  const [[best, bestNet]] = sql(lake, 'SELECT user_address, net_pnl FROM traders ORDER BY net_pnl DESC LIMIT 1');
  await page.waitForFunction((address) => document.querySelector('.table-box[aria-label="Leaderboard"] .address a')?.title === address, best);
  near((await cells(rowsOf(page, 'Leaderboard').first()))[3], Number(bestNet), 'the first of all time, with what he earned');
  equal(new URL(page.url()).search, '?period=all', 'the period is in the address');
  await page.locator('.choice[aria-label="Side"] >> text=Losers').click();
  const [[worst]] = sql(lake, 'SELECT user_address FROM traders ORDER BY net_pnl, user_address LIMIT 1');
  await page.waitForFunction((address) => document.querySelector('.table-box[aria-label="Leaderboard"] .address a')?.title === address, worst);
  check(true, 'and who lost most');
  const [[position]] = sql(lake, 'SELECT coin FROM positions ORDER BY abs(position) * last_price DESC LIMIT 1');
  equal((await cells(rowsOf(page, 'Largest open positions').first()))[1], position, 'the largest open position');
  const [[, won]] = sql(lake, 'SELECT coin, net_pnl FROM episodes ORDER BY net_pnl DESC LIMIT 1');
  near((await cells(rowsOf(page, 'Largest wins, closed').first()))[3], Number(won), 'the largest win');
  const [[liquidation]] = sql(lake, "SELECT strftime(close_time, '%-d %b %H:%M') FROM episodes WHERE liquidated ORDER BY close_time DESC LIMIT 1");
  equal((await cells(rowsOf(page, 'Newest liquidations').first()))[4], liquidation, 'the newest liquidation');
  check(await page.getByText('None yet').isVisible(), 'signals: an empty state that explains itself');
  await page.open('/');
  await page.shot('overview-dark', { fullPage: true });
  await page.done('overview');
}

async function movingAbout() {
  const page = await visitor(browser, server);
  await page.open('/');
  for (const [label, path, heading] of [['Traders', '/traders', 'Traders'], ['Assets', '/assets', 'Assets'], ['Map', '/clusters', 'Map'], ['Alerts', '/alerts', 'Alerts'], ['Overview', '/', 'Market']]) {
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

async function traders() {
  const page = await visitor(browser, server);
  await page.open('/traders');
  const shown = async () => rowsOf(page, 'Traders').evaluateAll((rows) => rows.map((row) => row.querySelector('.address a').title));
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
  const meets = sql(lake, `SELECT t.user_address FROM traders t JOIN classes c USING (user_address) WHERE c.profile = 'vigil' AND c.class = 'RETAIL'
    AND volume >= 100000 AND win_rate >= 0.5 ORDER BY net_pnl, user_address LIMIT 10`).flat();
  await page.waitForFunction((address) => document.querySelector('.long .address a')?.title === address, meets[0]);
  await page.settled();
  equal((await shown()).slice(0, 10), meets, 'conditions, as SQL has them');
  await page.reload();
  await page.settled();
  equal((await shown()).slice(0, 10), meets, 'the address alone brings the same list');
  equal([await page.getByLabel('Volume ≥').inputValue(), await page.getByLabel('Win rate ≥').inputValue()], ['100000', '50'], 'with its conditions filled in');
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
  await page.waitForFunction(() => [...document.querySelectorAll('th')].some((th) => th.textContent.includes('sortino ratio')));
  check(new URL(page.url()).search.includes('sortino_ratio'), 'any figure can be a column, and the address knows it');
  await page.keyboard.press('Escape');
  // CSV.
  await page.open('/traders?sort=net_pnl&class=RETAIL');
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByText('CSV').click()]);
  const csv = readFileSync(await file.path(), 'utf8').split('\r\n');
  check(csv[0].startsWith('user_address,') && csv.length > 10 && csv.slice(1, -1).every((line) => line.includes('RETAIL')), 'CSV of what is shown');
  // All of them, by scrolling; only those in sight are drawn.
  await page.open('/traders');
  for (let i = 0; i < 40 && !(await page.evaluate((n) => document.querySelector('.title p').textContent.startsWith(`${n} of`), traderCount)); i++) {
    await page.locator('.long').evaluate((box) => { box.scrollTop = box.scrollHeight; });
    await page.waitForTimeout(50);
  }
  check((await page.locator('.title p').textContent()).startsWith(`${traderCount} of ${traderCount}`), 'scrolling brings everybody', await page.locator('.title p').textContent());
  await page.locator('.long').evaluate((box) => { box.scrollTop = box.scrollHeight; });
  const last = sql(lake, 'SELECT user_address FROM traders ORDER BY volume, user_address DESC LIMIT 1')[0][0];
  await page.waitForFunction((address) => [...document.querySelectorAll('.long .address a')].at(-1)?.title === address, last);
  check((await rowsOf(page, 'Traders').count()) < 80, 'of whom few are drawn at a time', await rowsOf(page, 'Traders').count());
  // The keyboard walks.
  await page.open('/traders');
  await page.locator('.long').focus();
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown']) await page.keyboard.press(key);
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/traders/${byVolume[2]}`);
  check(true, 'the cursor keys walk through the list, Enter opens');
  await page.done('traders');
}

async function oneTrader() {
  const page = await visitor(browser, server);
  await page.open(`/traders/${largest}`);
  near(await figure(page, 'Net PnL'), Number(largestNet), 'trader: net PnL');
  near(await figure(page, 'Volume'), Number(largestVolume), 'volume');
  const [[verdict, reason]] = sql(lake, `SELECT class, reason FROM classes WHERE user_address = '${largest}' AND profile = 'vigil'`);
  check((await page.locator('.reason').textContent()).includes(reason), `class ${verdict} with its reason`);
  await page.locator('.time-chart canvas').first().waitFor();
  equal(await page.locator('.time-chart canvas').count(), 3, 'equity, drawdown and days are drawn');
  const definition = (await server.get('/openapi.json')).components.schemas.Trader.properties.max_drawdown.description;
  await page.locator('.figure .term', { hasText: 'Drawdown' }).hover();
  await page.waitForFunction((text) => document.querySelector('#tip p')?.textContent === text, definition);
  check(true, 'a figure tells its definition, as the dictionary has it');
  await page.mouse.move(5, 500);
  const held = sql(lake, `SELECT coin FROM positions WHERE user_address = '${largest}' ORDER BY abs(position) * last_price DESC`).flat();
  equal((await rowsOf(page, 'Open positions').evaluateAll((rows) => rows.map((row) => row.cells[0].textContent))), held, 'positions by value');
  await page.shot('trader-dark', { fullPage: true });
  // Tabs, by keys.
  await page.getByRole('tab', { name: 'Positions' }).focus();
  await page.keyboard.press('ArrowRight');
  await page.settled();
  equal(new URL(page.url()).search, '?tab=episodes', 'the arrow keys change tabs, and the address');
  const [[closedAt, net]] = sql(lake, `SELECT strftime(close_time, '%-d %b %H:%M'), net_pnl FROM episodes WHERE user_address = '${largest}' ORDER BY close_time DESC, open_time DESC, coin LIMIT 1`);
  const episode = await cells(rowsOf(page, 'Episodes').first());
  equal(episode[0], closedAt, 'the newest episode');
  near(episode[7], Number(net), 'with its net PnL');
  await page.getByRole('tab', { name: 'Fills' }).click();
  await page.settled();
  const fills = await cells(rowsOf(page, 'Fills').first());
  const [[time, coin, size]] = sql(lake, `SELECT strftime(time, '%Y-%m-%d %H:%M:%S'), coin, size FROM fills WHERE user_address = '${largest}' ORDER BY block_number DESC, event_index DESC LIMIT 1`);
  equal(fills.slice(0, 2), [time, coin], 'the newest fill');
  near(fills[5], Number(size), 'with its size');
  await page.locator('.long').evaluate((box) => { box.scrollTop = box.scrollHeight; });
  await page.waitForFunction(() => parseInt(document.querySelector('.table-foot').textContent.replace(',', ''), 10) >= 400);
  check(true, 'fills come page by page');
  await page.getByLabel('Coin', { exact: true }).fill(coin);
  await page.keyboard.press('Enter');
  await page.waitForFunction((name) => [...document.querySelectorAll('.long tbody tr:not(.space)')].every((row) => row.cells[1].textContent === name), coin);
  check(new URL(page.url()).searchParams.get('coin') === coin, 'or of one coin');
  await page.getByRole('tab', { name: 'Coins and habits' }).click();
  await page.settled();
  const [[most, mostVolume]] = sql(lake, `SELECT coin, sum(price * size) AS v FROM fills WHERE user_address = '${largest}' GROUP BY coin ORDER BY v DESC LIMIT 1`);
  const top = await cells(rowsOf(page, 'Coins of this trader').first());
  equal(top[0], most, 'his first coin');
  near(top[2], Number(mostVolume), 'with its volume');
  equal(await page.locator('.week-row i').count(), 168, 'every hour of the week');
  await page.shot('habits-dark', { fullPage: true });
  await page.getByRole('tab', { name: 'All figures' }).click();
  await page.settled();
  equal(await page.locator('.all-figures > div').count(), Object.keys((await server.get('/openapi.json')).components.schemas.Trader.properties).length - 1, 'all figures are there');
  // Watched, named, copied; times of this place.
  await page.getByRole('button', { name: 'Watch' }).click();
  await page.getByLabel('Your name for this address').fill('Big one');
  await page.getByRole('button', { name: 'Copy the address' }).click();
  equal(await page.evaluate(() => navigator.clipboard.readText()), largest, 'the address can be copied');
  await page.open('/');
  check(await page.locator('.watched').getByText('Big one').isVisible(), 'who is watched is on the overview, by the name that he was given');
  const utc = await page.locator('.status time').textContent();
  await page.getByRole('button', { name: /Times are UTC/ }).click();
  const local = await page.locator('.status time').textContent();
  check(utc === 'data to 5 May 23:59' && local === 'data to 6 May 08:59', 'times can be those of the visitor', `${utc}, ${local}`);
  await page.reload();
  await page.settled();
  equal(await page.locator('.status time').textContent(), local, 'and stay so');
  await page.done('one trader');
}

async function assets() {
  const page = await visitor(browser, server);
  await page.open('/assets');
  const byVolume = sql(lake, 'SELECT coin FROM coin_daily GROUP BY coin ORDER BY sum(volume) DESC, coin').flat();
  equal((await rowsOf(page, 'Assets').evaluateAll((rows) => rows.map((row) => row.cells[0].textContent))).slice(0, 10), byVolume.slice(0, 10), 'assets by volume');
  await page.shot('assets-dark');
  await page.locator('.choice[aria-label="Kind"] >> text=Spot').click();
  await page.waitForFunction(() => [...document.querySelectorAll('.long tbody tr:not(.space)')].every((row) => row.cells[1].textContent === 'spot'));
  equal(new URL(page.url()).search, '?kind=spot', 'of one kind');
  await page.getByLabel('Find a coin').fill('PURR');
  await page.waitForFunction(() => document.querySelectorAll('.long tbody tr:not(.space)').length === 1);
  await rowsOf(page, 'Assets').first().click();
  await page.waitForURL('**/assets/PURR%2FUSDC');
  check(true, 'a row leads to its coin');
  await page.open('/assets/BTC');
  const [[volume, close]] = sql(lake, "SELECT sum(volume), last(close ORDER BY date) FROM coin_daily WHERE coin = 'BTC'");
  near(await figure(page, 'Volume in all'), Number(volume), 'BTC: its volume');
  equal(numberOf(await page.locator('.price b').textContent()), Math.round(Number(close)), 'its price');
  for (const [i, side] of [[0, '>'], [1, '<']]) {
    const [[value, holders]] = sql(lake, `SELECT sum(abs(position) * last_price), count(*) FROM positions WHERE coin = 'BTC' AND position ${side} 0`);
    near(await page.locator('.holders h3 b').nth(i).textContent(), Number(value), `what is ${i ? 'short' : 'long'}`);
    equal(parseInt(await page.locator('.holders h3 .muted').nth(i).textContent(), 10), Number(holders), 'and by how many');
  }
  const [[holder]] = sql(lake, "SELECT user_address FROM positions WHERE coin = 'BTC' ORDER BY abs(position) * last_price DESC LIMIT 1");
  equal(await rowsOf(page, 'Largest positions').first().locator('.address a').getAttribute('title'), holder, 'who holds most');
  equal(await page.locator('.time-chart canvas').count(), 3, 'price, volume and imbalance are drawn');
  await page.shot('asset-dark', { fullPage: true });
  await page.done('assets');
}

/** Clusters are the work of another part of Vigil: here the answers are made up, a hundred thousand points. */
async function map() {
  const page = await visitor(browser, server);
  await page.open('/clusters');
  check(await page.getByText('Clusters are not computed yet').isVisible(), 'map: an empty state that explains itself');
  const n = 100000;
  let seed = 3;
  const chance = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const normal = () => Math.sqrt(-2 * Math.log(chance())) * Math.cos(2 * Math.PI * chance());
  const middles = [[0, 0], [6, 1], [3, 5], [-4, 4], [-5, -3], [2, -5]];
  const cluster = Array.from({ length: n }, (_, i) => (i % 50 === 0 ? null : i % 6));
  const x = cluster.map((c) => (c === null ? 10 * chance() - 5 : middles[c][0] + normal() * (0.5 + c / 8)));
  const y = cluster.map((c) => (c === null ? 10 * chance() - 5 : middles[c][1] + normal() * (0.4 + c / 9)));
  const address = (i) => '0x' + i.toString(16).padStart(40, '0');
  const classes = ['RETAIL', 'HFT', 'SMART_DIRECTIONAL', 'LIQUIDATOR', 'RETAIL', 'RETAIL'];
  const names = ['Scalpers', 'Market makers', 'Swing traders', 'Liquidators', 'Retail', 'High leverage'];
  const coverage = { from: '2026-05-01T00:00:00Z', to: '2026-05-05T00:00:00Z', complete: true };
  await page.route('**/api/v1/clusters', (route) => route.fulfill({ json: { coverage, as_of: coverage.to, model: 'k-means-1', quality: { silhouette: 0.41, stability: 0.87 },
    clusters: names.map((name, id) => ({ id, name, traders: Math.round(n / 6), share: 1 / 6, reason: `holds ${id + 1} h`, centre: { maker_share: id / 3, volume: -1 } })) } }));
  await page.route('**/api/v1/clusters/map', (route) => route.fulfill({ json: { coverage, as_of: coverage.to, trustworthiness: 0.93, traders: x.map((_, i) => address(i)), x, y, cluster,
    class: cluster.map((c) => (c === null ? null : classes[c])) } }));
  await page.open('/clusters');
  await page.locator('canvas').waitFor();
  await page.waitForTimeout(800);
  await page.shot('map-dark');
  const box = await page.locator('canvas').boundingBox();
  // Where the middle of a cluster is in the picture: the view shows all of the data in 92 %.
  const extent = (values) => values.reduce(([low, high], v) => [Math.min(low, v), Math.max(high, v)], [Infinity, -Infinity]);
  const [left, right] = extent(x);
  const [bottom, top] = extent(y);
  const scale = 0.92 * Math.min(box.width / (right - left), box.height / (top - bottom));
  const toPixel = (px, py) => [box.x + box.width / 2 + (px - (left + right) / 2) * scale, box.y + box.height / 2 - (py - (bottom + top) / 2) * scale];
  await page.getByRole('button', { name: 'Lasso' }).click();
  const corners = [[4, -1], [8, -1], [8, 3], [4, 3]];
  await page.mouse.move(...toPixel(...corners[0]));
  await page.mouse.down();
  for (const corner of [...corners.slice(1), corners[0]]) await page.mouse.move(...toPixel(...corner), { steps: 4 });
  await page.mouse.up();
  await page.getByText(/caught/).waitFor();
  const caught = numberOf((await page.locator('h2', { hasText: 'caught' }).textContent()));
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
  const frames = await page.locator('canvas').evaluate((canvas) => new Promise((done) => {
    const times = [];
    const step = (time) => {
      times.push(time);
      canvas.dispatchEvent(new WheelEvent('wheel', { deltaY: times.length % 2 ? 40 : -40, clientX: 600, clientY: 400, cancelable: true }));
      if (times.length < 60) requestAnimationFrame(step); else done((times.at(-1) - times[0]) / (times.length - 1));
    };
    requestAnimationFrame(step);
  }));
  console.log(`measured: map, 100,000 points, ${(1000 / frames).toFixed(0)} frames a second while zooming (drawn by the processor, without a graphics card)`);
  await page.locator('canvas').focus();
  await page.keyboard.press('0');
  await page.waitForTimeout(300);
  await page.mouse.move(...toPixel(6.01, 1.01));
  await page.locator('.cloud-tip').waitFor();
  check(true, 'a key shows all again');
  const [url] = await Promise.all([page.waitForURL(/\/traders\/0x0{30}/).then(() => page.url()), page.mouse.click(...toPixel(6, 1))]);
  page.awaited = /404/;
  await page.getByText('This address has no fills here').waitFor();
  check(/0x[0-9a-f]{40}$/.test(url), 'a click leads to the trader');
  await page.done('map');
}

async function wrongWays() {
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
  await page.route('**/api/v1/traders?*', (route) => route.fulfill({ status: 500, contentType: 'application/problem+json', body: '{"title":"Internal error","status":500,"detail":"a fault, for the test"}' }));
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
  await page.route('**/api/**', async (route) => { await new Promise((go) => setTimeout(go, 1200)); await route.continue().catch(() => {}); });
  await page.goto('/traders');
  check(await page.locator('.skeleton').first().isVisible(), 'while a slow line loads, its place is kept');
  await page.shot('slow-dark');
  await page.settled();
  check((await rowsOf(page, 'Traders').count()) > 10, 'then the list is there');
  await page.unroute('**/api/**');
  await page.done('wrong ways');
}

async function keys() {
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

async function news() {
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
  await page.waitForFunction(() => performance.getEntriesByType('resource').some((part) => part.name.includes('/static/assets-')));
  page.awaited = /ERR_|Failed to load|network/i;
  await server.stop();
  await page.waitForFunction(() => /Reconnecting|Offline/.test(document.querySelector('.status')?.textContent ?? ''));
  check(true, 'a server that goes away is noticed');
  await page.locator('nav').getByText('Assets').click();
  await page.getByText(/No connection/).waitFor();
  await page.shot('offline-dark');
  await server.start();
  await page.waitForFunction(() => document.querySelector('.status')?.textContent.startsWith('Live'), null, { timeout: 60000 });
  await rowsOf(page, 'Assets').first().waitFor();
  check(counted > 0, 'when it is back, the page goes on by itself');
  await page.done('news');
}

const luminance = (rgb) => rgb.map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
const contrast = (a, b) => { const [high, low] = [luminance(a), luminance(b)].sort((p, q) => q - p); return (high + 0.05) / (low + 0.05); };
const channels = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

async function forEverybody() {
  const page = await visitor(browser, server, { colorScheme: 'light' });
  for (const path of ['/', '/traders', `/traders/${largest}`, '/assets', '/assets/BTC', '/clusters', '/alerts']) {
    await page.open(path);
    const nameless = await page.evaluate(() => [...document.querySelectorAll('a, button, input, select, [role=img], [role=region], canvas[tabindex]')]
      .filter((e) => !(e.textContent.trim() || e.getAttribute('aria-label') || e.labels?.[0]?.textContent.trim() || e.closest('[role=img][aria-label]'))).map((e) => e.outerHTML.slice(0, 120)));
    equal(nameless, [], `${path}: everything that can be used has a name`);
    equal(await page.locator('h1').count() <= 1, true, 'and one heading at most');
  }
  await page.open('/');
  await page.shot('overview-light', { fullPage: true });
  for (const theme of ['light', 'dark']) {
    const values = await page.evaluate(() => Object.fromEntries(['--text', '--muted', '--up', '--down', '--accent', '--warm', '--panel', '--back', '--raised'].map((name) => [name, getComputedStyle(document.documentElement).getPropertyValue(name).trim()])));
    for (const front of ['--text', '--muted', '--up', '--down', '--accent', '--warm'])
      for (const back of ['--panel', '--back']) {
        const c = contrast(channels(values[front]), channels(values[back]));
        check(c >= 4.5, `${theme}: ${front} on ${back} can be read (${c.toFixed(1)})`);
      }
    if (theme === 'light') {
      await page.getByRole('button', { name: /Colours: system/ }).click();
      await page.getByRole('button', { name: /Colours: light/ }).click();
      equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark', 'the colours can be chosen');
    }
  }
  // By keys alone: the first stop leads past the bar, and what has the focus shows it.
  await page.open('/');
  await page.keyboard.press('Tab');
  equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the content', 'the first stop of Tab');
  await page.keyboard.press('Enter');
  equal(await page.evaluate(() => document.activeElement.tagName), 'MAIN', 'leads to the content');
  await page.keyboard.press('Tab');
  check(await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle !== 'none'), 'and the focus can be seen');
  await page.done('for everybody');
}

async function narrow() {
  for (const width of [360, 412, 768, 1024, 1920]) {
    const page = await visitor(browser, server, { viewport: { width, height: 800 } });
    for (const path of ['/', '/traders', `/traders/${largest}`, `/traders/${largest}?tab=habits`, `/traders/${largest}?tab=figures`, '/assets', '/assets/BTC', '/clusters', '/alerts']) {
      await page.open(path);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (over > 0 || width === 360) check(over <= 0, `${path} at ${width} px does not run over`, `${over} px`);
      if (width === 360) await page.shot(`phone${path.replace(largest, 'x').replaceAll(/[/?=]+/g, '-')}`);
    }
    if (width === 1920) await page.shot('wide-alerts');
    await page.done(`${width} px`);
  }
}

async function files() {
  const ask = (path, headers = {}) => fetch(server.url + path, { headers: { 'Accept-Encoding': 'identity', ...headers } });
  const page = await ask('/', { Accept: 'text/html' });
  const html = await page.text();
  const policy = page.headers.get('content-security-policy');
  check(policy.includes("default-src 'none'") && policy.includes("script-src 'self';") && !policy.includes('unsafe'), 'nothing but our own scripts may run');
  check(!/<script(?![^>]*src=)|<style|\sstyle=|\son\w+=|https?:/.test(html), 'the page has nothing inline, and no other host');
  const names = [...html.matchAll(/\/static\/([\w.-]+)/g)].map((m) => m[1]);
  check(names.some((name) => name.endsWith('.js')) && names.some((name) => name.endsWith('.css')), 'the page names its parts', names);
  let first = 0;
  for (const name of names) {
    const plain = await ask(`/static/${name}`);
    const bytes = Buffer.from(await plain.arrayBuffer());
    check(plain.headers.get('cache-control').includes('immutable') && /-[0-9a-f]{8}\./.test(name), `${name} may be kept for ever`);
    equal([(await ask(`/static/${name}`, { Accept: 'text/html' })).status, plain.headers.get('x-content-type-options')], [200, 'nosniff'], 'and is what it says');
    for (const [coding, unpack] of [['br', brotliDecompressSync], ['gzip', gunzipSync]]) {
      const head = await raw(`/static/${name}`, coding);
      check(head.coding === coding && unpack(head.body).equals(bytes), `${coding} holds the same`);
      if (coding === 'gzip' && name.endsWith('.js')) first += head.body.length;
    }
  }
  check(first > 0 && first <= 60000, `the first view's script: ${first} bytes in gzip, at most 60,000`);
  console.log(`measured: first view, ${first} bytes of script in gzip`);
  equal((await ask('/static/nothing.js')).status, 404, 'a part that is not there is a 404');
  equal((await ask('/static/index.html')).status, 404, 'the page itself is no part');
}

/** An answer as it was sent: fetch would unpack it. */
async function raw(path, coding) {
  const { request } = await import('node:http');
  return new Promise((done, fail) => request(server.url + path, { headers: { 'Accept-Encoding': coding } }, (answer) => {
    const parts = [];
    answer.on('data', (part) => parts.push(part));
    answer.on('end', () => done({ coding: answer.headers['content-encoding'], body: Buffer.concat(parts) }));
  }).on('error', fail).end());
}

async function realRecords() {
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
  for (const tab of ['', '?tab=episodes', '?tab=habits', '?tab=figures', '?tab=fills']) await page.open(`/traders/${address}${tab}`);
  check(await page.locator('.caveats').isVisible(), 'what to know about a trader\'s figures is said');
  for (const [coin] of sql(real, "SELECT coin FROM coin_daily GROUP BY coin, kind QUALIFY row_number() OVER (PARTITION BY kind ORDER BY sum(volume) DESC) = 1")) {
    await page.open(`/assets/${encodeURIComponent(coin)}`);
    equal(await page.locator('h1').textContent(), coin, `${coin} has its page`);
  }
  await page.done('real records');
  await other.stop();
}

async function manyTraders() {
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
    const paint = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN);
    const done = await page.evaluate(() => performance.now());
    console.log(`measured: ${count} traders, ${path}: first paint ${paint.toFixed(0)} ms, all there after ${done.toFixed(0)} ms`);
  }
  const frames = await page.locator('.long').evaluate((box) => new Promise((done) => {
    const gaps = [];
    let before = 0;
    const step = (time) => {
      if (before) gaps.push(time - before);
      before = time;
      box.scrollTop += 60;
      if (gaps.length < 200) requestAnimationFrame(step); else done(gaps.sort((a, b) => a - b));
    };
    requestAnimationFrame(step);
  }));
  console.log(`measured: scrolling ${count} traders, frame median ${frames[100].toFixed(1)} ms, 99 of 100 below ${frames[198].toFixed(1)} ms`);
  check((await rowsOf(page, 'Traders').count()) < 80, 'few rows are drawn');
  await page.done('many traders');
  await other.stop();
}

writeFileSync(join(TMP, 'keys.txt'), `visitor ${createHash('sha256').update('open sesame').digest('hex')}\n`);

const parts = { files, overview, movingAbout, traders, oneTrader, assets, map, wrongWays, keys, forEverybody, narrow, realRecords, manyTraders, news };
const only = process.argv[4];
for (const [name, part] of Object.entries(parts)) {
  if (only && !only.split(',').includes(name)) continue;
  const begun = Date.now();
  try {
    await part();
  } catch (error) {
    check(false, `${name} went to its end`, error.stack);
  }
  console.log(`        ${name}: ${((Date.now() - begun) / 1000).toFixed(1)} s`);
}
await finish();
