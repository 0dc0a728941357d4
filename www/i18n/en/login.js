// @ts-check
/** @type {Record<string, string>} */
export default {
  'login.title': 'Your token, please',
  'login.why': 'This gateway only obeys people who know its token.',
  'login.token': 'Token',
  'login.go': 'Log in',
  'login.hint': 'The gateway prints it when it starts, and again with:',
  'login.wrong': 'This is not the token. Copy it whole, without spaces.',
};
