// @ts-check
/** @type {Record<string, string>} */
export default {
  'skip': 'Skip to the circuit',
  'views': 'Views',
  'lines': 'Lines',
  'simulated': 'simulated',

  'simulated.why': 'There is no GPIO chip here: the lines are simulated and nothing real moves.',

  'off': 'All off',

  'off.done': 'Every output is at its safe value.',

  'waiting': 'Looking for the gateway…',

  'waiting.long':
    'The gateway does not answer. Is it running, and is this device in the same network? It tries again by itself.',

  'empty': 'This circuit has no lines yet. Add some to the config and start the gateway again.',
  'scenes': 'Scenes',
  'close': 'Close',
  'loading': 'One moment…',
  'missing': 'This gateway does not offer this view. A newer gpio-gateway does.',

  'tab.circuit': 'Circuit',
  'tab.timeline': 'Timeline',
  'tab.sockets': 'Sockets',
  'tab.console': 'Console',

  'link.connecting': 'Connecting…',
  'link.live': 'Live',
  'link.lost': 'Not connected for {span}',
  'link.locked': 'Log in first',
  'link.retry': 'Try now',
  'link.said.live': 'Connected. What you see is live.',
  'link.said.waiting': 'Connection lost. What you see may be old; it tries again by itself.',

  'login.title': 'Your token, please',
  'login.why': 'This gateway only obeys people who know its token.',
  'login.token': 'Token',
  'login.go': 'Log in',
  'login.hint': 'The gateway prints it when it starts, and again with:',
  'login.wrong': 'This is not the token. Copy it whole, without spaces.',

  'state.on': 'on',
  'state.off': 'off',
  'state.pressed': 'pressed',
  'state.released': 'released',
  'state.motion': 'motion',
  'state.still': 'still',
  'state.open': 'open',
  'state.closed': 'closed',
  'state.high': 'high',
  'state.low': 'low',
  'state.gone.plain': 'not available',

  'said.line': '{line}: {state}',
  'said.many': 'Many lines are changing.',

  'pin': 'pin {pin}',

  'pin.of': 'GPIO{bcm}, header pin {pin}',

  'line.more': 'More for {line}',

  'note.pulse': 'pulse, {span} left',
  'note.gap': 'pause, {span} left',
  'note.set': 'for {span} more',
  'note.blink': 'blinks, {on} on, {off} off',
  'note.blink.count': 'blinks {count} times, {on} on, {off} off',
  'note.pwm': '{duty} % at {hz} Hz',
  'note.lease': 'lease, {span} left',
  'note.lease.connection': 'on as long as its connection',
  'note.lock': 'locked: {reason}',
  'note.lock.plain': 'locked',
  'note.interlock': 'group {group}',
  'note.signal': '{hz} Hz, {duty} % high',

  'ago': '{span} ago',
  'ago.now': 'just now',

  'unit.s': ' s',
  'unit.min': ' min',
  'unit.h': ' h',
  'unit.d': ' d',

  'share.title': 'Share',
  'settings.title': 'Settings',

  'error.offline': 'Not connected, so nothing was sent. It connects again by itself.',
  'error.no-answer':
    'No answer within 2 s, so this may not have happened. Look at the line, then try again.',
  'error.no-such-line': 'The gateway has no such line any more. Reload the page.',
  'error.not-an-output': 'This line is an input: it can be watched, not switched.',
  'error.conflict': 'Somebody else was faster. Look at the line and try again.',
  'error.interlock':
    'Held back: {line} is on, and the two must not be on together. Switch it off first.',
  'error.interlock.plain':
    'Blocked by an interlock. The line’s ⋯ menu shows which group it belongs to.',
  'error.unauthorized': 'The session ended. Log in again.',
  'error.forbidden': 'You are a viewer: you can look, not switch. Ask for the operator’s link.',
  'error.gpio': 'The hardware refused: {message}. See what “gpio-gateway doctor” says.',
  'error.limit': 'Too much at once. Wait a moment and try again.',
  'error.rest': 'The line rests for {span} more between two times on. Try again then.',
  'error.locked': 'Locked: {reason}. Unlock the line in its ⋯ menu first.',
  'error.locked.plain': 'This line is locked. Unlock it in its ⋯ menu first.',
  'error.bad-request': 'The gateway cannot use this request. Check the values. It says: {message}',
  'error.no-such-method': 'This gateway does not know this command. A newer gpio-gateway may.',
  'error.not-found': 'The gateway has nothing by this name. Reload the page and try again.',
  'error.not-simulated': 'This line is real hardware: move the part itself, not its picture.',
  'error.too-large': 'This is more than the gateway takes at once. Send less.',
  'error.internal': 'The gateway failed at this. Its log says why: {message}',
  'error.unknown': 'It did not work: {message}. Try again, or look at the gateway’s log.',
};
