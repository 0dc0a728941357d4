// @ts-check
/** @type {Record<string, string>} */
export default {
  'off.done': 'Every output is at its safe value.',
  'unlock': 'Unlock',
  'missing': 'This gateway does not offer this view. A newer gpio-gateway does.',
  'page.reload': 'Reload',
  'page.changed': 'The gateway was updated and serves a newer page. Reload when you are ready.',
  'error.no-such-line': 'The gateway has no such line any more. Reload the page.',
  'error.not-an-output': 'This line is an input: it can be watched, not switched.',
  'error.conflict': 'Somebody else was faster. Look at the line and try again.',
  'error.interlock':
    'Held back: {line} is on, and the two must not be on together. Switch it off first.',
  'error.interlock.plain':
    'Blocked by an interlock. The line’s ⋯ menu shows which group it belongs to.',
  'error.unauthorized': 'The session ended. Log in again.',
  'error.gpio': 'The hardware refused: {message}. “gpio-gateway doctor” shows what is wrong.',
  'error.rest': 'The line rests for {span} more between two times on. Try again then.',
  'error.locked': 'Locked: {reason}. Unlock the line in its ⋯ menu first.',
  'error.locked.plain': 'This line is locked. Unlock it in its ⋯ menu first.',
  'error.bad-request': 'The gateway cannot use this request. Check the values. It says: {message}',
  'error.no-such-method': 'This gateway does not know this command. A newer gpio-gateway may.',
  'error.not-found': 'The gateway has nothing by this name. Reload the page and try again.',
  'error.forbidden-pin':
    'Another function may be in use on this pin (I²C, SPI or the serial port).',
  'error.not-simulated': 'This line is real hardware: move the part itself, not its picture.',
  'error.too-large': 'This is more than the gateway takes at once. Send less.',
  'error.internal': 'The gateway failed at this. Its log says why: {message}',
  'error.bad-config': 'This is not a valid circuit. What is wrong stands at its place.',
  'error.read-only':
    'The gateway may not write the circuit’s file. Give it write permission, or edit the file by hand.',
};
