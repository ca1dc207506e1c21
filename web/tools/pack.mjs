// Writes what `vite build` made as one C file, each file in the forms that the server sends: pack.mjs OUTPUT.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const output = process.argv[2];
const built = new URL('../dist/', import.meta.url);
const types = {
    html: 'text/html; charset=utf-8',
    js: 'text/javascript; charset=utf-8',
    css: 'text/css; charset=utf-8',
    svg: 'image/svg+xml',
};

function literal(bytes) {
    // Octal escapes have three digits, so what follows them is never taken for a part.
    let text = '';
    for (const b of bytes)
        text +=
            b >= 32 && b < 127 && !'"\\?'.includes(String.fromCharCode(b))
                ? String.fromCharCode(b)
                : '\\' + b.toString(8).padStart(3, '0');
    const rows = text.match(/(?:\\\d{3}|[^\\]){1,2000}/g) ?? [''];
    return rows.map((row) => `"${row}"`).join('\n     ');
}

function forms(bytes) {
    const gzip = gzipSync(bytes, { level: 9 });
    const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
    return [bytes, ...[gzip, brotli].map((packed) => (packed.length < bytes.length ? packed : Buffer.alloc(0)))];
}

const names = [
    'index.html',
    ...readdirSync(new URL('static/', built))
        .sort()
        .map((name) => 'static/' + name),
];
const rows = names.map((path) => {
    const name = path.replace(/^static\//, '');
    const type = types[name.split('.').pop()];
    if (!type) throw new Error(`no type is known for ${path}`);
    const parts = forms(readFileSync(new URL(path, built)));
    return `    {"${name}", "${type}",\n     ${parts.map((p) => `SLICE(\n     ${literal(p)})`).join(',\n     ')}},\n`;
});
writeFileSync(
    output,
    `#include "serve/dashboard.h"

#define SLICE(literal) {literal, sizeof(literal) - 1}

const struct dashboard_file dashboard_files[] = {
${rows.join('')}};
const size_t dashboard_file_count = sizeof dashboard_files / sizeof *dashboard_files;
`,
);
