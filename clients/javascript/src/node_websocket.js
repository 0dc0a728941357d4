import { createHash, randomBytes } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';

const ACCEPT_SUFFIX = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'; // RFC 6455 §1.3
const MOST_MESSAGE_BYTES = 4 * 1024 * 1024; // a snapshot of 256 lines is below 256 KiB
const TEXT = 0x1, CONTINUATION = 0x0, CLOSE = 0x8, PING = 0x9, PONG = 0xa;

/** Splits a stream of bytes into the frames of a server, RFC 6455 §5.2. */
export class FrameReader {
  #bytes = Buffer.alloc(0);
  #parts = [];
  #partsBytes = 0;

  /**
   * @param {Buffer} chunk
   * @returns {{opcode: number, payload: Buffer}[]} whole messages and control frames
   * @throws {Error} when the bytes are no frames of a server
   */
  push(chunk) {
    this.#bytes = this.#bytes.length ? Buffer.concat([this.#bytes, chunk]) : chunk;
    const messages = [];
    for (let frame = this.#take(); frame; frame = this.#take()) {
      const message = this.#join(frame);
      if (message) messages.push(message);
    }
    return messages;
  }

  #take() {
    const bytes = this.#bytes;
    if (bytes.length < 2) return null;
    if (bytes[0] & 0x70) throw new Error('reserved bits are set');
    if (bytes[1] & 0x80) throw new Error('a server must not mask');
    let length = bytes[1] & 0x7f;
    let at = 2;
    if (length === 126) {
      if (bytes.length < 4) return null;
      length = bytes.readUInt16BE(2);
      at = 4;
    } else if (length === 127) {
      if (bytes.length < 10) return null;
      length = Number(bytes.readBigUInt64BE(2));
      at = 10;
    }
    if (length > MOST_MESSAGE_BYTES) throw new Error('a frame is too long');
    if (bytes.length < at + length) return null;
    this.#bytes = bytes.subarray(at + length);
    return { final: Boolean(bytes[0] & 0x80), opcode: bytes[0] & 0x0f, payload: bytes.subarray(at, at + length) };
  }

  #join({ final, opcode, payload }) {
    if (opcode >= CLOSE) {
      if (!final || payload.length > 125) throw new Error('a control frame is broken');
      return { opcode, payload };
    }
    if (opcode !== TEXT && opcode !== CONTINUATION) throw new Error('only text is expected');
    if ((opcode === CONTINUATION) !== this.#parts.length > 0) throw new Error('fragments are out of order');
    this.#partsBytes += payload.length;
    if (this.#partsBytes > MOST_MESSAGE_BYTES) throw new Error('a message is too long');
    // An empty first fragment counts as one, too.
    this.#parts.push(payload);
    if (!final) return null;
    const whole = this.#parts.length === 1 ? payload : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#partsBytes = 0;
    return { opcode: TEXT, payload: whole };
  }
}

/**
 * One frame of a client: final and masked.
 * @param {number} opcode @param {Buffer} payload
 */
export function encodeFrame(opcode, payload) {
  const { length } = payload;
  const size = length < 126 ? 2 : length < 65536 ? 4 : 10;
  const frame = Buffer.alloc(size + 4 + length);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (size === 2 ? length : size === 4 ? 126 : 127);
  if (size === 4) frame.writeUInt16BE(length, 2);
  if (size === 10) frame.writeBigUInt64BE(BigInt(length), 2);
  const mask = randomBytes(4);
  mask.copy(frame, size);
  for (let i = 0; i < length; i++) frame[size + 4 + i] = payload[i] ^ mask[i & 3];
  return frame;
}

/**
 * A WebSocket for Node: what the browser's has, and an Authorization header, AF_UNIX, and the HTTP
 * status of a refusal (`onrefused`). Node 20 has no stable one of its own.
 */
export class NodeWebSocket {
  onopen = () => {};
  onmessage = (_message) => {};
  onclose = (_error) => {};
  onrefused = (_status) => {};
  #socket = null;
  #request;
  #reader = new FrameReader();
  #ended = false;

  /**
   * @param {{url: URL, socketPath?: string}} address of http:, https:
   * @param {string} path with its query
   * @param {{protocol: string, headers: Record<string, string>}} options
   */
  constructor(address, path, { protocol, headers }) {
    const key = randomBytes(16).toString('base64');
    this.#request = request(address, path, {
      ...headers,
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': key,
      'Sec-WebSocket-Protocol': protocol,
    });
    this.#request.on('upgrade', (answer, socket, head) => {
      const accept = createHash('sha1').update(key + ACCEPT_SUFFIX).digest('base64');
      if (answer.headers['sec-websocket-accept'] !== accept || answer.headers['sec-websocket-protocol'] !== protocol) {
        socket.destroy();
        this.#refuse(answer.statusCode);
        return;
      }
      this.#open(socket, head);
    });
    this.#request.on('response', (answer) => {
      answer.resume();
      this.#request.destroy();
      this.#refuse(answer.statusCode);
    });
    this.#request.on('error', (error) => this.#end(error));
    this.#request.end();
  }

  /** @param {string} text */
  send(text) {
    this.#socket?.write(encodeFrame(TEXT, Buffer.from(text)));
  }

  close() {
    if (this.#socket) {
      this.#socket.end(encodeFrame(CLOSE, Buffer.from([0x03, 0xe8])));
      // Who does not answer is not waited for.
      const socket = this.#socket;
      setTimeout(() => socket.destroy(), 1000).unref();
    } else {
      this.#request.destroy();
    }
    this.#ended = true;
  }

  #open(socket, head) {
    if (this.#ended) {
      socket.destroy();
      return;
    }
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setTimeout(0);
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', (error) => this.#end(error));
    socket.on('close', () => this.#end());
    // Node leaves such a socket half open; the gateway's end is the end.
    socket.on('end', () => socket.destroy());
    this.onopen();
    if (head.length) this.#receive(head);
  }

  #receive(chunk) {
    let messages;
    try {
      messages = this.#reader.push(chunk);
    } catch (error) {
      this.#socket.destroy();
      this.#end(error);
      return;
    }
    for (const { opcode, payload } of messages) {
      if (this.#ended) return;
      if (opcode === TEXT) this.onmessage({ data: payload.toString('utf8') });
      else if (opcode === PING) this.#socket.write(encodeFrame(PONG, payload));
      else if (opcode === CLOSE) {
        this.#socket.end(encodeFrame(CLOSE, payload.subarray(0, 2)));
        this.#end();
      }
    }
  }

  #refuse(status) {
    if (this.#ended) return;
    this.#ended = true;
    this.onrefused(status);
  }

  #end(error) {
    if (this.#ended) return;
    this.#ended = true;
    this.onclose(error);
  }
}

/** @returns {import('node:http').ClientRequest} not sent yet */
export function request({ url, socketPath }, path, headers) {
  const module = url.protocol === 'https:' ? https : http;
  const place = socketPath ? { socketPath, host: 'gateway' } : { host: url.hostname.replace(/^\[|\]$/g, ''), port: url.port || undefined };
  return module.request({ ...place, path, headers, agent: false });
}
