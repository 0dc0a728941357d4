#!/usr/bin/env node
// Prints types/api.d.ts for the OpenAPI document that is read from standard input:
//   curl -H "Authorization: Bearer $TOKEN" http://HOST:8080/api/v1/openapi.json | node generate.js >api.d.ts
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** @param {any} document an OpenAPI 3.1 document @returns {string} TypeScript declarations */
export function generate(document) {
  const schemas = Object.entries(document.components?.schemas ?? {})
    .map(([name, schema]) => `export type ${typeName(name)} = ${typeOf(schema)};\n`);
  const methods = new Map();
  for (const operations of Object.values(document.paths)) {
    for (const operation of Object.values(operations)) {
      for (const [name, { params, result }] of Object.entries(operation['x-methods'] ?? {})) {
        methods.set(name, `{ params: ${typeOf(params)}; result: ${typeOf(result)} }`);
      }
      const method = operation['x-method'];
      if (method && !methods.has(method)) methods.set(method, methodOf(operation));
    }
  }
  const rows = [...methods].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, row]) => `  '${name}': ${row};\n`);
  return [
    '// Made by generate.js from the OpenAPI document of the gateway. Do not edit.\n\n',
    ...schemas,
    '\n/** Methods of call(): what each takes and gives. */\nexport interface Methods {\n', ...rows, '}\n',
  ].join('');
}

const typeName = (name) => name.replace(/(^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_all, _gap, letter) => letter.toUpperCase());
const bodyOf = (holder) => holder?.content?.['application/json']?.schema;

function methodOf(operation) {
  const fields = new Map();
  for (const { name, required, schema, ...more } of operation.parameters ?? []) {
    if (!more['x-rest-alone']) fields.set(name, { required, schema });
  }
  const forms = bodyOf(operation.requestBody);
  const body = forms?.anyOf?.find((form) => form.properties) ?? forms;
  for (const [name, schema] of Object.entries(body?.properties ?? {})) {
    fields.set(name, { required: (body.required ?? []).includes(name), schema });
  }
  for (const [name, schema] of Object.entries(operation['x-connection'] ?? {})) fields.set(name, { required: false, schema });
  // A body without named fields, such as {"red": 1}, is a method's parameter of another name.
  const open = body && !body.properties ? '[more: string]: unknown; ' : '';
  const members = [...fields].map(([name, field]) => member(name, field)).join('');
  const result = bodyOf(operation.responses?.['200']);
  return `{ params: { ${members}${open}}; result: ${result ? typeOf(result) : 'unknown'} }`;
}

function member(name, { required, schema }) {
  const text = schema.description ? `/** ${schema.description.replaceAll('*/', '* /')} */ ` : '';
  return `${text}${/^\w+$/.test(name) ? name : JSON.stringify(name)}${required ? '' : '?'}: ${typeOf(schema)}; `;
}

/** @param {any} schema JSON Schema @returns {string} */
function typeOf(schema) {
  if (schema === true || !schema) return 'unknown';
  if (schema.$ref) return typeName(schema.$ref.split('/').at(-1));
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const any = schema.oneOf ?? schema.anyOf;
  if (any) return any.map(typeOf).join(' | ');
  if (schema.allOf) return schema.allOf.map((part) => `(${typeOf(part)})`).join(' & ');
  if (Array.isArray(schema.type)) return schema.type.map((type) => typeOf({ ...schema, type })).join(' | ');
  switch (schema.type) {
    case 'integer':
    case 'number': return 'number';
    case 'string': return 'string';
    case 'boolean': return 'boolean';
    case 'null': return 'null';
    case 'array': return `Array<${typeOf(schema.items)}>`;
    case 'object': return objectType(schema);
    default: return 'unknown';
  }
}

function objectType({ properties, required = [], additionalProperties }) {
  if (!properties) return `Record<string, ${typeOf(additionalProperties || true)}>`;
  const members = Object.entries(properties)
    .map(([name, schema]) => member(name, { required: required.includes(name), schema }));
  return `{ ${members.join('')}}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.stdout.write(generate(JSON.parse(readFileSync(0, 'utf8'))));
}
