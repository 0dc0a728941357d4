// Some rows of a table of commands, in the shape of `system.methods`.
const line = {
  name: 'line',
  required: true,
  plain: true,
  schema: { type: 'string', pattern: '^[a-z0-9][a-z0-9_-]{0,31}$' },
};
const value = { name: 'value', required: true, plain: true, schema: { enum: [0, 1, false, true] } };
const integer = (name, required, plain, more = {}) => ({
  name,
  required,
  plain,
  schema: { 'type': 'integer', 'minimum': 1, 'maximum': 86400000, 'x-unit': 'ms', ...more },
});
const onLine = (action) => ({ rest: 'POST', path: `/api/v1/lines/{line}/${action}` });

export const METHODS = [
  {
    name: 'line.get',
    word: 'get',
    usage: 'get [LINE]',
    rest: 'GET',
    path: '/api/v1/lines/{line}',
    params: [line],
  },
  {
    name: 'line.set',
    word: 'set',
    usage: 'set LINE 0|1 [for_ms=MS]',
    rest: 'PUT',
    path: '/api/v1/lines/{line}/value',
    params: [line, value, integer('for_ms', false, false)],
  },
  {
    name: 'line.toggle',
    word: 'toggle',
    usage: 'toggle LINE',
    ...onLine('toggle'),
    params: [line],
  },
  {
    name: 'line.pulse',
    word: 'pulse',
    usage: 'pulse LINE MS',
    ...onLine('pulse'),
    params: [line, integer('ms', true, true)],
  },
  {
    name: 'line.pwm',
    word: 'pwm',
    usage: 'pwm LINE DUTY [HZ]',
    ...onLine('pwm'),
    params: [
      line,
      {
        name: 'duty',
        required: true,
        plain: true,
        schema: { type: 'number', minimum: 0, maximum: 1 },
      },
      {
        name: 'hz',
        required: false,
        plain: true,
        schema: { 'type': 'number', 'minimum': 0.1, 'maximum': 500, 'x-unit': 'Hz' },
      },
    ],
  },
  {
    name: 'line.lock',
    word: 'lock',
    usage: 'lock LINE REASON',
    ...onLine('lock'),
    params: [
      line,
      { name: 'reason', required: true, plain: true, schema: { type: 'string', maxLength: 96 } },
    ],
  },
  {
    name: 'simulator.set',
    word: 'simulate',
    usage: 'simulate LINE 0|1',
    rest: 'POST',
    path: '/api/v1/simulator/lines/{line}',
    params: [line, value],
  },
  { name: 'circuit.off', word: 'off', usage: 'off', rest: 'POST', path: '/api/v1/off', params: [] },
  { name: 'system.ping', word: 'ping', usage: 'ping', rest: null, path: null, params: [] },
  {
    name: 'lines.set',
    word: null,
    usage: null,
    rest: 'PUT',
    path: '/api/v1/lines',
    params: [{ name: 'lines', required: true, plain: false, schema: { type: 'object' } }],
  },
];
