// Runs the lines of docs/clients.md, section JavaScript, against a real gateway.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { GatewayProcess, waitUntil } from './gateway_process.mjs';

const TOP = fileURLToPath(new URL('../../..', import.meta.url));
const guide = readFileSync(path.join(TOP, 'docs/clients.md'), 'utf8');
const [, section] = guide.match(/^## JavaScript\n([^]*?)(?=^## |(?![^]))/m);
const [, install] = section.match(/`(npm install [^`]*)`/);
const blocks = [...section.matchAll(/```js\n([^]*?)```/g)].map(([, code]) => code);

test('the first success is within five lines', () => {
  assert.ok(blocks[0].trim().split('\n').length <= 5);
});

test('the lines of the guide work', { timeout: 20000 }, async () => {
  const gateway = await GatewayProcess.start();
  const folder = mkdtempSync(path.join(tmpdir(), 'guide-'));
  execFileSync('sh', ['-c', `${install.replace('./', `${TOP}/`)} --no-audit --no-fund --offline`], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  const code = blocks.join('').replace('http://raspberrypi.local:8080', gateway.url).replace('TOKEN', gateway.token);
  const script = spawn(process.execPath, ['--input-type=module', '-e', code], { cwd: folder });
  let told = '';
  script.stdout.on('data', (part) => { told += part; });
  script.stderr.on('data', (part) => { told += part; });
  try {
    await waitUntil(async () => await gateway.value('red') === 1, 'red light');
    // The loop begins at some moment after the light is on.
    await waitUntil(async () => {
      await gateway.press(0);
      await gateway.press(1);
      return /^button 1 \d{4}-/m.test(told);
    }, 'edge in the loop over events');
  } finally {
    script.kill();
    await gateway.end();
    rmSync(folder, { recursive: true });
  }
});
