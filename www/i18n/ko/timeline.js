// @ts-check
/** @type {Record<string, string>} */
export default {
  'time.live': '실시간',
  'time.pause': '일시 정지',
  'time.fit': '전체',
  'time.in': '확대',
  'time.out': '축소',
  'time.save': '저장',
  'time.lanes':
    '모든 라인의 파형입니다. 화살표 키로 이동하고, 더하기와 빼기 키로 확대·축소합니다. C 키는 커서, Home 키는 전체, End 키는 현재입니다.',
  'time.delta': 'Δt {span} · 1/Δt {hz} Hz',
  'time.one': '두 번째 커서를 놓으면 간격을 잽니다.',
  'time.tap': '파형의 두 곳을 눌러 커서 두 개를 놓으십시오.',
  'time.edges': '에지 {n}개',
  'time.edge': '에지 1개',
  'time.width': '펄스 {span}',
  'time.rate': '{hz} Hz, HIGH {duty} %',
  'time.lost': '끊긴 곳은 이벤트가 누락된 구간입니다.',
  'time.gone':
    '게이트웨이에 시작부터의 기록이 모두 남아 있지는 않습니다. 남아 있는 기록을 표시합니다.',
  'time.enough': '페이지에는 여기까지만 표시합니다. 전체 기록은 VCD나 CSV로 저장하십시오.',
  'time.failed': '기록을 받지 못했습니다: {why}',
  'time.pin': '{line}을(를) 맨 위에 고정',
};
