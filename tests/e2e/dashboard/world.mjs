// The market that the dashboard is tested with, its server, and the browser.
import { join } from 'node:path';
import { launch, Server, sql, TMP, vigil } from '../browser.mjs';

export const lake = join(TMP, 'lake');
vigil('simulate', '--fills', '150k', '--traders', '500', '--days', '6', '--seed', '5', '--output', 'market');
vigil('fetch', 'market', '--end', '2026-05-05', '--lake', lake, '--quiet');
vigil('features', '--lake', lake, '--quiet');
vigil('classify', '--lake', lake);
export const server = await new Server(lake).start();
export const browser = await launch();

export const [[largest, largestVolume, largestNet, largestFills]] = sql(
    lake,
    'SELECT user_address, volume, net_pnl, fill_count FROM traders ORDER BY volume DESC LIMIT 1',
);
export const [[traderCount]] = sql(lake, 'SELECT count(*) FROM traders');
export const rowsOf = (page, name) => page.locator(`.table-box[aria-label="${name}"] tbody tr:not(.space)`);
export const cells = async (row) => (await row.locator('td').allTextContents()).map((text) => text.trim());
export const figure = (page, label) =>
    page.locator(`.figure:has(:text-is("${label}")) dd`).evaluate((dd) => dd.firstChild.textContent);
