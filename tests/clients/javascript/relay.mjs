// Stands between a client and a gateway: loses what the gateway says, cuts connections, and answers
// GET /api/v1/history?from= out of the gateway's history file.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import path from 'node:path';

export class Relay {
  #sockets = new Set();
  muted = false;
  refuses = false;
  historyAsked = 0;

  static async start(gateway) {
    const relay = new Relay();
    relay.gateway = gateway;
    relay.server = createServer((socket) => relay.#accept(socket)).listen(0, '127.0.0.1');
    await once(relay.server, 'listening');
    relay.url = `http://127.0.0.1:${relay.server.address().port}`;
    return relay;
  }

  #accept(socket) {
    this.#keep(socket);
    if (this.refuses) {
      socket.destroy();
      return;
    }
    socket.once('data', (first) => {
      if (first.toString('latin1').startsWith('GET /api/v1/history?from=')) this.#answerHistory(socket);
      else this.#pass(socket, first);
    });
  }

  #keep(socket) {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
  }

  #pass(socket, first) {
    const upstream = connect(new URL(this.gateway.url).port, '127.0.0.1');
    this.#keep(upstream);
    upstream.write(first);
    socket.on('data', (part) => upstream.write(part));
    upstream.on('data', (part) => this.muted || socket.write(part));
    socket.on('close', () => upstream.destroy());
    upstream.on('close', () => this.muted || socket.destroy());
  }

  // Earlier runs out of the file, this run out of the journal: the file is written a little later.
  async #answerHistory(socket) {
    this.historyAsked++;
    const file = path.join(this.gateway.folder, 's/gpio-gateway/history.jsonl');
    const journal = await this.gateway.request('GET', '/api/v1/history?limit=4096');
    const earlier = readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line))
      .filter((event) => event.seq && event.boot !== journal.boot);
    const events = [...earlier, ...journal.events];
    const body = JSON.stringify({ events, complete: true });
    socket.end(`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  cut() {
    for (const socket of this.#sockets) socket.destroy();
  }

  async end() {
    this.cut();
    this.server.close();
    await once(this.server, 'close');
  }
}
