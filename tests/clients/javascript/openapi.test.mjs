// Tools of others read the OpenAPI document: a linter, and a generator of types whose result compiles.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { GatewayProcess } from './gateway_process.mjs';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const require = createRequire(import.meta.url);

/** Runs the program `name` of a package; what it says. */
function run(name, program, ...args) {
  const folder = path.dirname(require.resolve(`${name}/package.json`));
  return execFileSync(process.execPath, [path.join(folder, program), ...args], {
    encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], cwd: HERE,
    env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
  });
}

async function withDocument(use) {
  // Modules are looked up from where the program stands, so it stands beside the tests.
  const folder = mkdtempSync(path.join(HERE, '.openapi-'));
  const gateway = await GatewayProcess.start();
  try {
    const file = path.join(folder, 'openapi.json');
    writeFileSync(file, JSON.stringify(await gateway.request('GET', '/api/v1/openapi.json'), null, 1));
    await use(file, folder);
  } finally {
    await gateway.end();
    rmSync(folder, { recursive: true });
  }
}

test('redocly finds nothing to complain of, not even as a warning', () => withDocument((file) => {
  const { totals, problems } = JSON.parse(run('@redocly/cli', 'bin/cli.js', 'lint', '--format', 'json', file));
  assert.deepEqual([totals, problems], [{ errors: 0, warnings: 0, ignored: 0 }, []]);
}));

test('redocly would have found a mistake', () => withDocument((file) => {
  const document = JSON.parse(readFileSync(file, 'utf8'));
  document.components.schemas.line.properties.gpio.$ref = '#/components/schemas/gpoi';
  writeFileSync(file, JSON.stringify(document));
  assert.throws(() => run('@redocly/cli', 'bin/cli.js', 'lint', '--format', 'json', file), { status: 1 });
}));

test('openapi-typescript makes types by which a program compiles, and one with a mistake does not', () => withDocument((file, folder) => {
  run('openapi-typescript', 'bin/cli.js', file, '--output', path.join(folder, 'made.d.ts'));
  const compile = (text) => {
    const program = path.join(folder, 'program.mts');
    writeFileSync(program, `import type { paths, components } from './made.js';
type Answer<Path extends keyof paths> = paths[Path] extends { get: { responses: { 200: { content: { 'application/json': infer A } } } } } ? A : never;
declare const circuit: Answer<'/api/v1/circuit'>;
declare const event: components['schemas']['event'];
${text}`);
    return run('typescript', 'bin/tsc', '--noEmit', '--strict', '--target', 'es2022', '--module', 'nodenext', program);
  };
  compile(`const value: 0 | 1 = circuit.lines[0].value;
const line: string | null = event.line;
const duty: number | undefined = event.pwm?.duty;
const body: NonNullable<paths['/api/v1/lines/{line}/pulse']['post']['requestBody']>['content']['application/json'] = { ms: 500 };
console.log(value, line, duty, body);`);
  assert.throws(() => compile('const value: string = circuit.lines[0].value; console.log(value);'), { status: 2 });
}));
