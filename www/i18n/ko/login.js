// @ts-check
/** @type {Record<string, string>} */
export default {
  'login.title': '토큰을 입력하십시오',
  'login.why': '이 게이트웨이는 토큰을 아는 사람만 사용할 수 있습니다.',
  'login.token': '토큰',
  'login.go': '로그인',
  'login.hint': '토큰은 게이트웨이가 시작할 때 출력되며, 다음 명령으로 다시 볼 수 있습니다.',
  'login.wrong': '토큰이 맞지 않습니다. 공백 없이 전체를 복사하십시오.',
};
