// @ts-check
import { find, write } from '../dom.js';
import { t } from '../i18n/text.js';
import { logIn } from '../session.js';

/**
 * Asks for the token. It goes into a cookie that scripts cannot read, and nowhere else.
 * @param {() => void} entered @param {boolean} refused the link that led here had a wrong one
 * @param {string | null} offered the token of a link on another site, for the person to take or leave
 */
export function wireLogin(entered, refused, offered) {
  const form = find(document, '#login');
  const field = find(form, '#token');
  const error = find(form, '#login-error');
  if (refused) write(error, t('login.wrong'));
  if (offered) field.value = offered;
  form.addEventListener('submit', async (/** @type {Event} */ event) => {
    event.preventDefault();
    write(error, '');
    try {
      await logIn(field.value.trim());
      field.value = '';
      entered();
    } catch (problem) {
      const { status } = /** @type {any} */ (problem);
      write(
        error,
        status === 401
          ? t('login.wrong')
          : t(status === 429 || status === 503 ? 'error.limit' : 'error.offline'),
      );
      field.select();
    }
  });
}

/** @param {boolean} shown */
export function showLogin(shown) {
  const view = find(document, '#view-login');
  if (view.hidden !== shown) return;
  view.hidden = !shown;
  if (shown) find(view, '#token').focus();
}
