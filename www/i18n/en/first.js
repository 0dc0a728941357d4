// @ts-check
/** @type {Record<string, string>} */
export default {
  'skip': 'Skip to the circuit',
  'views': 'Views',
  'lines': 'Lines',
  'simulated': 'simulated',
  'simulated.why': 'There is no GPIO chip here: the lines are simulated and nothing real moves.',
  'off': 'All off',
  'waiting': 'Looking for the gateway…',
  'waiting.long':
    'The gateway does not answer. Is it running, and is this device on the same network? The page keeps trying.',
  'empty': 'This circuit has no lines yet. The admin’s link adds some.',
  'empty.edit': 'What did you wire?',
  'scenes': 'Scenes',
  'close': 'Close',
  'loading': 'One moment…',

  'page.incomplete': 'A part of the page did not load. Reload the page.',

  'tab.circuit': 'Circuit',
  'tab.programs': 'Programs',
  'tab.timeline': 'Timeline',
  'tab.sockets': 'Sockets',
  'tab.edit': 'Edit the circuit',
  'tab.console': 'Console',

  'link.connecting': 'Connecting…',
  'link.live': 'Live',
  'link.lost': 'Not connected for {span}',
  'link.locked': 'Log in first',
  'link.retry': 'Try now',
  'link.blocked':
    'The gateway answers, but no WebSocket gets through. If there is a proxy in between, it must pass on Upgrade and Connection.',
  'link.said.live': 'Connected. What you see is live.',
  'link.said.waiting': 'Connection lost. What you see may be old; the page keeps trying.',

  'state.on': 'on',
  'state.off': 'off',
  'state.pressed': 'pressed',
  'state.released': 'released',
  'state.motion': 'motion',
  'state.still': 'no motion',
  'state.open': 'open',
  'state.closed': 'closed',
  'state.high': 'high',
  'state.low': 'low',
  'state.gone.plain': 'not available',

  'said.line': '{line}: {state}',
  'said.many': 'Many lines are changing.',
  'pin': 'pin {pin}',
  'pin.of': 'GPIO{bcm}, header pin {pin}',
  'press.me': 'Simulated: hold it down as long as you like',
  'group.lit': '{on} of {n} on',
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
  'note.lock.live': 'locked while on: {reason}',
  'note.lock.live.plain': 'locked while on',
  'note.interlock': 'group {group}',
  'note.count': '{total} ({count} pulses), {rate}/min',
  'note.signal': '{hz} Hz, {duty} % high',

  'ago': '{span} ago',
  'ago.now': 'just now',
  'ago.start': 'since the start',

  'unit.s': ' s',
  'unit.min': ' min',
  'unit.h': ' h',
  'unit.d': ' d',

  'share.title': 'Share',
  'settings.title': 'Settings',

  'error.offline': 'Not connected, so nothing was sent. Reconnecting…',
  'error.uncertain':
    'The connection broke while this was on its way: it may or may not have happened. Look at the line.',
  'error.no-answer':
    'No answer came in time, so this may or may not have happened. Look at the line, then try again.',
  'error.forbidden': 'You are a viewer: you can look, but not switch. Ask for the operator’s link.',
  'error.limit': 'Too much at once. Wait a moment and try again.',
  'error.unknown': 'It did not work: {message}. Try again, or look at the gateway’s log.',
};
