// @ts-check
/** @import {Store} from './store.js' */
/** @import {Link} from './link.js' */
/** @import {LeaseKeepalive} from './lease_keepalive.js' */
import { t, titleOf, knows, span } from './i18n/text.js';

/** Who is behind a source, "websocket:192.168.1.7:51514" or "rule:night": without the port, which names nobody. @param {string} source */
export const whoIs = (source) =>
  source.replace(/^(?:http|websocket|line|datagram):(.+):\d+$/, '$1');

/**
 * Everything a user can ask of the gateway, in one place: sends it, shows it
 * before the answer where that is honest, and says in words why it failed.
 */
export class Commands {
  /** @param {Store} store @param {Link} link @param {(text: string, alarm?: boolean, action?: {label: string, run: () => void}) => void} notify */
  constructor(store, link, notify) {
    this.store = store;
    this.link = link;
    this.notify = notify;
    /** Comes after the first picture. @type {LeaseKeepalive|null} */
    this.leases = null;
    /** Inputs whose release could not be told. @type {Set<string>} */
    this.releases = new Set();
  }

  /** @param {string} name @param {number} value */
  set(name, value) {
    return this.#setPending(name, value, 'line.set');
  }

  /** @param {string} name */
  toggle(name) {
    const line = this.store.line(name);
    // The opposite of what the user sees: two fingers at once agree.
    if (line) return this.set(name, this.store.value(line) ? 0 : 1);
    return Promise.resolve();
  }

  /** Drives a simulated input. @param {string} name @param {number} value */
  drive(name, value) {
    if (!this.store.live && value === 0) this.releases.add(name);
    return this.#setPending(name, value, 'simulator.set');
  }

  /** Lets go of what was held when the line broke. */
  releaseHeld() {
    for (const name of this.releases) this.drive(name, 0);
    this.releases.clear();
  }

  /** @param {string} name @param {number} ms */
  pulse(name, ms) {
    return this.ask('line.pulse', { line: name, ms });
  }

  /** Looks again at what may have changed without an event. @param {string} name */
  async look(name) {
    const line = await this.link.call('line.get', { line: name }).catch(() => null);
    if (line) this.store.takeLine(line);
  }

  async off() {
    if (await this.ask('circuit.off', {})) this.notify(t('off.done'));
  }

  /**
   * @param {string} method @param {object} params
   * @returns {Promise<any>} the answer, or null after the user was told why not
   */
  async ask(method, params) {
    try {
      return (await this.#call(method, params)) ?? {};
    } catch (error) {
      this.#report(error, /** @type {any} */ (params).line);
      return null;
    }
  }

  /** @param {string} method @param {any} params */
  async #call(method, params) {
    const answer = await this.link.call(method, params);
    if (method === 'line.set' || method === 'line.toggle')
      this.leases?.hold(params.line, params.value ?? 1 - answer.was, answer);
    return answer;
  }

  /** @param {string} name @param {number} value @param {string} method */
  async #setPending(name, value, method) {
    try {
      await this.store.setPending(name, value, () => this.#call(method, { line: name, value }));
    } catch (error) {
      this.#report(error, name);
    }
  }

  /** @param {any} error @param {string} [name] the line that the command was for */
  #report(error, name) {
    const unlock = error.code === 'locked' && name && this.store.mayAct;
    const action = unlock
      ? { label: t('unlock'), run: () => void this.ask('line.unlock', { line: name }) }
      : undefined;
    this.notify(this.explain(error, name), true, action);
  }

  /** A control that may not be used now says why. @param {string} name */
  refuse(name) {
    const line = this.store.line(name);
    if (!this.store.live) this.notify(t('error.offline'), true);
    else if (line?.available === false)
      this.notify(
        t('error.gpio', { message: line.unavailable_reason ?? t('state.gone.plain') }),
        true,
      );
    else this.notify(t('error.forbidden'), true);
  }

  /**
   * Why a command failed and what helps, in the reader's language.
   * @param {any} error @param {string} [name] the line that the command was for
   */
  explain(error, name) {
    const code = String(error.code ?? '');
    if (code === 'locked') {
      const { reason, source } = this.store.line(name ?? '')?.lock ?? {};
      if (!reason) return t('error.locked.plain');
      return source
        ? t('error.locked.by', { reason, who: whoIs(source) })
        : t('error.locked', { reason });
    }
    if (code === 'interlock') {
      const other = this.store.line(error.data?.blocked_by ?? '');
      if (other) return t('error.interlock', { line: titleOf(other.title, other.name) });
      return t('error.interlock.plain');
    }
    // What is limited otherwise, connections for instance, does not know for how long.
    const seconds = error.data?.retry_after;
    if (code === 'limit' && seconds) return t('error.rest', { span: span(seconds * 1000) });
    const message = error.data?.detail ?? error.data?.errno ?? error.message ?? code;
    return t(knows(`error.${code}`) ? `error.${code}` : 'error.unknown', { message });
  }
}
