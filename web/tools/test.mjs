// Bundles tests/*.test.ts and runs them with node's own test runner: test.mjs OUTPUT_FOLDER.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const folder = fileURLToPath(new URL('../tests/', import.meta.url));
const output = process.argv[2] ?? fileURLToPath(new URL('../dist/tests/', import.meta.url));
rmSync(output, { recursive: true, force: true });
mkdirSync(output, { recursive: true });
const names = readdirSync(folder).filter((name) => name.endsWith('.test.ts'));
await build({
    entryPoints: names.map((name) => join(folder, name)),
    outdir: output,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    banner: { js: "globalThis.location = new URL('http://vigil.test/');" },
    format: 'esm',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    logLevel: 'warning',
});
const made = names.map((name) => join(output, name.replace(/ts$/, 'mjs')));
process.exit(spawnSync(process.execPath, ['--test', ...made], { stdio: 'inherit' }).status ?? 1);
