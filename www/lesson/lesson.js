// @ts-check
/** @import {Whole} from '../views/sockets.js' */
/** @import {Run} from './steps.js' */
/** @import {Shown} from './classroom.js' */
import { make, write, mark } from '../dom.js';
import { t, number } from '../i18n/text.js';
import { choices, choose } from '../settings.js';
import { copy } from '../views/sheet.js';
import { placeOf } from '../views/snippet_panel.js';
import { byHand } from './by_hand.js';
import { ClassBar } from './class_bar.js';
import { Classroom } from './classroom.js';
import { Player } from './player.js';
import { runCircuit, runDomains } from './page_runs.js';
import { STEPS, ANSWERS } from './steps.js';

const CHAPTERS = [1, 2, 3, 4, 5];

/** The address of a step, so that Back leads to the one before. @param {string} id */
export const addressOf = (id) => `#sockets/lesson/${id}`;

/** How many steps this browser has done. */
export const doneCount = () => STEPS.filter(({ id }) => choices.lesson[id]).length;

/** The lecture as steps: predict, run, look at each call, learn what happened. */
export class Lesson {
  /** @param {Whole} whole */
  constructor(whole) {
    this.whole = whole;
    this.index = 0;
    /** What was chosen, run and seen of each step, for as long as the page is open.
     * @type {Map<string, {answer: number, run: Run|null, shown: number}>} */
    this.memory = new Map();
    this.element = make('div.lesson-view');
    /** Whether the teacher's step is ours, too: always for viewers, others choose. */
    this.following = false;
    /** The run that we have of the teacher's. */
    this.runNumber = 0;
    this.room = new Classroom(whole, (shown) => this.#told(shown));
    this.rerender();
  }

  get step() {
    return STEPS[this.index];
  }

  get memo() {
    const { id } = this.step;
    const memo = this.memory.get(id) ?? { answer: 0, run: null, shown: 0 };
    this.memory.set(id, memo);
    return memo;
  }

  /** @param {string|undefined} id a step; without one, the first that is not done */
  open(id) {
    const wanted = STEPS.findIndex((step) => step.id === id);
    const first = STEPS.findIndex((step) => !choices.lesson[step.id]);
    this.index = wanted >= 0 ? wanted : Math.max(0, first);
    this.rerender();
    this.room.enter();
    this.room.show(this.step.id, this.memo.shown);
  }

  hide() {
    this.player.stop();
    this.project(false);
    this.room.leave();
  }

  /* ---- the class ---- */

  get viewer() {
    return this.whole.store.circuit?.role === 'viewer';
  }

  /** @param {Shown} shown */
  #told(shown) {
    // Somebody else teaches now.
    if (this.room.teaching && shown.present && !shown.you) {
      this.room.teaching = false;
      this.whole.notify(t('class.other'));
    }
    if (this.viewer && shown.present) this.following = true;
    this.#showClass();
    if (this.following && shown.present && !shown.you) this.#follow(shown);
  }

