// A real gateway with simulated pins, for the tests of the clients.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const TOP = fileURLToPath(new URL('../../../', import.meta.url));
const PROGRAM = path.resolve(process.env.GATEWAY_BIN ?? path.join(TOP, 'build/gpio-gateway'));
const WAIT_MS = 10000;

const CIRCUIT = {
  name: 'bench',
  lines: [
    { name: 'red', direction: 'output' },
    { name: 'green', direction: 'output' },
    { name: 'button', direction: 'input' },
  ],
  scenes: [{ name: 'both', set: { red: 1, green: 1 } }],
};

/** A port that was free a moment ago, so that a gateway can come back at the same address. */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** @param {() => any} condition @param {string} what */
export async function waitUntil(condition, what, ms = WAIT_MS) {
  const end = Date.now() + ms;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`within ${ms} ms there was no ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export class GatewayProcess {
  static async start() {
    const gateway = new GatewayProcess(await freePort());
    await gateway.run();
    return gateway;
  }

  constructor(port) {
    this.folder = mkdtempSync(path.join(tmpdir(), 'gateway-'));
    for (const name of ['s', 'r']) mkdirSync(path.join(this.folder, name), { mode: 0o700 });
    this.url = `http://127.0.0.1:${port}`;
    this.config = path.join(this.folder, 'gateway.json');
    writeFileSync(this.config, JSON.stringify({
      circuit: CIRCUIT,
      gpio: { backend: 'simulator' },
      history: { file: true },
      listen: { http: [`127.0.0.1:${port}`, 'unix:http.sock'], line: [], datagram: [] },
    }));
    const given = Object.entries(process.env)
      .filter(([key]) => !key.endsWith('_DIRECTORY') && !['NOTIFY_SOCKET', 'LISTEN_FDS', 'LISTEN_PID'].includes(key));
    this.environment = {
      ...Object.fromEntries(given),
      XDG_STATE_HOME: path.join(this.folder, 's'),
      XDG_RUNTIME_DIR: path.join(this.folder, 'r'),
      HOME: this.folder,
    };
  }

  async run() {
    this.process = spawn(PROGRAM, ['serve', '--config', this.config, '--www', path.join(TOP, 'www')],
      { env: this.environment, stdio: ['ignore', 'pipe', 'pipe'] });
    this.log = '';
    this.process.stderr.on('data', (part) => { this.log += part; });
    this.unix = null;
    for await (const line of createInterface(this.process.stdout)) {
      if (line.startsWith('listening http unix:')) this.unix = line.slice('listening http '.length);
      if (line === 'ready') return;
    }
    throw new Error(`the gateway did not say ready: ${this.log}`);
  }

  async kill(signal = 'SIGTERM') {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = once(this.process, 'exit');
    this.process.kill(signal);
    await ended;
  }

  async end() {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #token(role) {
    this.shown ??= execFileSync(PROGRAM, ['token', 'show'], { env: this.environment, encoding: 'utf8' });
    return this.shown.match(new RegExp(`^${role} (\\S+)$`, 'm'))[1];
  }

  get token() {
    return this.#token('operator');
  }

  get viewerToken() {
    return this.#token('viewer');
  }

  async request(method, where, body) {
    const answer = await fetch(this.url + where, {
      method,
      headers: { Authorization: `Bearer ${this.token}`, 'Content-Type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} ${where}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  value(line) {
    return this.request('GET', `/api/v1/lines/${line}/value`);
  }

  press(value) {
    return this.request('POST', '/api/v1/simulator/lines/button', { value });
  }
}
