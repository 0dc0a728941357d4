// @ts-check
/** @import {Store} from '../store.js' */
/** @import {Link} from '../link.js' */
/** @import {Commands} from '../commands.js' */
/** @import {Line, LineEvent} from '../state.js' */
import { make, write } from '../dom.js';
import { t, titleOf, number, span, ago } from '../i18n/text.js';
import { bcmOf, boardPinOf } from '../pins.js';
import { loadCommandTable } from '../command_table.js';
import { pastRow } from './past_row.js';
import { openSheet } from './sheet.js';
import { SnippetPanel } from './snippet_panel.js';
import { LineActions } from './line_actions.js';
import { whoIs } from '../commands.js';
import { wordOf, ageOf, counted } from './rung.js';

const EVENTS_SHOWN = 8;

/**
 * Everything about one line: what it is, what can be asked of it, what happened to it,
 * and each command as a line to paste into a shell.
 * @param {string} name @param {Store} store @param {Commands} commands @param {Link} link
 */
export async function openLine(name, store, commands, link) {
  const table = await loadCommandTable(link, store.circuit?.boot);
  const line = store.line(name);
  if (!line) return;
  const state = make('p.line-state');
  const facts = make('dl.facts');
  const past = make('ol.past', { 'aria-label': t('past.title') });
  const panel = new SnippetPanel(table);
  const viewer = store.circuit?.role === 'viewer';
  if (viewer) panel.show('line.get', { line: name });
  const actions = viewer
    ? [make('p.hint', {}, t('act.viewer'))]
    : new LineActions(line, store, commands, table, panel).rows();
  const sheet = openSheet(
    titleOf(line.title, name),
    state,
    ...actions,
    make('section', {}, make('h3', {}, t('past.title')), past),
    panel.element,
    facts,
  );
  const update = () => {
    const now = store.line(name);
    if (!now) return;
    const age = ageOf(now, store.now());
    write(state, `${wordOf(now, store.value(now))}${age ? `, ${age}` : ''}`);
    showFacts(facts, now);
    for (const part of sheet.querySelectorAll('[data-when]')) {
      /** @type {HTMLElement} */ (part).hidden =
        /** @type {HTMLElement} */ (part).dataset.when !== (now.lock ? 'locked' : 'unlocked');
    }
    for (const button of sheet.querySelectorAll('[data-acts]'))
      button.setAttribute('aria-disabled', String(!store.mayAct));
  };
  update();
  const happened = (/** @type {LineEvent} */ event) => {
    if (event.line !== name) return;
    past.prepend(pastRow(event, line));
    while (past.children.length > EVENTS_SHOWN) past.lastElementChild?.remove();
  };
  link
    .call('history.get', { line: name, limit: EVENTS_SHOWN })
    .then(({ events = [] }) =>
      past.append(...events.reverse().map((/** @type {any} */ event) => pastRow(event, line))),
    )
    .catch(() => {});
  const view = (/** @type {any} */ change) =>
    (change.rebuilt || change.names.has(name)) && update();
  const timer = setInterval(update, 1000);
  store.viewers.add(view);
  store.listeners.add(happened);
  sheet.addEventListener('close', () => {
    store.viewers.delete(view);
    store.listeners.delete(happened);
    clearInterval(timer);
  });
}

/** @param {HTMLElement} list @param {Line} line */
function showFacts(list, line) {
  const { gpio = {} } = line;
  const bcm = bcmOf(line);
  const pin = boardPinOf(line);
  /** @type {[string, string|undefined][]} */
  const facts = [
    [t('fact.pin'), bcm !== null && pin ? t('pin.of', { bcm, pin }) : gpio.name],
    [
      t('fact.chip'),
      [
        gpio.label ?? gpio.chip,
        gpio.offset === undefined ? '' : t('fact.offset', { n: gpio.offset }),
      ]
        .filter(Boolean)
        .join(', '),
    ],
    [t('fact.bias'), gpio.bias && t(`bias.${gpio.bias}`)],
    [
      t('fact.drive'),
      line.direction === 'output' && gpio.drive ? t(`drive.${gpio.drive}`) : undefined,
    ],
    [t('fact.low'), gpio.active_low ? t('fact.low.yes') : undefined],
    [t('fact.edges'), line.edges === undefined ? undefined : number(line.edges)],
    [t('fact.counter'), line.count === undefined ? undefined : counted(line)],
    [t('fact.source'), line.role ? `${line.source} (${t(`role.${line.role}`)})` : line.source],
    [t('fact.lock'), line.lock?.source && whoIs(line.lock.source)],
    [t('fact.interlock'), line.interlock],
    [t('fact.press'), line.last_press_ms ? span(line.last_press_ms) : undefined],
    [
      t('fact.signal'),
      line.hz
        ? t('note.signal', { hz: number(line.hz, 1), duty: number((line.duty ?? 0) * 100) })
        : undefined,
    ],
    [t('fact.name'), line.name],
  ];
  const rows = facts.filter(([, value]) => value).map(([label, value]) => `${label}\t${value}`);
  const key = rows.join('\n');
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  list.replaceChildren(
    ...rows.flatMap((text) => {
      const [label, value] = text.split('\t');
      return [make('dt', {}, label), make('dd', {}, value)];
    }),
  );
}