  /** Shows what the teacher shows. @param {Shown} shown */
  async #follow({ step, shown, run }) {
    if (!STEPS.some(({ id }) => id === step)) return;
    if (step !== this.step.id) {
      // In place, so that Back leads out of the lesson.
      history.replaceState(history.state, '', addressOf(/** @type {string} */ (step)));
      this.open(step ?? undefined);
    }
    const { memo } = this;
    if (run && run !== this.runNumber) {
      this.runNumber = run;
      const taught = await this.room.run().catch(() => null);
      if (!taught || step !== this.step.id) return;
      memo.run = taught;
      this.player.show(taught, this.room.shown?.shown || 1);
    } else if (step === 'domains' && shown && !memo.run) {
      // Everybody may ask the kernel this.
      memo.run = await runDomains().catch(() => null);
      if (memo.run && step === this.step.id) this.player.show(memo.run, shown);
    } else if (memo.run) this.player.reveal(shown);
  }

  /** @param {boolean} on */
  #teach(on) {
    this.following = false;
    this.room.teach(on);
    this.room.show(this.step.id, 0);
    // A run from before is nobody's but ours.
    if (on && this.memo.run) {
      this.memo.run = null;
      this.memo.shown = 0;
      this.rerender();
    }
    this.#showClass();
  }

  #showClass() {
    this.classBar.draw(this.following, this.viewer);
  }

  #makeClassBar() {
    this.classBar = new ClassBar(this.whole, this.room, {
      teach: () => this.#teach(!this.room.teaching),
      follow: () => {
        this.following = !this.following;
        this.#showClass();
        if (this.following && this.room.shown) this.#told(this.room.shown);
      },
    });
    this.#showClass();
    return this.classBar.element;
  }

  /* ---- the step ---- */

  rerender() {
    this.player?.stop();
    const { id } = this.step;
    const { memo } = this;
    this.forbidden = make('p.hint', { hidden: true }, t('lesson.operator'));
    this.problem = make('p.error', { role: 'alert' });
    this.start = make(
      'button.button.button-strong.lesson-run',
      { type: 'button', onclick: () => this.#run() },
      t(memo.run ? 'lesson.again' : 'lesson.run'),
    );
    this.start.disabled = !memo.answer;
    this.hint = make('p.hint', { hidden: memo.answer > 0 }, t('lesson.predict'));
    this.outcome = make('div.lesson-outcome', { role: 'status', hidden: true });
    this.player = new Player((shown, all) => this.#seen(shown, all));
    this.hand = make('div.lesson-hands');
    const title = make('h3', { tabindex: -1 }, t(`lesson.${id}.title`));
    this.element.replaceChildren(
      this.#steps(),
      (this.section = make(
        'section.lesson-step',
        { 'data-step': id, 'data-phase': 'ask' },
        this.#head(),
        this.#makeClassBar(),
        title,
        make('p.lesson-text', {}, t(`lesson.${id}.text`)),
        this.#question(),
        make('div.lesson-start', {}, this.start, this.hint),
        this.forbidden,
        this.problem,
        this.player.element,
        this.outcome,
        make(
          'details.lesson-hand',
          { ontoggle: (/** @type {any} */ event) => event.target.open && this.#fillHand() },
          make('summary', {}, t('lesson.hand')),
          this.hand,
        ),
        this.#walk(),
      )),
    );
    if (memo.run) this.player.show(memo.run, memo.shown || 1);
    this.permit();
  }

  /** Only an operator may run. */
  permit() {
    this.start.hidden = this.viewer;
    this.forbidden.hidden = !this.viewer;
  }

  #steps() {
    const chapters = CHAPTERS.map((chapter) =>
      make(
        'li',
        {},
        make('span.lesson-chapter', {}, `${chapter} ${t(`lesson.chapter.${chapter}`)}`),
        make(
          'ol',
          { role: 'list' },
          ...STEPS.filter((step) => step.chapter === chapter).map((step) => this.#link(step.id)),
        ),
      ),
    );
    const done = t('lesson.progress', { done: number(doneCount()), all: number(STEPS.length) });
    return make(
      'nav.lesson-steps',
      { 'aria-label': t('lesson.steps') },
      // On a phone the list would stand before every step.
      make(
        'details',
        { open: matchMedia('(min-width: 900px)').matches },
        make('summary.lesson-progress', {}, done),
        make('ol', { role: 'list' }, ...chapters),
      ),
    );
  }

  /** @param {string} id */
  #link(id) {
    const done = Boolean(choices.lesson[id]);
    const link = make(
      'a',
      {
        'href': addressOf(id),
        'data-done': String(done),
        'aria-current': id === this.step.id ? 'step' : null,
      },
      make('span.lesson-tick', { 'aria-hidden': 'true' }, done ? '✓' : ''),
      t(`lesson.${id}.title`),
      done ? make('span.unseen', {}, ` (${t('lesson.done')})`) : null,
    );
    return make('li', {}, link);
  }

  #head() {
    const projecting = 'projector' in document.documentElement.dataset;
    this.projector = make(
      'button.button.lesson-project',
      {
        'type': 'button',
        'aria-pressed': String(projecting),
        'onclick': () => this.project(!('projector' in document.documentElement.dataset)),
      },
      t(projecting ? 'lesson.project.end' : 'lesson.project'),
    );
    return make(
      'div.lesson-head',
      {},
      make(
        'span.hint',
        {},
        t('lesson.place', { n: number(this.index + 1), all: number(STEPS.length) }),
      ),
      this.projector,
    );
  }

  /** Large, calm, nothing but the step. @param {boolean} on */
  project(on) {
    const { dataset } = document.documentElement;
    if (on) dataset.projector = '';
    else delete dataset.projector;
    mark(this.projector, 'aria-pressed', String(on));
    write(this.projector, t(on ? 'lesson.project.end' : 'lesson.project'));
  }

  #question() {
    const { id } = this.step;
    const { memo } = this;
    const boxes = ANSWERS.map((n) => {
      const input = make('input', {
        type: 'radio',
        name: `answer-${id}`,
        value: n,
        checked: memo.answer === n,
        disabled: memo.run !== null,
      });
      input.addEventListener('change', () => this.#answer(n));
      return make('label.lesson-answer', {}, input, make('span', {}, t(`lesson.${id}.${n}`)));
    });
    this.answers = make(
      'fieldset.lesson-question',
      {},
      make('legend', {}, t(`lesson.${id}.ask`)),
      ...boxes,
    );
    return this.answers;
  }

  /** @param {number} n */
  #answer(n) {
    this.memo.answer = n;
    this.start.disabled = false;
    this.hint.hidden = true;
  }

  async #run() {
    const { step, memo } = this;
    this.start.disabled = true;
    write(this.problem, '');
    try {
      memo.run = await this.#ask(step.id);
    } catch (error) {
      if (step !== this.step) return;
      write(this.problem, this.#why(error));
      this.start.disabled = false;
      return;
    }
    memo.shown = 1;
    if (step !== this.step) return;
    this.start.disabled = false;
    write(this.start, t('lesson.again'));
    this.outcome.hidden = true;
    // What was predicted before stays what it was.
    for (const input of this.answers.querySelectorAll('input')) input.disabled = true;
    this.player.show(memo.run);
    this.player.next.focus();
  }

  /** @param {string} id @returns {Promise<Run>} */
  #ask(id) {
    if (id === 'domains') return runDomains();
    if (id === 'circuit') return runCircuit(this.whole);
    return this.room.demonstrate(id);
  }

  /** @param {any} error */
  #why(error) {
    if (error.code === 'no-output') return t('lesson.circuit.none');
    return error.status === 404 || error.status === 405
      ? t('missing')
      : this.whole.commands.explain(error);
  }

  /** @param {number} shown @param {number} all */
  #seen(shown, all) {
    const { step, memo } = this;
    memo.shown = shown;
    if (this.room.teaching && shown !== this.told) this.room.show(step.id, shown);
    this.told = shown;
    this.section.dataset.phase = shown < all ? 'calls' : 'told';
    if (shown < all || !memo.run) return;
    const right = memo.answer === step.right;
    // Who looked on without predicting was neither right nor wrong.
    const predicted = memo.answer > 0;
    const values = step.outcome(memo.run);
    this.outcome.hidden = false;
    this.outcome.replaceChildren(
      make('h4', {}, t('lesson.happened')),
      ...(predicted
        ? [
            make(
              `p.lesson-verdict${right ? '.is-right' : ''}`,
              {},
              right
                ? `✓ ${t('lesson.right')}`
                : `≠ ${t('lesson.wrong', { answer: t(`lesson.${step.id}.${memo.answer}`) })}`,
            ),
          ]
        : []),
      make('p', {}, t(`lesson.${step.id}.after`, values)),
    );
    if (choices.lesson[step.id]) return;
    choose({ lesson: { ...choices.lesson, [step.id]: true } });
    this.element.querySelector('.lesson-steps')?.replaceWith(this.#steps());
  }

  async #fillHand() {
    const { step } = this;
    if (this.hand.childElementCount) return;
    const place = await placeOf();
    const line = this.whole.store.circuit?.lines.find(({ direction }) => direction === 'output');
    if (step !== this.step) return;
    this.hand.replaceChildren(
      ...byHand(step.id, place, line?.name ?? 'red').map(([name, text]) =>
        make(
          'figure.lesson-way',
          {},
          make('figcaption', {}, name),
          make('code.by-hand', { tabindex: 0 }, text),
          make(
            'button.button',
            { type: 'button', onclick: () => copy(text, this.whole.notify) },
            t('copy'),
          ),
        ),
      ),
    );
  }

  #walk() {
    const to = (
      /** @type {number} */ index,
      /** @type {string} */ words,
      /** @type {string} */ kind,
    ) =>
      STEPS[index]
        ? make(`a.button.${kind}`, { href: addressOf(STEPS[index].id) }, words)
        : make('span');
    return make(
      'div.lesson-walk',
      {},
      to(this.index - 1, `← ${t('lesson.previous')}`, 'lesson-previous'),
      to(this.index + 1, `${t('lesson.forward')} →`, 'lesson-forward'),
    );
  }
}
