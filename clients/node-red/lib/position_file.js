'use strict';
const fs = require('node:fs');
const path = require('node:path');

const WRITE_AFTER_MS = 200; // many edges, one write; what is not written yet is told again, not lost

/** The last event that a gateway's nodes were handed, kept over a restart of Node-RED. */
class PositionFile {
  #path;
  #timer = null;
  #read;

  /** @param {string} folder @param {string} id of the config node @param {() => object|null} read the position of this moment */
  constructor(folder, id, read) {
    this.#path = path.join(folder, 'gpio-gateway', `${id.replace(/[^\w.-]/g, '_')}.json`);
    this.#read = read;
  }

  /** @returns {object|null} null for the first start, and for a damaged file */
  load(url) {
    try {
      const kept = JSON.parse(fs.readFileSync(this.#path, 'utf8'));
      return kept.url === url && typeof kept.boot === 'string' && Number.isSafeInteger(kept.seq) ? kept : null;
    } catch {
      return null;
    }
  }

  noteChange() {
    this.#timer ??= setTimeout(() => this.save(), WRITE_AFTER_MS);
  }

  /** Writes at once, whole or not at all. */
  save() {
    clearTimeout(this.#timer);
    this.#timer = null;
    const position = this.#read();
    if (!position) return;
    fs.mkdirSync(path.dirname(this.#path), { recursive: true });
    fs.writeFileSync(`${this.#path}.new`, JSON.stringify(position));
    fs.renameSync(`${this.#path}.new`, this.#path);
  }
}

module.exports = { PositionFile };
