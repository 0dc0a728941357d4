// @ts-check
/** @type {Record<string, string>} */
export default {
  'skip': '회로로 건너뛰기',
  'views': '화면',
  'lines': '라인',
  'simulated': '시뮬레이션',
  'simulated.why':
    '게이트웨이가 실행되는 컴퓨터에 GPIO 칩이 없어 회로를 시뮬레이션합니다. 실제 부품은 움직이지 않습니다.',
  'off': '모두 끄기',
  'waiting': '게이트웨이를 찾고 있습니다…',
  'waiting.long':
    '게이트웨이가 응답하지 않습니다. 게이트웨이가 실행 중인지, 이 기기가 같은 네트워크에 있는지 확인하십시오. 자동으로 다시 시도합니다.',
  'empty': '이 회로에는 아직 라인이 없습니다. 관리자 링크로 추가할 수 있습니다.',
  'empty.edit': '무엇을 연결했습니까?',
  'scenes': '장면',
  'close': '닫기',
  'loading': '잠시 기다려 주십시오…',

  'page.incomplete': '페이지의 일부를 불러오지 못했습니다. 페이지를 새로 고치십시오.',

  'tab.circuit': '회로',
  'tab.programs': '프로그램',
  'tab.timeline': '타임라인',
  'tab.sockets': '소켓',
  'tab.edit': '회로 편집',
  'tab.console': '콘솔',

  'link.connecting': '연결하는 중…',
  'link.live': '실시간',
  'link.lost': '연결 끊김({span})',
  'link.locked': '로그인이 필요합니다',
  'link.retry': '다시 연결',
  'link.blocked':
    '게이트웨이는 응답하지만 WebSocket이 통과하지 못합니다. 중간에 프록시가 있으면 Upgrade와 Connection 헤더를 전달하도록 설정하십시오.',
  'link.said.live': '연결되었습니다. 화면에 실시간 상태가 표시됩니다.',
  'link.said.waiting':
    '연결이 끊겼습니다. 화면에 보이는 것은 이전 상태일 수 있습니다. 자동으로 다시 시도합니다.',

  'state.on': '켜짐',
  'state.off': '꺼짐',
  'state.pressed': '눌림',
  'state.released': '떼어짐',
  'state.motion': '움직임 감지',
  'state.still': '움직임 없음',
  'state.open': '열림',
  'state.closed': '닫힘',
  'state.high': 'HIGH',
  'state.low': 'LOW',
  'state.gone.plain': '사용할 수 없음',

  'said.line': '{line}: {state}',
  'said.many': '여러 라인의 상태가 바뀌고 있습니다.',
  'pin': '{pin}번 핀',
  'pin.of': 'GPIO{bcm}, 헤더 {pin}번 핀',
  'press.me': '시뮬레이션: 원하는 만큼 누르고 있을 수 있습니다',
  'group.lit': '{n}개 중 {on}개 켜짐',
  'line.more': '{line} 자세히 보기',

  'note.pulse': '펄스, {span} 남음',
  'note.gap': '대기, {span} 남음',
  'note.set': '{span} 후 복귀',
  'note.blink': '깜빡임: {on} 켜짐, {off} 꺼짐',
  'note.blink.count': '{count}회 깜빡임: {on} 켜짐, {off} 꺼짐',
  'note.pwm': '{duty} %, {hz} Hz',
  'note.lease': '유지 시간(lease) {span} 남음',
  'note.lease.connection': '연결이 유지되는 동안만 켜짐',
  'note.lock': '잠김: {reason}',
  'note.lock.plain': '잠김',
  'note.lock.live': '켜진 채로 잠김: {reason}',
  'note.lock.live.plain': '켜진 채로 잠김',
  'note.interlock': '인터록 그룹 {group}',
  'note.count': '{total} (펄스 {count}개), 분당 {rate}',
  'note.signal': '{hz} Hz, HIGH {duty} %',

  'ago': '{span} 전',
  'ago.now': '방금',
  'ago.start': '시작할 때부터',

  'unit.s': '초',
  'unit.min': '분',
  'unit.h': '시간',
  'unit.d': '일',

  'share.title': '공유',
  'settings.title': '설정',

  'error.offline': '연결되어 있지 않아 명령을 보내지 않았습니다. 다시 연결하는 중입니다.',
  'error.uncertain':
    '명령을 보내는 중에 연결이 끊겼습니다. 실행되었는지 알 수 없으니 라인의 상태를 확인하십시오.',
  'error.no-answer':
    '제때 응답이 오지 않았습니다. 실행되었는지 알 수 없으니 라인의 상태를 확인한 뒤 다시 시도하십시오.',
  'error.forbidden': '보기 전용이므로 바꿀 수 없습니다. 운영자 링크를 요청하십시오.',
  'error.limit': '요청이 너무 많습니다. 잠시 후 다시 시도하십시오.',
  'error.unknown':
    '실행하지 못했습니다: {message}. 다시 시도하거나 게이트웨이의 로그를 확인하십시오.',
};
