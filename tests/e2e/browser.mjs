// What the dashboard's test shares: checks, the program, a server that can go away and come back, and a browser that tells
// whatever went wrong in its pages. Used as: TEST VIGIL SOURCE_ROOT. Exit 0 all hold, 1 some do not, 77 cannot be run here.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const VIGIL = resolve(process.argv[2] ?? 'build/vigil');
export const ROOT = resolve(process.argv[3] ?? '.');
export const TMP = mkdtempSync(join(tmpdir(), 'vigil-dashboard-'));
export const PICTURES = join(ROOT, 'build/screenshots');
mkdirSync(PICTURES, { recursive: true });

let failures = 0;
const undo = [];

export function check(holds, what, detail = '') {
    console.log((holds ? 'ok      ' : 'NOT OK  ') + what);
    if (holds) return true;
    failures++;
    if (detail) console.log('        ' + String(detail).slice(0, 2000).replaceAll('\n', '\n        '));
    return false;
}

export const equal = (found, expected, what) =>
    check(
        JSON.stringify(found) === JSON.stringify(expected),
        what,
        `found    ${JSON.stringify(found)}\nexpected ${JSON.stringify(expected)}`,
    );

export async function finish() {
    for (const step of undo.reverse()) await step();
    rmSync(TMP, { recursive: true, force: true });
    if (failures) console.log(`${failures} checks failed`);
    process.exit(failures ? 1 : 0);
}

export function vigil(...words) {
    const done = spawnSync(VIGIL, words, { cwd: TMP, encoding: 'utf8', maxBuffer: 1 << 28 });
    if (done.status !== 0 && done.status !== 3) throw new Error(`vigil ${words.join(' ')}: ${done.stderr}`);
    return done.stdout;
}

/** Rows of SQL over a lake: the truth that the pages are held against. */
export const sql = (lake, statement) => JSON.parse(vigil('sql', statement, '--lake', lake, '--json')).rows;

export class Server {
    constructor(lake, ...words) {
        this.words = ['serve', '--lake', lake, '--refresh', '1', ...words];
        undo.push(() => this.stop());
    }

    /** At the same port as before, if there was one. */
    async start() {
        this.process = spawn(VIGIL, [...this.words, '--listen', `127.0.0.1:${this.port ?? 0}`], {
            cwd: TMP,
            stdio: ['ignore', 'ignore', 'pipe'],
        });
        await new Promise((done, fail) => {
            let said = '';
            this.process.stderr.on('data', (piece) => {
                said += piece;
                const place = /http:\/\/127\.0\.0\.1:(\d+)/.exec(said);
                if (place) {
                    this.port = Number(place[1]);
                    done();
                }
            });
            this.process.on('exit', () => fail(new Error(`the server ended: ${said}`)));
        });
        this.url = `http://127.0.0.1:${this.port}`;
        for (let i = 0; i < 200 && !(await fetch(`${this.url}/healthz`)).ok; i++)
            await new Promise((go) => setTimeout(go, 100));
        return this;
    }

    async get(path) {
        const answer = await fetch(`${this.url}/api/v1${path}`);
        if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
        return answer.json();
    }

    async stop() {
        const { process: child } = this;
        this.process = undefined;
        if (!child || child.exitCode !== null) return;
        child.removeAllListeners('exit');
        await new Promise((done) => {
            child.on('exit', done);
            child.kill('SIGTERM');
        });
    }
}

function skip(why) {
    console.log(`skipped: ${why}`);
    rmSync(TMP, { recursive: true, force: true });
    process.exit(77);
}

export async function launch() {
    const program = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync);
    if (!program) skip('there is no Chromium here (deps/apt.txt)');
    const { chromium } = createRequire(join(ROOT, 'web/package.json'))('playwright-core');
    const browser = await chromium.launch({
        executablePath: program,
        args: ['--no-sandbox', '--enable-unsafe-swiftshader'],
    });
    undo.push(() => browser.close());
    return browser;
}

/** A visitor of his own. What goes wrong in his pages, and what they ask of other hosts, is a failure unless awaited. */
export async function visitor(browser, server, options = {}) {
    const context = await browser.newContext({
        baseURL: server.url,
        viewport: { width: 1440, height: 900 },
        colorScheme: 'dark',
        timezoneId: 'Asia/Tokyo',
        permissions: ['clipboard-read', 'clipboard-write'],
        ...options,
    });
    const page = await context.newPage();
    page.wrong = [];
    page.awaited = null; // a pattern of what may go wrong now
    page.setDefaultTimeout(20000);
    const note = (text) => {
        if (!page.awaited?.test(text)) page.wrong.push(text);
    };
    page.on('pageerror', (error) => note(`error: ${error.message}`));
    page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type()) && !/GPU stall|swiftshader/i.test(message.text()))
            note(`console: ${message.text()}`);
    });
    page.on('request', (request) => {
        if (!/^(http:\/\/127\.0\.0\.1:\d+\/|data:|blob:)/.test(request.url()))
            page.wrong.push(`asked another host: ${request.url()}`);
    });
    page.done = async (what) => {
        equal(page.wrong, [], `${what}: nothing in the console, no other host asked`);
        await context.close();
    };
    page.shot = async (name, more = {}) => {
        await page.evaluate(() => scrollTo(0, 0));
        await page.screenshot({ path: join(PICTURES, `${name}.png`), ...more });
    };
    page.open = async (path) => {
        await page.goto(path);
        await page.settled();
    };
    /** Nothing is being loaded any more. */
    page.settled = async () => {
        await page.waitForFunction(() => document.querySelector('main') && !document.querySelector('.skeleton'));
        await page.evaluate(() => document.fonts.ready);
    };
    return page;
}

/** '−$1.23M' as -1230000. */
export function numberOf(text) {
    const match = /^([−+-]?)\$?([\d.,]+)([kMBT%]?)/.exec(text.trim());
    if (!match) return NaN;
    const unit = { '': 1, k: 1e3, M: 1e6, B: 1e9, T: 1e12, '%': 0.01 }[match[3]];
    return (match[1] === '−' || match[1] === '-' ? -1 : 1) * Number(match[2].replaceAll(',', '')) * unit;
}

export const near = (shown, exact, what) => {
    const n = numberOf(shown);
    return check(
        Math.abs(n - exact) <= Math.max(0.006 * Math.abs(exact), 0.006),
        what,
        `${shown} is shown for ${exact}`,
    );
};
