// @ts-check
/** @import {Line, LineEvent} from '../state.js' */
import { whoIs } from '../commands.js';
import { make } from '../dom.js';
import { t, titleOf } from '../i18n/text.js';
import { momentOf } from '../state.js';
import { wordOf } from './rung.js';

/** One change: when, to what, why and by whom. @param {LineEvent} event @param {Line} line @param {boolean} [isNamed] with the line's title */
export function pastRow(event, line, isNamed = false) {
  const time = new Date(momentOf(event)).toLocaleTimeString(document.documentElement.lang);
  const why = t(`cause.${event.cause ?? 'set'}`);
  const source = isNamed ? whoIs(event.source ?? '').replace('rule:', '') : event.source;
  const by = source && source !== event.cause ? source : '';
  const word = wordOf({ ...line, available: true }, event.value);
  return make(
    'li',
    {},
    make('time', {}, time),
    make('b', {}, isNamed ? `${titleOf(line.title, line.name)}: ${word}` : word),
    make('span.hint', {}, [why, by].filter(Boolean).join(' · ')),
  );
}
