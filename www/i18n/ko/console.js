// @ts-check
/** @type {Record<string, string>} */
export default {
  'console.command': '명령',
  'console.send': '보내기',
  'console.log': '보낸 것과 돌아온 것',
  'console.copy': '이 명령을 복사:',
  'console.traffic': 'WebSocket을 지나는 모든 것 보기',
  'console.out': '보냄',
  'console.in': '받음',
  'console.error': '오류',
  'console.help': '무엇을 쓸 수 있나요?',
  'console.help.words': '낱말:',
  'console.help.rpc': '메서드와 매개변수, 또는 JSON-RPC 메시지 전체:',

  'syntax.empty': '먼저 명령을 쓰세요. 예: {example}',
  'syntax.json': '아직 JSON이 아닙니다: {why}',
  'syntax.method': 'JSON-RPC 메시지에는 “method”가 있어야 합니다.',
  'syntax.verb': '“{verb}”은(는) 명령이 아닙니다. 아래의 “무엇을 쓸 수 있나요?”를 여세요.',
  'syntax.usage': '이렇게 씁니다: {usage}',
  'syntax.none': '게이트웨이에 그런 메서드가 없습니다. methods 를 입력하세요.',
};
