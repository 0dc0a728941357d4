// @ts-check
/** @import {Store} from '../store.js' */
import { find, make, write } from '../dom.js';
import { t, titleOf, span } from '../i18n/text.js';

const TOAST_MS = 6000;
const ACTION_TOAST_MS = 20000;
const TOASTS_MOST = 2;

/** The bar above and what it tells: the circuit's name, whether it is real, whether it is live. */
export class HeaderView {
  /** @param {Store} store */
  constructor(store) {
    this.store = store;
    this.phase = '';
    this.parts = {
      title: find(document, '#title'),
      simulated: find(document, '#simulated'),
      link: find(document, '#link-text'),
      retry: find(document, '#retry'),
      off: find(document, '#off'),
      share: find(document, '#share'),
      edit: find(document, '#tab-edit'),
      waiting: find(document, '#waiting'),
      alarm: find(document, '#alarm'),
      said: find(document, '#said'),
    };
    setInterval(() => {
      if (!document.hidden && !store.live) this.#showLink();
    }, 1000);
  }

  update() {
    const { circuit, link } = this.store;
    document.body.dataset.link = link.phase;
    document.body.toggleAttribute('data-stale', !this.store.live && circuit !== null);
    this.parts.retry.hidden = link.phase !== 'waiting';
    this.parts.off.setAttribute('aria-disabled', String(!this.store.mayAct));
    this.#showLink();
    this.#announcePhase(link.phase);
    if (!circuit) return;
    const title = titleOf(circuit.title, circuit.name ?? 'GPIO');
    write(this.parts.title, title);
    this.parts.title.title = title;
    document.title = title;
    this.parts.simulated.hidden = !circuit.simulated;
    this.parts.simulated.title = t('simulated.why');
    this.parts.share.hidden = circuit.role === 'viewer';
    this.parts.off.hidden = circuit.role === 'viewer';
    this.parts.edit.hidden = circuit.role !== 'admin';
  }

  #showLink() {
    const { link } = this.store;
    const lost = link.lostAt === null ? 0 : Date.now() - link.lostAt;
    let text = t('link.live');
    if (link.phase === 'locked') text = t('link.locked');
    else if (link.phase !== 'live')
      text =
        link.lostAt === null
          ? t('link.connecting')
          : t('link.lost', { span: span(Math.floor(lost / 1000) * 1000 || 1000) });
    write(this.parts.link, text);
    if (link.blocked) this.#explainBlocked();
    else if (!this.store.circuit && lost > 3000) write(this.parts.waiting, t('waiting.long'));
  }

  #explainBlocked() {
    if (!this.store.circuit) write(this.parts.waiting, t('link.blocked'));
    else this.parts.link.title = t('link.blocked');
  }

  // Said once at each turn, not each second.
  /** @param {string} phase */
  #announcePhase(phase) {
    if (phase === 'connecting' || phase === this.phase) return;
    if (phase === 'live' && this.phase) write(this.parts.said, t('link.said.live'));
    if (phase === 'waiting' && this.store.circuit) write(this.parts.alarm, t('link.said.waiting'));
    this.phase = phase;
  }
}

/**
 * A message at the bottom; an alarm is also spoken. With an action it stays longer.
 * @param {string} text @param {boolean} [alarm]
 * @param {{label: string, run: () => void}} [action] what helps
 */
export function notify(text, alarm = false, action = undefined) {
  const box = find(document, '#toasts');
  // A modal sheet covers everything outside it, for eyes and for screen readers.
  const host = document.querySelector('dialog[open]') ?? document.body;
  if (box.parentElement !== host) host.append(box);
  const button = action && make('button.button', { type: 'button' }, action.label);
  const toast = make(
    alarm ? 'div.toast.toast-alarm' : 'div.toast',
    { role: alarm ? 'alert' : 'status' },
    make('span', {}, text),
    button,
  );
  button?.addEventListener('click', () => action?.run());
  toast.addEventListener('click', () => toast.remove());
  for (const old of [...box.children]) if (old.textContent === toast.textContent) old.remove();
  while (box.children.length >= TOASTS_MOST) box.lastElementChild?.remove();
  box.prepend(toast);
  setTimeout(() => toast.remove(), action ? ACTION_TOAST_MS : TOAST_MS);
}
