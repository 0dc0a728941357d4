// @ts-check
import { make } from '../dom.js';
import { t } from '../i18n/text.js';
import { request } from '../session.js';

/** @typedef {{id: string, name: string, url: string, version?: string}} Neighbour */

/** As many as the gateway remembers. */
const MOST = 64;

/**
 * Those that may be shown as links: an address of the network, never this page's own gateway, and never
 * one that means another machine on each device (loopback).
 * @param {unknown} list of the answer @param {URL} page @returns {Neighbour[]}
 */
export function neighboursToShow(list, page) {
  if (!Array.isArray(list)) return [];
  return list.slice(0, MOST).filter(({ url, name }) => {
    const address = URL.canParse(url) ? new URL(url) : null;
    return (
      typeof name === 'string' &&
      address !== null &&
      /^https?:$/.test(address.protocol) &&
      !address.username &&
      !/^(localhost|127\..*|\[::1\])$/.test(address.hostname) &&
      address.origin !== page.origin
    );
  });
}

/**
 * Other gateways in the network, as links; nothing while there are none. They have tokens of their own,
 * so a link carries none, and this page talks to its own gateway only.
 */
export function neighbourList() {
  const box = make('section.neighbours', { hidden: true });
  request('api/v1/neighbours').then(
    (answer) => {
      const shown = neighboursToShow(answer?.neighbours, new URL(document.baseURI));
      box.hidden = shown.length === 0;
      box.replaceChildren(
        make('h3', {}, t('share.neighbours')),
        make(
          'ul',
          {},
          ...shown.map(({ name, url }) =>
            make(
              'li',
              {},
              make('a', { href: url, rel: 'noopener noreferrer' }, name || url),
              ' ',
              make('span.hint', {}, new URL(url).host),
            ),
          ),
        ),
      );
    },
    () => {}, // an older gateway, or one that is away: the sheet is of use without
  );
  return box;
}
