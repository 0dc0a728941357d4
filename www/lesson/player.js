// @ts-check
/** @import {Run, Call, State, Actor, Packet} from './steps.js' */
import { make, write } from '../dom.js';
import { t, translated, number } from '../i18n/text.js';
import { explained } from './prototypes.js';

const SLOW_MS = 1400;

/**
 * The calls of a run, told one after another: the client's on the left, the server's on the right, with the
 * prototype of the present one and the kernel's state of each socket after it.
 */
export class Player {
  /** @param {(shown: number, all: number) => void} onShown told when more is seen */
  constructor(onShown) {
    this.onShown = onShown;
    /** @type {Run|null} */
    this.run = null;
    this.shown = 0;
    /** @type {number|undefined} */
    this.timer = undefined;
    const button = (/** @type {string} */ name, /** @type {() => void} */ press) =>
      make(`button.button.lesson-${name}`, { type: 'button', onclick: press }, t(`lesson.${name}`));
    this.next = button('next', () => this.#pressed(this.shown + 1));
    this.slow = button('slow', () => this.#toggleSlow());
    this.whole = button('all', () => this.#pressed(Infinity));
    this.count = make('span.hint.lesson-count', { role: 'status' });
    this.rows = make('ol.course.lesson-calls', { 'aria-label': t('lesson.calls') });
    this.note = make('p.hint.lesson-note');
    this.call = make('div.lesson-call-box');
    this.kernel = make('div.lesson-kernel');
    this.element = make(
      'div.lesson-play',
      { hidden: true },
      make('div.lesson-controls', {}, this.next, this.slow, this.whole, this.count),
      make(
        'div.lesson-stage',
        {},
        make(
          'div.course-box',
          {},
          make(
            'div.flow-ends',
            {},
            make('span', {}, t('flows.client')),
            make('span.end-gateway', {}, t('flows.server')),
          ),
          this.rows,
          this.note,
        ),
        make('div.lesson-aside', {}, this.call, this.kernel),
      ),
    );
  }

  /** @param {Run|null} run @param {number} [shown] calls that are seen at once */
  show(run, shown = 1) {
    this.stop();
    this.run = run;
    this.shown = 0;
    this.rows.replaceChildren();
    this.element.hidden = !run;
    this.packets = packetsOf(run);
    const { available = true, reason, reason_key: key } = run?.packets ?? {};
    const unseen = available ? '' : translated(key, reason);
    write(this.note, unseen && t('sockets.packets.none', { reason: unseen }));
    if (run) this.reveal(shown);
  }

  stop() {
    clearInterval(this.timer);
    this.timer = undefined;
    write(this.slow, t('lesson.slow'));
  }

  /** @param {number} wanted how many calls are to be seen; never fewer than before */
  reveal(wanted) {
    const { run } = this;
    if (!run) return;
    const shown = Math.min(run.calls.length, Math.max(wanted, this.shown));
    for (; this.shown < shown; this.shown++) {
      this.rows.append(this.#row(run.calls[this.shown]));
      this.rows.append(...(this.packets[this.shown] ?? []).map(packetRow));
    }
    const present = run.calls[this.shown - 1];
    const whole = this.shown === run.calls.length;
    const calls = this.rows.querySelectorAll('.step');
    for (const row of calls) row.removeAttribute('aria-current');
    calls[calls.length - 1]?.setAttribute('aria-current', 'step');
    if (present) this.#explain(present);
    write(this.count, t('lesson.count', { n: number(this.shown), all: number(run.calls.length) }));
    for (const button of [this.next, this.slow, this.whole]) button.disabled = whole;
    if (whole) this.stop();
    this.onShown(this.shown, run.calls.length);
  }

  /** @param {number} wanted */
  #pressed(wanted) {
    this.stop();
    this.reveal(wanted);
    const row = /** @type {HTMLElement|null} */ (this.rows.lastElementChild);
    row?.scrollIntoView({ block: 'nearest' });
  }

  #toggleSlow() {
    if (this.timer !== undefined) {
      this.stop();
      return;
    }
    write(this.slow, t('lesson.pause'));
    this.timer = setInterval(() => {
      // The view may be gone from the page.
      if (!this.element.isConnected) this.stop();
      else this.reveal(this.shown + 1);
    }, SLOW_MS);
    this.reveal(this.shown + 1);
  }

  /** @param {number} index @returns {string} "client 2" */
  #nameOf(index) {
    const actor = /** @type {Run} */ (this.run).sockets[index];
    if (!actor) return '';
    const name = t(`lesson.actor.${actor.name}`);
    return actor.number ? `${name} ${actor.number}` : name;
  }

  /** @param {Call} call */
  #row(call) {
    const actor = /** @type {Actor} */ (/** @type {Run} */ (this.run).sockets[call.socket]);
    // Not yet is no failure: EINPROGRESS is how a socket that never waits begins to connect.
    const failed = call.errno && call.errno !== 'EINPROGRESS';
    // Where the segments themselves are seen, an arrow for the call would tell them twice.
    const seen = /** @type {Run} */ (this.run).packets?.list.length;
    const arrow = seen && call.name !== 'sendto' ? '' : arrowOf(call, actor);
    const words = make(
      'div.step-call',
      {},
      make('b', {}, `${call.name}()`),
      make('span.lesson-actor', {}, ` ${this.#nameOf(call.socket)}`),
      make('code', {}, call.text),
      call.data ? make('code.lesson-data', {}, `“${call.data}”`) : null,
      call.why ? make('p.hint', {}, translated(call.why.key, call.why.en)) : null,
    );
    return make(
      `li.step.step-${actor.side}${failed ? '.step-failed' : ''}`,
      {},
      words,
      arrow
        ? make(
            `div.step-way.flow-${arrow}`,
            {},
            make('span.flow-arrow', {
              'role': 'img',
              'aria-label': t(arrow === 'in' ? 'flows.to.server' : 'flows.to.client'),
            }),
          )
        : null,
    );
  }

