// Stands between a client and a gateway: loses what the gateway says, cuts connections, and counts how
// often the history is asked for.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

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
      if (first.toString('latin1').startsWith('GET /api/v1/history?from=')) this.historyAsked++;
      this.#pass(socket, first);
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

  cut() {
    for (const socket of this.#sockets) socket.destroy();
  }

  async end() {
    this.cut();
    this.server.close();
    await once(this.server, 'close');
  }
}
