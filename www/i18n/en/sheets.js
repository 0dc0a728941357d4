// @ts-check
/** @type {Record<string, string>} */
export default {
  'copied': 'Copied.',

  'copy.failed': 'The browser did not allow copying. Select the text and copy it by hand.',

  'copy': 'Copy',

  'hand.title': 'The same by hand',

  'act.switch.on': 'On',
  'act.switch.off': 'Off',
  'act.toggle': 'Toggle',
  'act.stop': 'Stop',
  'act.pulse': 'Pulse',
  'act.blink': 'Blink',
  'act.pwm': 'PWM',
  'act.lock': 'Lock',
  'act.unlock': 'Unlock',
  'act.lock.why': 'Why it is locked',
  'act.hold': 'Hold',
  'act.release': 'Let go',
  'act.length': 'Length',
  'act.on': 'On',
  'act.off': 'Off',
  'act.count': 'Count, 0 for ever',
  'act.times': 'times',
  'act.duty': 'Duty',
  'act.rate': 'Rate',
  'act.input.real': 'An input: it shows what the world does.',
  'act.input.simulated':
    'A simulated input: hold it here, or press it in the circuit as long as you like.',

  'fact.pin': 'Pin',
  'fact.chip': 'Chip',
  'fact.offset': 'offset {n}',
  'fact.bias': 'Bias',
  'fact.drive': 'Drive',
  'fact.low': 'Active',
  'fact.low.yes': 'low',
  'fact.edges': 'Edges',
  'fact.source': 'Last told by',
  'fact.interlock': 'Interlock',
  'fact.press': 'Last press',
  'fact.signal': 'Signal',
  'fact.name': 'Name',

  'share.how': 'Point another phone’s camera here. It must be in the same network.',
  'share.role': 'Whoever opens it',
  'share.operator': 'This link may switch everything. Share it as you would a key.',
  'share.viewer': 'This link may look, not switch.',
  'share.qr': 'QR code. {words}',
  'share.none':
    'The gateway listens on this machine only. Add an address of the network to listen.http in the config.',

  'role.operator': 'operator',
  'role.viewer': 'viewer',

  'settings.language': 'Language',
  'settings.theme': 'Look',
  'settings.contrast': 'Contrast',
  'settings.auto': 'As the device',
  'settings.light': 'Day',
  'settings.dark': 'Night',
  'settings.more': 'High',
  'settings.awake': 'Keep the screen on',
  'settings.awake.none': 'This browser cannot, or only over HTTPS.',
  'settings.vibrate': 'Vibrate on a press',
  'settings.pulse': 'A long press pulses for',
  'settings.logout': 'Log out',
  'settings.role': 'You are {role}.',
  'settings.backend': 'Hardware through {backend}.',
};
