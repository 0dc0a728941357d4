// @ts-check
/** @type {Record<string, string>} */
export default {
  'copied': '복사했습니다.',

  'copy.failed': '브라우저가 복사를 허락하지 않았습니다. 글을 직접 선택해 복사하세요.',

  'copy': '복사',

  'hand.title': '같은 일을 손으로',

  'act.switch.on': '켜기',
  'act.switch.off': '끄기',
  'act.toggle': '바꾸기',
  'act.stop': '멈춤',
  'act.pulse': '펄스',
  'act.blink': '깜빡임',
  'act.pwm': 'PWM',
  'act.lock': '잠그기',
  'act.unlock': '잠금 풀기',
  'act.lock.why': '잠그는 까닭',
  'act.hold': '누르고 있기',
  'act.release': '놓기',
  'act.length': '길이',
  'act.on': '켜짐',
  'act.off': '꺼짐',
  'act.count': '횟수, 0은 계속',
  'act.times': '번',
  'act.duty': '듀티',
  'act.rate': '주파수',
  'act.input.real': '입력입니다. 바깥에서 일어나는 일을 보여 줍니다.',
  'act.input.simulated':
    '시뮬레이션 입력입니다. 여기서 누르고 있거나, 회로에서 원하는 만큼 누르세요.',

  'fact.pin': '핀',
  'fact.chip': '칩',
  'fact.offset': '오프셋 {n}',
  'fact.bias': '바이어스',
  'fact.drive': '구동',
  'fact.low': '활성',
  'fact.low.yes': '낮음',
  'fact.edges': '에지',
  'fact.source': '마지막으로 바꾼 곳',
  'fact.interlock': '인터록',
  'fact.press': '마지막 누름',
  'fact.signal': '신호',
  'fact.name': '이름',

  'share.how': '다른 전화기의 카메라로 비추세요. 같은 네트워크에 있어야 합니다.',
  'share.role': '여는 사람은',
  'share.operator': '이 링크로 모든 것을 켜고 끌 수 있습니다. 열쇠처럼 다루세요.',
  'share.viewer': '이 링크로는 볼 수만 있고 바꿀 수 없습니다.',
  'share.qr': 'QR 코드. {words}',
  'share.none':
    '게이트웨이가 이 컴퓨터에서만 듣고 있습니다. 설정의 listen.http에 네트워크 주소를 추가하세요.',

  'role.operator': '운영자',
  'role.viewer': '관람자',

  'settings.language': '언어',
  'settings.theme': '모습',
  'settings.contrast': '대비',
  'settings.auto': '기기를 따름',
  'settings.light': '낮',
  'settings.dark': '밤',
  'settings.more': '높게',
  'settings.awake': '화면 켜 두기',
  'settings.awake.none': '이 브라우저에서는 안 되거나 HTTPS에서만 됩니다.',
  'settings.vibrate': '누를 때 진동',
  'settings.pulse': '길게 누를 때 펄스 길이',
  'settings.logout': '로그아웃',
  'settings.role': '당신은 {role}입니다.',
  'settings.backend': '{backend}(으)로 하드웨어를 다룹니다.',
};
