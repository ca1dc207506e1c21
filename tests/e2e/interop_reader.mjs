// Reads Parquet files with hyparquet, which shares no code with DuckDB or Vigil, and prints per column what
// interop.py compares. Usage: node interop_reader.mjs FOLDER_OF_NODE_MODULES FILE…
// Types are taken off before reading, so that decimals and times arrive as the bytes and integers they are.
import { pathToFileURL } from 'node:url';

const [modules, ...files] = process.argv.slice(2);
const load = (path) => import(pathToFileURL(`${modules}/${path}`).href);
const { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } = await load('hyparquet/src/node.js');
const { compressors } = await load('hyparquet-compressors/src/index.js');

const exact = (value) => {
    if (!(value instanceof Uint8Array)) return BigInt(value);
    let sum = 0n;
    for (const byte of value) sum = (sum << 8n) | BigInt(byte);
    return BigInt.asIntN(8 * value.length, sum);
};

const columns = {};
let rows = 0;
for (const path of files) {
    const file = await asyncBufferFromFile(path);
    const metadata = await parquetMetadataAsync(file);
    rows += Number(metadata.num_rows);
    for (const element of metadata.schema.slice(1)) {
        const {
            name,
            type,
            converted_type: converted,
            logical_type: logical,
            precision,
            scale,
            repetition_type: repetition,
        } = element;
        const kind =
            converted === 'DECIMAL'
                ? `DECIMAL(${precision},${scale})`
                : logical?.type === 'TIMESTAMP'
                  ? `TIMESTAMP ${logical.unit} utc=${logical.isAdjustedToUTC}`
                  : converted === 'DATE'
                    ? 'DATE'
                    : converted === 'UTF8' || logical?.type === 'STRING'
                      ? 'TEXT'
                      : type;
        const column = (columns[name] ??= {
            kinds: [],
            nullable: false,
            values: 0,
            sum: 0n,
            distinct: new Set(),
            min: null,
            max: null,
        });
        if (!column.kinds.includes(kind)) column.kinds.push(kind);
        column.nullable ||= repetition !== 'REQUIRED';
        if (kind !== 'TEXT') {
            delete element.converted_type;
            delete element.logical_type;
        }
    }
    for (const row of await parquetReadObjects({ file, metadata, compressors, utf8: false }))
        for (const [name, column] of Object.entries(columns)) {
            let value = row[name];
            if (value === null || value === undefined) continue;
            column.values++;
            if (typeof value === 'string') {
                column.distinct.add(value);
            } else if (column.kinds[0] !== 'DOUBLE') {
                value = exact(value);
                column.sum += value;
            }
            if (column.min === null || value < column.min) column.min = value;
            if (column.max === null || value > column.max) column.max = value;
        }
}
const plain = (key, value) =>
    typeof value === 'bigint' ? value.toString() : value instanceof Set ? value.size : value;
console.log(JSON.stringify({ rows, columns }, plain));
