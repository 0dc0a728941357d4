// Stands between a client and a gateway: loses what the gateway says, cuts connections, and counts how
// often the history is asked for.
import { once } from 'node:events';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createServer as createTlsServer } from 'node:tls';

/** A key and a certificate of its own for 127.0.0.1, in a new folder. */
function makeCertificate() {
  const folder = mkdtempSync(path.join(tmpdir(), 'relay-'));
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => path.join(folder, name));
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1',
    '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert], { stdio: 'ignore' });
  return { folder, key, cert };
}

export class Relay {
  #sockets = new Set();
  muted = false;
  refuses = false;
  historyAsked = 0;

  static async start(gateway, { tls = false } = {}) {
    const relay = new Relay();
    relay.gateway = gateway;
    const accept = (socket) => relay.#accept(socket);
    if (tls) {
      const { folder, key, cert } = makeCertificate();
      relay.folder = folder;
      relay.certificate = cert;
      relay.server = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, accept);
    } else {
      relay.server = createServer(accept);
    }
    relay.server.listen(0, '127.0.0.1');
    await once(relay.server, 'listening');
    relay.url = `http${tls ? 's' : ''}://127.0.0.1:${relay.server.address().port}`;
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
    if (this.folder) rmSync(this.folder, { recursive: true });
  }
}
