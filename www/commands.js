// @ts-check
/** @import {Store} from './store.js' */
/** @import {Link} from './link.js' */
import { t, titleOf, knows, span } from './i18n/text.js';
import { Renewal } from './renewal.js';

/**
 * Everything a user can ask of the gateway, in one place: sends it, shows it
 * before the answer where that is honest, and says in words why it failed.
 */
export class Commands {
  /** @param {Store} store @param {Link} link @param {(text: string, alarm?: boolean) => void} tell */
  constructor(store, link, tell) {
    this.store = store;
    this.link = link;
    this.tell = tell;
    this.renewal = new Renewal(store, link);
    /** Inputs whose release could not be told. @type {Set<string>} */
    this.owed = new Set();
  }

  /** @param {string} name @param {number} value */
  set(name, value) {
    return this.#wish(name, value, 'line.set');
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
    if (!this.store.live && value === 0) this.owed.add(name);
    return this.#wish(name, value, 'simulator.set');
  }

  /** Lets go of what was held when the line broke. */
  settle() {
    for (const name of this.owed) this.drive(name, 0);
    this.owed.clear();
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
    if (await this.ask('circuit.off', {})) this.tell(t('off.done'));
  }

  /**
   * @param {string} method @param {object} params
   * @returns {Promise<any>} the answer, or null after the user was told why not
   */
  async ask(method, params) {
    try {
      return (await this.#call(method, params)) ?? {};
    } catch (error) {
      this.tell(this.explain(error), true);
      return null;
    }
  }

  /** @param {string} method @param {any} params */
  async #call(method, params) {
    const answer = await this.link.call(method, params);
    if (method === 'line.set' || method === 'line.toggle')
      this.renewal.hold(params.line, params.value ?? 1 - answer.was, answer);
    return answer;
  }

  /** @param {string} name @param {number} value @param {string} method */
  async #wish(name, value, method) {
    try {
      await this.store.wish(name, value, () => this.#call(method, { line: name, value }));
    } catch (error) {
      this.tell(this.explain(error), true);
    }
  }

  /** A control that may not be used now says why. @param {string} name */
  refuse(name) {
    const line = this.store.line(name);
    if (!this.store.live) this.tell(t('error.offline'), true);
    else if (line?.available === false)
      this.tell(
        t('error.gpio', { message: line.unavailable_reason ?? t('state.gone.plain') }),
        true,
      );
    else this.tell(t('error.forbidden'), true);
  }

  /** @param {any} error */
  explain(error) {
    const code = String(error.code ?? '');
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
