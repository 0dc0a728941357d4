// @ts-check
/** @type {Record<string, string>} */
export default {
  'time.live': 'Live',
  'time.pause': 'Pause',
  'time.fit': 'All',
  'time.in': 'Zoom in',
  'time.out': 'Zoom out',
  'time.save': 'Save',
  'time.lanes':
    'Waveforms of all lines. Arrow keys move, plus and minus zoom, C sets a cursor, Home shows all, End is now.',
  'time.delta': 'Δt {span} · 1/Δt {hz} Hz',
  'time.one': 'Set the second cursor to measure.',
  'time.tap': 'Tap a lane twice to set two cursors.',
  'time.edges': '{n} edges',
  'time.edge': '1 edge',
  'time.width': 'pulse {span}',
  'time.rate': '{hz} Hz, {duty} % high',
  'time.lost': 'Torn where events were lost.',
  'time.gone': 'The gateway no longer has everything since its start; the rest is drawn.',
  'time.enough': 'The page keeps no more than this. Save the whole history as VCD or CSV.',
  'time.failed': 'The history did not come: {why}',
  'time.pin': 'Pin {line} to the top',
};
