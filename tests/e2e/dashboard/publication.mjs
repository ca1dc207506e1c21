// The map while data are published: who was caught, who is pointed at and what is in sight stay what they were.
import { join } from 'node:path';
import { check, equal, Server, TMP, vigil, visitor } from '../browser.mjs';
import { loneliest, screenOf } from './figures.mjs';
import { browser } from './world.mjs';

const PAN = 60; // px, by an arrow key

const caughtNames = (page) => page.locator('.map-page aside .watched a').evaluateAll((all) => all.map((a) => a.title));

/** An outline by the pointer around everybody right of a place on the screen. */
async function lasso(page, box, left) {
    await page.getByRole('button', { name: 'Lasso' }).click();
    await page.mouse.move(left, box.y + 2);
    await page.mouse.down();
    for (const corner of [
        [box.x + box.width - 2, box.y + 2],
        [box.x + box.width - 2, box.y + box.height - 2],
        [left, box.y + box.height - 2],
    ])
        await page.mouse.move(...corner, { steps: 3 });
    await page.mouse.up();
    await page.getByText(/caught/).waitFor();
}

/** Some of a map, in another order. */
function rearranged(map, keeps) {
    const order = [...map.traders.keys()].filter((i) => keeps(map.traders[i])).reverse();
    const of = (values) => order.map((i) => values[i]);
    return {
        ...map,
        traders: of(map.traders),
        x: of(map.x),
        y: of(map.y),
        cluster: of(map.cluster),
        class: of(map.class),
    };
}

/** The tip of whoever is at this place; '' where there is nobody. */
async function tipAt(page, [x, y]) {
    await page.mouse.move(x + 1, y);
    await page.mouse.move(x, y);
    await page.waitForTimeout(100);
    return (await page.locator('.cloud-tip').allTextContents()).join();
}

export async function publication() {
    const moving = join(TMP, 'moving');
    const compute = (day) => {
        vigil('fetch', 'market', '--end', `2026-05-0${day}`, '--lake', moving, '--quiet');
        vigil('features', '--lake', moving, '--quiet');
    };
    compute(4);
    vigil('cluster', '--lake', moving);
    const other = await new Server(moving).start();
    const map = await other.get('/clusters/map');
    const page = await visitor(browser, other);
    let change = (answer) => answer;
    await page.route('**/api/v1/clusters/map', async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, json: change(await response.json()) });
    });
    const publish = async (day) => {
        compute(day);
        await page.waitForFunction(
            (text) => document.querySelector('.status time')?.textContent === text,
            `data to ${day} May 23:59`,
        );
        await page.waitForTimeout(500);
    };
    await page.open('/clusters');
    await page.waitForFunction(() => document.querySelector('.status')?.textContent.startsWith('Live'));
    const canvas = page.locator('.cloud canvas');
    const box = await canvas.boundingBox();
    const screen = screenOf(map, box);
    const left = box.x + box.width / 2;
    await lasso(page, box, left);
    const names = await caughtNames(page);
    const right = new Set(map.traders.filter((_, i) => screen(i)[0] > left));
    check(
        names.length > 3 && names.every((name) => right.has(name)),
        'the lasso caught who is to the right',
        names.join(),
    );
    // Closer to somebody who stands alone, and a step to the side.
    const alone = loneliest(
        map,
        [...map.traders.keys()].filter((i) => !right.has(map.traders[i])),
    );
    const who = map.traders[alone].slice(0, 6);
    const [x, y] = screen(alone);
    await page.mouse.move(x, y);
    for (let i = 0; i < 4; i++) await page.mouse.wheel(0, -200);
    await canvas.focus();
    await page.keyboard.press('ArrowLeft');
    const place = [x + PAN, y];
    check((await tipAt(page, place)).startsWith(who), 'closer, the same trader is where he should be');
    await page.mouse.move(0, 0);
    const before = await canvas.screenshot();

    await publish(5);
    equal(await caughtNames(page), names, 'a publication: who was caught stays caught');
    check(before.equals(await canvas.screenshot()), 'of the same map the same is in sight');

    // Then one that brings another map, with fewer traders in another order.
    await tipAt(page, place);
    change = (answer) => rearranged(answer, (trader) => trader === map.traders[alone] || right.has(trader));
    await publish(6);
    const tips = await page.locator('.cloud-tip').allTextContents();
    check(
        tips.every((tip) => tip.startsWith(who)),
        'who was pointed at is nobody else now',
        tips.join(),
    );
    equal(
        await page.locator('main .title p').textContent(),
        `${right.size + 1} traders; alike ones lie near each other`,
        'a smaller map',
    );
    equal(await caughtNames(page), names, 'on which the same are caught');
    check((await tipAt(page, place)).startsWith(who), 'and everybody is where he was');
    await page.done('the map while data are published');
    await other.stop();
}
