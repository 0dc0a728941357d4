// Runs the lines of docs/clients.md, section JavaScript, against a real gateway.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { GatewayProcess, waitUntil } from './gateway_process.mjs';

const guide = readFileSync(new URL('../../../docs/clients.md', import.meta.url), 'utf8');
const [, section] = guide.match(/^## JavaScript\n([^]*?)(?=^## |(?![^]))/m);
const blocks = [...section.matchAll(/```js\n([^]*?)```/g)].map(([, code]) => code);

test('the first success is within five lines', () => {
  assert.ok(blocks[0].trim().split('\n').length <= 5);
});

test('the lines of the guide work', { timeout: 20000 }, async () => {
  const gateway = await GatewayProcess.start();
  const code = blocks.join('').replace('http://raspberrypi.local:8080', gateway.url).replace('TOKEN', gateway.token);
  const script = spawn(process.execPath, ['--input-type=module', '-e', code], { cwd: import.meta.dirname });
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
  }
});
