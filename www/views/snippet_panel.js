// @ts-check
/** @import {Command, Place} from '../snippets.js' */
/** @import {CommandTable} from '../command_table.js' */
import { make } from '../dom.js';
import { t } from '../i18n/text.js';
import { request } from '../session.js';
import { snippet } from '../snippets.js';
import { choice, copy } from './sheet.js';
import { notify } from './header.js';

/** The page's own address, which ends with a slash. */
const base = () => new URL('.', document.baseURI).href;

/** Where the gateway is, for lines to paste. @returns {Promise<Place>} */
export async function placeOf() {
  const place = { base: base(), host: location.hostname, textPort: 7070, token: true };
  const [session, register] = await Promise.all([
    request('api/v1/session').catch(() => null),
    request('api/v1/sockets').catch(() => null),
  ]);
  place.token = session?.mode !== 'none';
  const listener = register?.sockets?.find(
    (/** @type {any} */ one) =>
      one.role === 'listener' && one.owner === 'line' && one.domain !== 'AF_UNIX',
  );
  const port = /:(\d+)$/.exec(listener?.local ?? '');
  if (port) place.textPort = Number(port[1]);
  return place;
}

/** The command in hand as a line for curl, nc or a WebSocket. */
export class SnippetPanel {
  /** @param {CommandTable} table */
  constructor(table) {
    this.table = table;
    /** @type {Command|null} */
    this.command = null;
    this.kind = 'curl';
    /** @type {Place} */
    this.place = { base: base(), host: location.hostname, textPort: 7070, token: true };
    this.text = make('pre.by-hand', { 'tabindex': 0, 'aria-label': t('hand.title') });
    const kinds = choice(
      t('hand.title'),
      [
        ['curl', 'curl'],
        ['nc', 'nc'],
        ['websocket', 'WebSocket'],
      ],
      'curl',
      (kind) => {
        this.kind = kind;
        this.#write();
      },
    );
    const button = make(
      'button.button',
      { type: 'button', onclick: () => copy(this.text.textContent, notify) },
      t('copy'),
    );
    this.element = make('section.hand', {}, kinds, this.text, button);
    placeOf().then((place) => {
      this.place = place;
      this.#write();
    });
  }

  /** @param {string} method @param {any} params */
  show(method, params) {
    this.command = { method, params };
    this.#write();
  }

  #write() {
    if (!this.command) return;
    const text = snippet(this.kind, this.command, this.place, this.table);
    // Where it is too long it breaks at blanks, and an address at its slashes.
    const parts = text.match(/.+?(\w\/|$)/g) ?? [];
    this.text.replaceChildren(...parts.flatMap((part) => [part, make('wbr')]));
  }
}
