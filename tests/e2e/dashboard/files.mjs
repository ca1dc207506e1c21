// The page and its parts as they are sent.
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { check, equal } from '../browser.mjs';
import { server } from './world.mjs';

export async function files() {
    const ask = (path, headers = {}) =>
        fetch(server.url + path, { headers: { 'Accept-Encoding': 'identity', ...headers } });
    const page = await ask('/', { Accept: 'text/html' });
    const html = await page.text();
    const policy = page.headers.get('content-security-policy');
    check(
        policy.includes("default-src 'none'") && policy.includes("script-src 'self';") && !policy.includes('unsafe'),
        'nothing but our own scripts may run',
    );
    check(
        !/<script(?![^>]*src=)|<style|\sstyle=|\son\w+=|https?:/.test(html),
        'the page has nothing inline, and no other host',
    );
    const names = [...html.matchAll(/\/static\/([\w.-]+)/g)].map((m) => m[1]);
    check(
        names.some((name) => name.endsWith('.js')) && names.some((name) => name.endsWith('.css')),
        'the page names its parts',
        names,
    );
    let first = 0;
    for (const name of names) {
        const plain = await ask(`/static/${name}`);
        const bytes = Buffer.from(await plain.arrayBuffer());
        check(
            plain.headers.get('cache-control').includes('immutable') && /-[0-9a-f]{8}\./.test(name),
            `${name} may be kept for ever`,
        );
        equal(
            [
                (await ask(`/static/${name}`, { Accept: 'text/html' })).status,
                plain.headers.get('x-content-type-options'),
            ],
            [200, 'nosniff'],
            'and is what it says',
        );
        for (const [coding, unpack] of [
            ['br', brotliDecompressSync],
            ['gzip', gunzipSync],
        ]) {
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
    return new Promise((done, fail) =>
        request(server.url + path, { headers: { 'Accept-Encoding': coding } }, (answer) => {
            const parts = [];
            answer.on('data', (part) => parts.push(part));
            answer.on('end', () => done({ coding: answer.headers['content-encoding'], body: Buffer.concat(parts) }));
        })
            .on('error', fail)
            .end(),
    );
}
