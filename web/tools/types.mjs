// The types of the API's answers, from its own description: openapi.json on stdin, TypeScript on stdout.
import { readFileSync } from 'node:fs';

const api = JSON.parse(readFileSync(0, 'utf8'));

function typeOf(schema, indent = '') {
    if (schema.$ref) return schema.$ref.split('/').pop();
    if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
    if (Array.isArray(schema.type)) return schema.type.map((type) => typeOf({ ...schema, type }, indent)).join(' | ');
    if (schema.type === 'array') {
        const item = schema.items ? typeOf(schema.items, indent) : 'unknown';
        return /^\w+$/.test(item) ? `${item}[]` : `(${item})[]`;
    }
    if (schema.type === 'object')
        return schema.properties
            ? objectOf(schema, indent)
            : `Record<string, ${
                  typeof schema.additionalProperties === 'object' ? typeOf(schema.additionalProperties) : 'unknown'
              }>`;
    return (
        { integer: 'number', number: 'number', boolean: 'boolean', null: 'null', string: 'string' }[schema.type] ??
        'unknown'
    );
}

function objectOf(schema, indent) {
    const inner = indent + '  ';
    const rows = Object.entries(schema.properties).map(([name, property]) => {
        const optional = schema.required?.includes(name) ? '' : '?';
        return `${inner}${/^\w+$/.test(name) ? name : JSON.stringify(name)}${optional}: ${typeOf(property, inner)};\n`;
    });
    return `{\n${rows.join('')}${indent}}`;
}

const answers = Object.values(api.paths).flatMap(({ get }) => {
    const schema = get.responses['200'].content['application/json']?.schema;
    return schema ? [`  ${get.operationId}: ${typeOf(schema, '  ')};\n`] : [];
});
const schemas = Object.entries(api.components.schemas).map(
    ([name, schema]) => `export interface ${name} ${typeOf(schema)}\n\n`,
);
process.stdout.write(`// Made by \`./dev format\` from the description of the API: not to be changed by hand.

${schemas.join('')}/** What each operation answers. */
export interface Answers {
${answers.join('')}}
`);
