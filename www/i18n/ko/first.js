// @ts-check
/** @type {Record<string, string>} */
export default {
  'skip': '회로로 건너뛰기',
  'views': '보기',
  'lines': '라인',
  'simulated': '시뮬레이션',

  'simulated.why':
    '여기에는 GPIO 칩이 없습니다. 라인은 시뮬레이션이며 실제로 움직이는 것은 없습니다.',

  'off': '모두 끄기',

  'off.done': '모든 출력이 안전한 값이 되었습니다.',

  'waiting': '게이트웨이를 찾고 있습니다…',

  'waiting.long':
    '게이트웨이가 대답하지 않습니다. 켜져 있나요? 이 기기가 같은 네트워크에 있나요? 저절로 다시 시도합니다.',

  'empty': '이 회로에는 아직 라인이 없습니다. 설정 파일에 추가하고 게이트웨이를 다시 시작하세요.',
  'scenes': '장면',
  'close': '닫기',
  'loading': '잠시만요…',
  'missing': '이 게이트웨이에는 이 보기가 없습니다. 더 새로운 gpio-gateway에는 있습니다.',

  'tab.circuit': '회로',
  'tab.timeline': '타임라인',
  'tab.sockets': '소켓',
  'tab.console': '콘솔',

  'link.connecting': '연결 중…',
  'link.live': '실시간',
  'link.lost': '연결 끊김 {span}째',
  'link.locked': '먼저 로그인하세요',
  'link.retry': '지금 시도',
  'link.said.live': '연결되었습니다. 지금 보이는 것은 실시간입니다.',
  'link.said.waiting':
    '연결이 끊겼습니다. 보이는 것이 오래된 것일 수 있습니다. 저절로 다시 시도합니다.',

  'login.title': '토큰을 알려 주세요',
  'login.why': '이 게이트웨이는 토큰을 아는 사람의 말만 듣습니다.',
  'login.token': '토큰',
  'login.go': '로그인',
  'login.hint': '게이트웨이가 시작할 때 보여 주며, 다음 명령으로 다시 볼 수 있습니다:',
  'login.wrong': '토큰이 맞지 않습니다. 빈칸 없이 전부 복사하세요.',

  'state.on': '켜짐',
  'state.off': '꺼짐',
  'state.pressed': '눌림',
  'state.released': '안 눌림',
  'state.motion': '움직임',
  'state.still': '조용함',
  'state.open': '열림',
  'state.closed': '닫힘',
  'state.high': '높음',
  'state.low': '낮음',
  'state.gone.plain': '사용할 수 없음',

  'said.line': '{line}: {state}',
  'said.many': '많은 라인이 바뀌고 있습니다.',

  'pin': '{pin}번 핀',

  'pin.of': 'GPIO{bcm}, 헤더 {pin}번 핀',

  'line.more': '{line} 자세히',

  'note.pulse': '펄스, {span} 남음',
  'note.gap': '쉼, {span} 남음',
  'note.set': '{span} 더',
  'note.blink': '깜빡임: {on} 켜짐, {off} 꺼짐',
  'note.blink.count': '{count}번 깜빡임: {on} 켜짐, {off} 꺼짐',
  'note.pwm': '{duty} %, {hz} Hz',
  'note.lease': '임대, {span} 남음',
  'note.lease.connection': '연결이 이어지는 동안만',
  'note.lock': '잠김: {reason}',
  'note.lock.plain': '잠김',
  'note.interlock': '묶음 {group}',
  'note.signal': '{hz} Hz, 높음 {duty} %',

  'ago': '{span} 전',
  'ago.now': '방금',

  'unit.s': '초',
  'unit.min': '분',
  'unit.h': '시간',
  'unit.d': '일',

  'share.title': '공유',
  'settings.title': '설정',

  'error.offline': '연결되어 있지 않아 보내지 않았습니다. 저절로 다시 연결합니다.',
  'error.no-answer':
    '2초 안에 대답이 없어 일어나지 않았을 수 있습니다. 라인을 보고 다시 시도하세요.',
  'error.no-such-line': '게이트웨이에 그런 라인이 더는 없습니다. 페이지를 새로 고치세요.',
  'error.not-an-output': '이 라인은 입력입니다. 볼 수는 있지만 켤 수는 없습니다.',
  'error.conflict': '다른 사람이 더 빨랐습니다. 라인을 보고 다시 시도하세요.',
  'error.interlock':
    '막았습니다: {line}이(가) 켜져 있고 둘이 함께 켜지면 안 됩니다. 먼저 그것을 끄세요.',
  'error.interlock.plain':
    '인터록 때문에 실행할 수 없습니다. 어느 그룹인지는 라인의 ⋯ 메뉴에서 확인하십시오.',
  'error.unauthorized': '세션이 끝났습니다. 다시 로그인하세요.',
  'error.forbidden': '당신은 관람자라 볼 수만 있습니다. 운영자 링크를 부탁하세요.',
  'error.gpio': '하드웨어가 거절했습니다: {message}. “gpio-gateway doctor”의 말을 보세요.',
  'error.limit': '한꺼번에 너무 많습니다. 잠시 뒤 다시 시도하세요.',
  'error.rest': '라인이 다시 켜지기 전에 {span} 더 쉽니다. 그 뒤에 다시 시도하세요.',
  'error.locked': '잠겨 있습니다: {reason}. 먼저 라인의 ⋯ 메뉴에서 잠금을 해제하십시오.',
  'error.locked.plain': '이 라인은 잠겨 있습니다. 먼저 ⋯ 메뉴에서 잠금을 해제하십시오.',
  'error.bad-request':
    '게이트웨이가 이 요청을 처리할 수 없습니다. 값을 확인하십시오. 응답: {message}',
  'error.no-such-method':
    '이 게이트웨이에는 이 명령이 없습니다. 더 새로운 gpio-gateway에는 있을 수 있습니다.',
  'error.not-found': '게이트웨이에서 찾을 수 없습니다. 페이지를 새로 고친 뒤 다시 시도하십시오.',
  'error.not-simulated':
    '실제 하드웨어에 연결된 라인입니다. 화면이 아니라 부품을 직접 움직이십시오.',
  'error.too-large': '한 번에 보낼 수 있는 크기를 넘었습니다. 나누어 보내십시오.',
  'error.internal': '게이트웨이에서 오류가 발생했습니다. 원인은 로그에 있습니다: {message}',
  'error.unknown': '되지 않았습니다: {message}. 다시 시도하거나 게이트웨이의 로그를 보세요.',
};