  /** @param {Call} call */
  #explain(call) {
    const card = explained(call);
    this.call.hidden = !card;
    if (card) {
      this.call.replaceChildren(
        make('h4', {}, t('lesson.call')),
        make('code.lesson-prototype', {}, card.prototype),
        make('p.hint', {}, t(`call.${call.name}`)),
        make(
          'dl.lesson-values',
          {},
          ...card.values.flatMap(([argument, value]) => [
            make('dt', {}, make('code', {}, argument.split('.')[0])),
            make('dd', {}, make('code', {}, value), make('span.hint', {}, t(`arg.${argument}`))),
          ]),
          make('dt', {}, t('lesson.returns')),
          make('dd', {}, make('code', {}, card.returned || '0')),
        ),
      );
    }
    this.#tellKernel(call.after ?? []);
  }

  /** @param {State[]} states */
  #tellKernel(states) {
    this.kernel.hidden = states.length === 0;
    const rows = states.map((state, n) =>
      make(
        'tr',
        {},
        make('th', { scope: 'row' }, this.#nameOf(n)),
        make('td', {}, state ? make('code', {}, state.state) : t('lesson.none')),
        make('td', {}, state ? detail(state) : ''),
      ),
    );
    this.kernel.replaceChildren(
      make('h4', {}, t('lesson.kernel')),
      make('table.lesson-states', {}, make('tbody', {}, ...rows)),
    );
  }
}

/** The segments that each call brought about. @param {Run|null} run @returns {Packet[][]} one list for each call */
function packetsOf(run) {
  const list = run?.packets?.list ?? [];
  return (run?.calls ?? []).map((_, n) => list.filter(({ call }) => call === n));
}

/** @param {Packet} packet */
function packetRow({ to, flags, length, client_port: port }) {
  const words = flags.join(' ') + (length ? ` · ${t('sockets.len', { n: number(length) })}` : '');
  return make(
    `li.lesson-packet.flow-${to === 'server' ? 'in' : 'out'}`,
    {},
    make('code', {}, words),
    make('span.flow-arrow', {
      'role': 'img',
      'aria-label': t(to === 'server' ? 'flows.to.server' : 'flows.to.client'),
    }),
    make('small', {}, `:${port}`),
  );
}

/** @param {NonNullable<State>} state */
function detail({ queue, queue_limit: limit = 0, in: unread }) {
  if (queue !== undefined && limit > 0)
    return t('lesson.queue', { now: number(queue), limit: number(limit) });
  return unread ? t('lesson.unread', { n: number(unread) }) : '';
}

/** What goes from one side to the other by this call. @param {Call} call @param {Actor} actor */
function arrowOf({ name, result, errno }, { side }) {
  const sends = /^(connect|send|sendto|shutdown)$/.test(name);
  if (!sends || (result < 0 && errno !== 'EINPROGRESS')) return '';
  return side === 'client' ? 'in' : 'out';
}
