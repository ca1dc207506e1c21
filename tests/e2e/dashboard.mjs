// The dashboard in a real Chromium, against the real server: every page's numbers against SQL over the same lake, moving about,
// search, conditions, the address bar, news as they come, a server that goes away, errors, keys, a slow line, the keyboard,
// narrow screens. Pictures of all pages go to build/screenshots. Prints what the first view costs.
import { check, finish } from './browser.mjs';
import { figures } from './dashboard/figures.mjs';
import { files } from './dashboard/files.mjs';
import { hours } from './dashboard/hours.mjs';
import * as pages from './dashboard/pages.mjs';
import { publication } from './dashboard/publication.mjs';
import * as traders from './dashboard/traders.mjs';
import * as ways from './dashboard/ways.mjs';

const { news, ...later } = ways; // news changes the data: it comes last

const parts = {
    files,
    overview: pages.overview,
    movingAbout: pages.movingAbout,
    ...traders,
    assets: pages.assets,
    map: pages.map,
    figures,
    publication,
    hours,
    ...later,
    news,
};
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
