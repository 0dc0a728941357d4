// @ts-check
/** What the gateway has against an edit, in the user's language where the page has words for it. */
import { knows, t } from '../i18n/text.js';

/** @param {any} error a RequestError or CallError */
export function explain(error) {
  const message = error.data?.detail ?? error.message ?? '';
  const key = `error.${error.code}`;
  // The gateway's own sentence says which pin and who has it; ours says what to do.
  if (error.code === 'conflict' && message) return message;
  if (error.status === 403) return t('edit.admin');
  return knows(key) ? t(key, { message }) : t('error.unknown', { message });
}

/**
 * The part of a path behind `prefix`: "gpio" of "circuit.lines[2].gpio"; null where it is another place.
 * @param {string} path @param {string} prefix
 */
export function under(path, prefix) {
  if (path === prefix) return '';
  return path.startsWith(`${prefix}.`) ? path.slice(prefix.length + 1) : null;
}
