// @ts-check
/** @import {Store} from '../store.js' */
/** @import {Link} from '../link.js' */
import { make } from '../dom.js';
import { LANGUAGES } from '../i18n/languages.js';
import { t } from '../i18n/text.js';
import { choices, choose, keepAwake } from '../settings.js';
import { request, logOut } from '../session.js';
import { openSheet, choice, check, amount } from './sheet.js';

/**
 * @param {{store: Store, link: Link, rerender: () => Promise<void>}} whole
 */
export function openSettings({ store, link, rerender }) {
  const pulse = amount(t('settings.pulse'), 'ms', { value: choices.pulseMs, min: 1, max: 60000 });
  pulse.input.addEventListener('change', () => {
    if (pulse.valid) choose({ pulseMs: pulse.value });
  });
  const about = make('p.hint');
  const out = make('button.button', { type: 'button', hidden: true }, t('settings.logout'));
  const dialog = openSheet(
    t('settings.title'),
    choice(
      t('settings.language'),
      [
        ['auto', t('settings.auto')],
        ...LANGUAGES.map(({ code, name }) => /** @type {[string, string]} */ ([code, name])),
      ],
      choices.language,
      async (language) => {
        choose({ language });
        await rerender();
        // The sheet's own words are the old ones: it comes again in the new.
        dialog.close();
        openSettings({ store, link, rerender });
      },
    ),
    choice(
      t('settings.theme'),
      [
        ['auto', t('settings.auto')],
        ['light', t('settings.light')],
        ['dark', t('settings.dark')],
      ],
      choices.theme,
      (theme) => choose({ theme: /** @type {any} */ (theme) }),
    ),
    choice(
      t('settings.contrast'),
      [
        ['auto', t('settings.auto')],
        ['more', t('settings.more')],
      ],
      choices.contrast,
      (contrast) => choose({ contrast: /** @type {any} */ (contrast) }),
    ),
    check(
      t('settings.awake'),
      choices.awake,
      (awake) => {
        choose({ awake });
        keepAwake();
      },
      'wakeLock' in navigator ? undefined : t('settings.awake.none'),
    ),
    check(t('settings.vibrate'), choices.vibrate, (vibrate) => choose({ vibrate })),
    pulse.field,
    about,
    out,
  );
  showAbout(about, store);
  request('api/v1/session').then(
    (session) => {
      out.hidden = session?.mode === 'none';
    },
    () => {},
  );
  out.addEventListener('click', async () => {
    await logOut().catch(() => {});
    dialog.close();
    link.stop();
    link.start();
  });
}

/** @param {HTMLElement} about @param {Store} store */
function showAbout(about, store) {
  const { circuit } = store;
  if (!circuit) return;
  const role = t(`role.${circuit.role}`);
  const what = circuit.simulated
    ? t('simulated.why')
    : t('settings.backend', { backend: circuit.backend ?? '' });
  about.textContent = `gpio-gateway ${circuit.version ?? ''} · ${t('settings.role', { role })} ${what}`;
}
