// @ts-check
/** @type {Record<string, string>} */
export default {
  'off.done': '모든 출력을 안전한 값으로 바꾸었습니다.',
  'unlock': '잠금 해제',
  'missing': '이 게이트웨이는 이 화면을 제공하지 않습니다. 더 새로운 gpio-gateway가 필요합니다.',
  'page.reload': '새로 고침',
  'page.changed': '게이트웨이가 업데이트되어 새 페이지를 제공합니다. 준비되면 새로 고치십시오.',
  'error.no-such-line': '게이트웨이에 이 라인이 없습니다. 페이지를 새로 고치십시오.',
  'error.not-an-output': '이 라인은 입력입니다. 볼 수는 있지만 켜거나 끌 수 없습니다.',
  'error.conflict': '다른 사람이 먼저 바꾸었습니다. 상태를 확인하고 다시 시도하십시오.',
  'error.interlock':
    '인터록 때문에 실행할 수 없습니다. {line}이(가) 켜져 있으며 둘을 함께 켤 수 없습니다. 먼저 끄십시오.',
  'error.interlock.plain':
    '인터록 때문에 실행할 수 없습니다. 어느 그룹인지는 라인의 ⋯ 메뉴에서 확인하십시오.',
  'error.unauthorized': '세션이 끝났습니다. 다시 로그인하십시오.',
  'error.gpio': '하드웨어 오류입니다: {message}. “gpio-gateway doctor”로 원인을 확인하십시오.',
  'error.rest': '이 라인은 다시 켜기 전에 {span} 더 쉽니다. 그 후에 다시 시도하십시오.',
  'error.locked': '잠겨 있습니다: {reason}. 먼저 라인의 ⋯ 메뉴에서 잠금을 해제하십시오.',
  'error.locked.plain': '이 라인은 잠겨 있습니다. 먼저 ⋯ 메뉴에서 잠금을 해제하십시오.',
  'error.bad-request':
    '게이트웨이가 이 요청을 처리할 수 없습니다. 값을 확인하십시오. 응답: {message}',
  'error.no-such-method':
    '이 게이트웨이에는 이 명령이 없습니다. 더 새로운 gpio-gateway가 필요합니다.',
  'error.not-found': '게이트웨이에서 찾을 수 없습니다. 페이지를 새로 고친 뒤 다시 시도하십시오.',
  'error.forbidden-pin': '이 핀에서는 다른 기능(I²C, SPI, 시리얼 포트)이 쓰이고 있을 수 있습니다.',
  'error.not-simulated':
    '실제 하드웨어에 연결된 라인입니다. 화면이 아니라 부품을 직접 움직이십시오.',
  'error.too-large': '한 번에 보낼 수 있는 크기를 넘었습니다. 나누어 보내십시오.',
  'error.internal': '게이트웨이에서 오류가 발생했습니다. 원인은 로그에 있습니다: {message}',
  'error.bad-config': '올바른 회로 설정이 아닙니다. 잘못된 곳에 이유가 표시됩니다.',
  'error.read-only':
    '게이트웨이가 회로 파일에 쓸 수 없습니다. 쓰기 권한을 주거나 파일을 직접 수정하십시오.',
};
