// @ts-check
/** @type {Record<string, string>} */
export default {
  'time.live': '실시간',
  'time.pause': '멈춤',
  'time.fit': '전체',
  'time.in': '확대',
  'time.out': '축소',
  'time.save': '저장',
  'time.lanes':
    '모든 라인의 파형. 화살표로 이동, 더하기와 빼기로 확대와 축소, C로 커서, Home은 전체, End는 지금입니다.',
  'time.delta': 'Δt {span} · 1/Δt {hz} Hz',
  'time.one': '두 번째 커서를 놓으면 잽니다.',
  'time.tap': '레인을 두 번 눌러 커서 두 개를 놓으세요.',
  'time.edges': '에지 {n}개',
  'time.edge': '에지 1개',
  'time.width': '펄스 {span}',
  'time.rate': '{hz} Hz, 높음 {duty} %',
  'time.lost': '찢어진 곳에서는 이벤트를 잃었습니다.',
  'time.gone': '게이트웨이에 시작부터의 기록이 모두 남아 있지는 않습니다. 남은 것을 그렸습니다.',
  'time.failed': '기록을 받지 못했습니다: {why}',
  'time.pin': '{line}을(를) 맨 위에 고정',
};
