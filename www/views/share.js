// @ts-check
/** @import {Commands} from '../commands.js' */
import { make, draw } from '../dom.js';
import { t } from '../i18n/text.js';
import { request } from '../session.js';
import { brokerNote } from './broker.js';
import { neighbourList } from './neighbours.js';
import { openSheet, choice, copy } from './sheet.js';

const QUIET = 4;

/**
 * A link as a picture for another phone's camera.
 * @param {(text: string, alarm?: boolean) => void} notify @param {Commands} commands
 * @param {string} [view] that the link opens
 */
export function openShare(notify, commands, view = '') {
  const box = make('div.share');
  const pick = choice(
    t('share.role'),
    [
      ['viewer', t('role.viewer')],
      ['operator', t('role.operator')],
    ],
    'viewer',
    show,
  );
  openSheet(
    t('share.title'),
    make('p', {}, t('share.how')),
    pick,
    box,
    brokerNote(),
    neighbourList(),
  );
  show('viewer');

  /** @param {string} role */
  async function show(role) {
    box.replaceChildren(make('p.hint', {}, t('loading')));
    try {
      const { links = [] } = await request('api/v1/share', {
        method: 'POST',
        body: { role, view },
      });
      const usable = linksFor(links, new URL('.', document.baseURI));
      // An address of this machine alone is of use to nobody else, and says so.
      const note = usable.length ? null : make('p.error', {}, t('share.none'));
      const shown = usable.length ? usable : links;
      box.replaceChildren(
        ...(note ? [note] : []),
        ...shown.map((/** @type {any} */ link) => card(link, role)),
      );
    } catch (error) {
      const missing = /** @type {any} */ (error).status === 404;
      box.replaceChildren(
        make('p.error', { role: 'alert' }, missing ? t('missing') : commands.explain(error)),
      );
    }
  }

  /** @param {{url: string, qr?: string[]}} link @param {string} role */
  function card(link, role) {
    const address = make('code.share-url', {}, link.url);
    const button = make(
      'button.button',
      { type: 'button', onclick: () => copy(link.url, notify) },
      t('copy'),
    );
    const words = t(role === 'operator' ? 'share.operator' : 'share.viewer');
    return make(
      'figure.share-card',
      {},
      link.qr?.length ? picture(link.qr, words) : null,
      make('figcaption', {}, make('p.hint', {}, words), address, button),
    );
  }
}

const LOOPBACK = /^(localhost|127\..*|\[::1\])$/;

/**
 * The links that another device can open: first the address under which this page came, which may be
 * a proxy's, and no address of the gateway's own machine.
 * @param {{url: string, qr?: string[]}[]} links of the gateway @param {URL} page
 */
export function linksFor(links, page) {
  const reachable = links.filter(({ url }) => !LOOPBACK.test(new URL(url).hostname));
  if (LOOPBACK.test(page.hostname) || !links.length) return reachable;
  const here = reachable.filter(({ url }) => new URL('.', url).href === page.href);
  const { search, hash } = new URL(links[0].url);
  const first = here.length ? here : [{ url: page.href + search + hash }];
  return [...first, ...reachable.filter((link) => !here.includes(link))];
}

/**
 * The modules as one path: dark squares on white, in every theme, or cameras miss it.
 * @param {string[]} rows @param {string} words
 */
export function picture(rows, words) {
  const size = rows.length + QUIET * 2;
  let path = '';
  rows.forEach((row, y) => {
    for (const run of row.matchAll(/1+/g))
      path += `M${run.index + QUIET} ${y + QUIET}h${run[0].length}v1h-${run[0].length}z`;
  });
  return draw(
    'svg',
    {
      'class': 'qr',
      'viewBox': `0 0 ${size} ${size}`,
      'role': 'img',
      'aria-label': t('share.qr', { words }),
    },
    draw('rect', { width: size, height: size, fill: '#fff' }),
    draw('path', { d: path, fill: '#000' }),
  );
}
