// @ts-check
import { find, make, write } from '../dom.js';
import { t } from '../i18n/text.js';
import { logIn } from '../session.js';

/**
 * Asks for the token. It goes into a cookie that scripts cannot read, and nowhere else.
 * @param {() => void} entered @param {boolean} refused the link that led here had a wrong one
 * @param {string | null} offered the token of a link on another site, for the person to take or leave
 */
export function wireLogin(entered, refused, offered) {
  const field = make('input', {
    'id': 'token',
    'type': 'password',
    'autocomplete': 'current-password',
    'spellcheck': 'false',
    'autocapitalize': 'off',
    'required': true,
    'aria-describedby': 'login-hint login-error',
  });
  const shows = make('input', { type: 'checkbox' });
  shows.addEventListener('change', () => {
    field.type = shows.checked ? 'text' : 'password';
  });
  const error = make('p.error', { id: 'login-error', role: 'alert' });
  const form = make(
    'form.login',
    { id: 'login', action: './', method: 'post' },
    text('h2', 'login.title'),
    text('p', 'login.why'),
    // Password managers store nothing without a name beside the secret.
    make('input', {
      type: 'text',
      name: 'username',
      value: location.host,
      autocomplete: 'username',
      hidden: true,
      readonly: true,
    }),
    text('label', 'login.token', { for: 'token' }),
    field,
    make('label.check', {}, shows, text('span', 'login.show')),
    error,
    text('button.button.button-strong', 'login.go', { type: 'submit' }),
    make(
      'p.hint',
      { id: 'login-hint' },
      text('span', 'login.hint'),
      ' ',
      make('code', {}, 'gpio-gateway token show'),
    ),
  );
  find(document, '#view-login').replaceChildren(form);
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
      const busy = status === 429 || status === 503;
      write(error, status === 401 ? t('login.wrong') : t(busy ? 'error.limit' : 'error.offline'));
      field.select();
    }
  });
}

/** An element whose text follows the language. @param {string} name @param {string} key @param {Record<string, any>} [attributes] */
function text(name, key, attributes = {}) {
  return make(name, { ...attributes, 'data-t': key }, t(key));
}

/** @param {boolean} shown */
export function showLogin(shown) {
  const view = find(document, '#view-login');
  if (view.hidden !== shown) return;
  view.hidden = !shown;
  if (shown) find(view, '#token').focus();
}
