// One flow in the real Node-RED, as a process of its own.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { GatewayProcess, waitUntil } from '../javascript/gateway_process.mjs';

const TOP = fileURLToPath(new URL('../../..', import.meta.url));
const GUIDE = readFileSync(path.join(TOP, 'docs/clients.md'), 'utf8');
const [, INSTALL] = GUIDE.match(/^## Node-RED\n[^]*?^```sh\n(npm install .*)\n```/m);
const program = createRequire(import.meta.url).resolve('node-red/red.js');

class NodeRed {
  constructor(gateway) {
    this.folder = mkdtempSync(path.join(tmpdir(), 'node-red-'));
    writeFileSync(path.join(this.folder, 'package.json'), JSON.stringify({ name: 'flows', version: '0.0.1', private: true }));
    // As the guide says, from a checkout that stands elsewhere.
    execFileSync('sh', ['-c', `${INSTALL.replaceAll('CHECKOUT', TOP)} --no-audit --no-fund --offline`],
      { cwd: this.folder, stdio: ['ignore', 'ignore', 'inherit'] });
    // The port is the kernel's choice.
    writeFileSync(path.join(this.folder, 'settings.js'),
      "module.exports = { uiPort: 0, uiHost: '127.0.0.1', credentialSecret: false, flowFile: 'flows.json' };");
    // Green follows the button.
    writeFileSync(path.join(this.folder, 'flows.json'), JSON.stringify([
      { id: 't', type: 'tab', label: 't' },
      { id: 'gw', type: 'gpio-gateway', url: gateway.url },
      { id: 'in', z: 't', type: 'gpio-gateway line in', gateway: 'gw', line: 'button', wires: [['out', 'count']] },
      { id: 'out', z: 't', type: 'gpio-gateway line out', gateway: 'gw', line: 'green', wires: [] },
      { id: 'count', z: 't', type: 'debug', active: true, tosidebar: false, console: true, complete: 'true', wires: [] },
    ]));
    writeFileSync(path.join(this.folder, 'flows_cred.json'), JSON.stringify({ gw: { token: gateway.token } }));
  }

  async start() {
    this.log = '';
    this.process = spawn(process.execPath, [program, '--userDir', this.folder], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.process.stdout.on('data', (part) => { this.log += part; });
    this.process.stderr.on('data', (part) => { this.log += part; });
    await waitUntil(() => /Started flows/.test(this.log), 'started flows', 30000).catch((error) => {
      throw new Error(`${error.message}: ${this.log}`);
    });
  }

  async stop() {
    const ended = once(this.process, 'exit');
    this.process.kill('SIGTERM');
    await ended;
  }

  async kill() {
    const ended = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await ended;
  }

  /** Payloads of the edges that the debug node has printed. */
  edges() {
    return [...this.log.matchAll(/payload: (\d),\s+retained: false,\s+event: \{[^}]*?cause: 'edge'/g)].map(([, value]) => Number(value));
  }

  /** What the messages with `lost` say. */
  losses() {
    return [...this.log.matchAll(/\blost: (\w+)/g)].map(([, lost]) => lost);
  }
}

/** A flow that has told the button's state, at a gateway of its own. */
function running(name, run) {
  test(name, { timeout: 120000 }, async () => {
    const gateway = await GatewayProcess.start();
    const red = new NodeRed(gateway);
    try {
      await red.start();
      await waitUntil(() => /retained: true/.test(red.log), 'state at the start');
      await run(gateway, red);
    } finally {
      if (red.process.exitCode === null && red.process.signalCode === null) await red.stop();
      await gateway.end();
      rmSync(red.folder, { recursive: true, force: true });
    }
  });
}

/** Presses and releases the button; waits until the flow has told all that it is to tell. */
async function pressed(gateway, red, values, told) {
  for (const value of values) await gateway.press(value);
  await waitUntil(() => red.edges().length >= told.length, `${told.length} edges`, 20000)
    .catch((error) => { throw new Error(`${error.message}: ${red.log}`); });
  assert.deepEqual(red.edges(), told);
}

running('a flow loses no edge when Node-RED restarts, and then the gateway, and then both', async (gateway, red) => {
  await pressed(gateway, red, [1], [1]);
  await waitUntil(async () => await gateway.value('green') === 1, 'green light');

  await red.stop();
  for (const value of [0, 1, 0]) await gateway.press(value);
  await red.start();
  await pressed(gateway, red, [], [0, 1, 0]);

  await gateway.kill();
  await gateway.run();
  await pressed(gateway, red, [1, 0, 1], [0, 1, 0, 1, 0, 1]);
  await waitUntil(async () => await gateway.value('green') === 1, 'green light');

  await red.stop();
  await gateway.press(0);
  await gateway.kill();
  await gateway.run();
  await gateway.press(1);
  await red.start();
  await pressed(gateway, red, [0], [0, 1, 0]);
  assert.deepEqual(red.losses(), []);
});

running('a flow loses no edge that a gateway saw when both are killed', async (gateway, red) => {
  await pressed(gateway, red, [1], [1]);
  await gateway.kill('SIGKILL');
  await gateway.run();
  await pressed(gateway, red, [1, 0, 1], [1, 1, 0, 1]);
  // The end of the killed run may not be in its file: nobody knows what was there.
  assert.ok(red.losses().every((lost) => lost === 'null') && red.losses().length <= 1, red.log);

  await red.kill();
  await gateway.press(0);
  await red.start();
  // It reports again what it had not noted before it was killed, one after the other.
  const told = [1, 1, 0, 1, 0];
  const complete = () => red.edges().length && String(red.edges()) === String(told.slice(-red.edges().length));
  await waitUntil(complete, 'edges of the time between', 20000)
    .catch((error) => { throw new Error(`${error.message}: ${red.edges()}: ${red.log}`); });
});
