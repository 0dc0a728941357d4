// @ts-check
/** @type {Record<string, string>} */
export default {
  'lesson.title': '소켓, 한 단계씩',
  'lesson.why':
    '강의를 실제 소켓으로 따라갑니다. 먼저 예상하고, 게이트웨이로 실행하고, 호출을 하나씩 살펴봅니다.',
  'lesson.back': '이 게이트웨이의 소켓',
  'lesson.progress': '{all}단계 중 {done}단계 완료',
  'lesson.done': '완료',
  'lesson.steps': '단계',
  'lesson.chapter.1': '소켓',
  'lesson.chapter.2': '통신의 흐름',
  'lesson.chapter.3': 'TCP와 UDP',
  'lesson.chapter.4': '소켓 통신 함수',
  'lesson.chapter.5': '회로도',
  'lesson.place': '{all}단계 중 {n}단계',
  'lesson.previous': '이전',
  'lesson.forward': '다음 단계',
  'lesson.run': '실행하기',
  'lesson.again': '다시 실행',
  'lesson.predict': '먼저 예상하는 답을 고르십시오.',
  'lesson.operator':
    '실행하려면 운영자 권한이 필요합니다. 선생님이 실행하면 그 내용이 이 화면에도 나타납니다.',
  'lesson.next': '다음 호출',
  'lesson.slow': '천천히',
  'lesson.pause': '일시 정지',
  'lesson.all': '모두 보기',
  'lesson.count': '호출 {n}/{all}',
  'lesson.calls': '호출 순서',
  'lesson.kernel': '이 호출 직후 커널의 상태',
  'lesson.call': '이 호출',
  'lesson.returns': '반환값',
  'lesson.right': '예상한 대로입니다.',
  'lesson.wrong': '예상한 답은 “{answer}”이지만, 결과는 달랐습니다.',
  'lesson.happened': '실행 결과',
  'lesson.hand': '직접 해 보기',
  'lesson.project': '프로젝터 모드',
  'lesson.project.end': '프로젝터 모드 끝내기',
  'lesson.queue': '대기열 {now}/{limit}',
  'lesson.unread': '읽지 않은 데이터 {n}바이트',
  'lesson.none': '열려 있지 않음',
  'lesson.circuit.none': '이 회로에는 켜고 끌 수 있는 출력이 없습니다.',
  'lesson.actor.server': '서버 소켓',
  'lesson.actor.connection': '연결 소켓',
  'lesson.actor.client': '클라이언트',
  'lesson.actor.receiver': 'UDP 수신 소켓',
  'lesson.actor.sender': 'UDP 송신 소켓',
  'lesson.actor.try': '소켓',
  'lesson.actor.page': '이 페이지',
  'lesson.actor.gateway': '게이트웨이',
  'class.teach': '수업하기',
  'class.end': '수업 끝내기',
  'class.invite': 'QR 코드로 초대',
  'class.teaching': '학생들이 이 단계를 함께 보고 있습니다.',
  'class.following': '선생님이 보여 주는 단계를 보고 있습니다.',
  'class.taught': '수업이 진행 중입니다.',
  'class.follow': '수업 따라가기',
  'class.alone': '혼자 진행하기',
  'class.gone': '선생님이 수업에서 나갔습니다. 이 단계부터 혼자 진행할 수 있습니다.',
  'class.other': '이제 다른 사람이 수업을 진행합니다.',

  'lesson.socket.title': '소켓이란 무엇인가',
  'lesson.socket.text':
    '소켓은 프로세스가 데이터를 주고받을 때 사용하는 소프트웨어 장치로, 데이터가 드나드는 창구 역할을 합니다. 프로그램은 소켓을 파일 디스크립터라는 작은 번호로 다룹니다. 소켓은 프로토콜, IP 주소, 포트 번호로 정의됩니다. 소켓 통신은 서버와 클라이언트가 연결을 계속 유지하는 양방향 통신이며, 양쪽 모두 요청이나 허가 없이 언제든지 데이터를 보낼 수 있습니다. 연결할 수 있는 최대 개수는 정해져 있습니다.',
  'lesson.socket.ask':
    '두 클라이언트가 한 서버의 같은 포트에 연결합니다. 커널은 두 연결을 무엇으로 구별합니까?',
  'lesson.socket.1': '연결한 순서',
  'lesson.socket.2': '각 클라이언트의 주소와 포트',
  'lesson.socket.3': '서로 다른 서버 포트',
  'lesson.socket.after':
    '서버 쪽 포트는 두 연결 모두 {port}번이지만, 클라이언트 쪽이 다릅니다: {first}, {second}. 프로토콜과 양쪽의 주소, 포트까지 모두 다섯 가지 값이 연결 하나를 정의합니다.',

  'lesson.tcp.title': 'TCP 통신의 흐름',
  'lesson.tcp.text':
    '서버는 socket, bind, listen을 차례로 호출하고 accept로 클라이언트를 받아들입니다. 클라이언트는 socket과 connect를 호출합니다. 연결되면 양쪽이 데이터를 주고받고, 끝나면 각자 close를 호출합니다.',
  'lesson.tcp.ask': '클라이언트가 close를 호출했습니다. 서버의 다음 recv()는 무엇을 반환합니까?',
  'lesson.tcp.1': '0, 스트림의 끝',
  'lesson.tcp.2': '-1과 오류',
  'lesson.tcp.3': '반환하지 않고 계속 기다림',
  'lesson.tcp.after':
    '응답 “{answer}”도 같은 연결로 돌아왔습니다. 클라이언트가 close({fd})를 호출하자 서버의 recv()는 0을 반환했습니다. 0은 오류가 아니라 스트림의 끝을 뜻합니다. 이어서 서버도 자기 쪽 소켓을 닫습니다.',

  'lesson.udp.title': 'UDP 통신의 흐름',
  'lesson.udp.text':
    'UDP에는 연결이 없으므로 listen, accept, connect가 필요 없고, 서버 소켓과 클라이언트 소켓의 구분도 없습니다. 데이터는 연결이 아니라 IP 주소와 포트를 지정해 보냅니다. 서버는 bind로 포트를 지정하고, sendto()는 호출할 때마다 받을 주소를 지정합니다. recvfrom()은 보낸 쪽의 주소를 알려 줍니다. (게이트웨이는 정보를 조금 더 알려 주는 recvmsg()를 호출합니다.)',
  'lesson.udp.ask': '서버가 클라이언트에 응답하려면 소켓이 몇 개 필요합니까?',
  'lesson.udp.1': '하나: 받은 소켓으로 응답',
  'lesson.udp.2': '둘: 수신용 하나, 응답용 하나',
  'lesson.udp.3': '메시지마다 하나씩',
  'lesson.udp.after':
    '메시지는 {from}에서 왔고, 응답은 같은 소켓(fd {fd})을 통해 그 주소로 갔습니다. 오간 패킷은 이 둘뿐입니다. 시작을 알리는 패킷도, 끝을 알리는 패킷도 없습니다.',

  'lesson.compare.title': '스트림과 데이터그램',
  'lesson.compare.text':
    'TCP는 연결형 서비스입니다. 양쪽 사이에 회선이 하나 있는 것처럼(가상 회선 방식) 바이트 스트림을 전송합니다. 데이터의 크기에 제한이 없고 순서가 유지되며, 손실된 데이터는 다시 전송됩니다. 서버와 클라이언트는 1대1로 연결됩니다. UDP는 데이터그램(메시지)을 하나씩 따로 전송합니다.',
  'lesson.compare.ask':
    '클라이언트가 “one ”, “two ”, “three ”를 TCP와 UDP로 각각 보냅니다. 그다음 서버가 64바이트 버퍼로 읽습니다. 어떻게 읽힙니까?',
  'lesson.compare.1': 'TCP는 한꺼번에, UDP는 메시지 하나씩',
  'lesson.compare.2': '둘 다 메시지 하나씩',
  'lesson.compare.3': '둘 다 한꺼번에',
  'lesson.compare.after':
    'TCP에서는 recv() 한 번에 {bytes}바이트가 모두 읽혔습니다: “{text}”. 메시지의 경계가 사라지므로 프로그램이 끝을 표시해야 합니다. 이 게이트웨이는 줄바꿈으로 표시합니다. UDP에서는 recvmsg()를 {reads}번 호출해 차례로 {sizes}바이트를 읽었습니다. 메시지가 보낸 그대로 하나씩 읽혔습니다.',

  'lesson.loss.title': '흐름 제어가 없는 UDP',
  'lesson.loss.text':
    'TCP는 받은 데이터를 확인(ACK)하고, 손실된 데이터를 다시 보내며, 받는 쪽보다 빠른 송신자를 기다리게 합니다(흐름 제어). 그만큼 시간과 CPU를 더 쓰므로 스트리밍 서비스에는 불리합니다. UDP에는 이런 기능이 없으므로, 파일 전송처럼 신뢰성이 필요한 서비스보다 성능이 중요한 서비스에 사용합니다. 여기서는 수신 버퍼를 리눅스가 허용하는 최솟값으로 줄이고, 아무도 읽지 않습니다.',
  'lesson.loss.ask':
    '클라이언트가 1,024바이트 데이터그램을 12개 보냅니다. 서버의 버퍼가 가득 찬 것을 어떻게 알게 됩니까?',
  'lesson.loss.1': 'sendto()가 오류를 반환',
  'lesson.loss.2': 'sendto()가 자리가 날 때까지 대기',
  'lesson.loss.3': '알 수 없음',
  'lesson.loss.after':
    'sendto()는 {sent}번 모두 1024를 반환했지만, 읽을 수 있는 메시지는 {came}개뿐이었습니다. 커널은 나머지 {lost}개를 버리고 아무에게도 알리지 않았습니다. UDP로 확실히 전달하려면 프로그램이 직접 번호를 매기고 다시 보내야 합니다.',

  'lesson.many.title': '소켓 하나로 여러 상대와',
  'lesson.many.text':
    'TCP에서는 서버와 클라이언트가 1대1로 연결되므로 서버에 클라이언트마다 소켓이 하나씩 있습니다. UDP에서는 1대1은 물론 1대N, N대M 통신도 할 수 있습니다.',
  'lesson.many.ask':
    '클라이언트 세 개가 UDP 서버 하나에 메시지를 보내고, 서버는 각각에 응답합니다. 서버의 소켓은 몇 개입니까?',
  'lesson.many.1': '1개',
  'lesson.many.2': '3개',
  'lesson.many.3': '4개',
  'lesson.many.after':
    '하나입니다. fd {fd} 하나로 클라이언트 {clients}개에서 받고, 메시지와 함께 온 주소로 각각 응답했습니다. TCP 서버라면 서버 소켓 하나와 클라이언트마다 하나씩, 모두 {tcp}개가 필요합니다.',

  'lesson.limit.title': '데이터그램의 최대 크기',
  'lesson.limit.text':
    '강의에는 데이터그램의 크기가 65,535바이트이며 초과하면 잘라서 보낸다고 나와 있습니다. 65,535바이트는 IPv4 패킷 전체의 최대 길이이며, 그 안에 IP 헤더 20바이트와 UDP 헤더 8바이트가 들어갑니다.',
  'lesson.limit.ask': 'sendto()로 65,508바이트를 보내면 어떻게 됩니까?',
  'lesson.limit.1': '둘로 나누어 보냄',
  'lesson.limit.2': '마지막 바이트를 잘라 냄',
  'lesson.limit.3': '오류를 반환하고 보내지 않음',
  'lesson.limit.after':
    '{most}바이트는 온전히 도착했고, {more}바이트를 보내는 sendto()는 {errno} 오류를 반환했습니다. 보낼 때는 잘리지 않습니다. 받는 버퍼가 작을 때 잘립니다. “toggle red”를 6바이트 버퍼로 읽으면 “{cut}”만 남고 나머지는 사라집니다.',

  'lesson.domains.title': 'socket(): domain과 type',
  'lesson.domains.text':
    'socket(domain, type, protocol)은 소켓을 만들고 디스크립터를 반환합니다. domain은 통신할 영역입니다: PF_INET(IPv4), PF_INET6(IPv6), PF_LOCAL(같은 시스템의 프로세스), PF_PACKET(인터페이스의 패킷), PF_IPX(노벨). type은 서비스의 종류입니다: SOCK_STREAM(TCP/IP) 또는 SOCK_DGRAM(UDP/IP). protocol은 소켓에서 사용할 프로토콜이며, 0은 그 type의 기본 프로토콜입니다. PF_로 시작하는 이름과 AF_로 시작하는 이름은 같은 번호입니다.',
  'lesson.domains.ask': '이 가운데 리눅스가 더는 지원하지 않는 domain은 무엇입니까?',
  'lesson.domains.1': 'PF_LOCAL(같은 시스템)',
  'lesson.domains.2': 'PF_PACKET(패킷)',
  'lesson.domains.3': 'PF_IPX(노벨)',
  'lesson.domains.after':
    '커널은 {tried}가지 가운데 {made}가지 소켓을 만들었습니다. PF_IPX의 결과는 {ipx}입니다. 리눅스는 2018년 4.18 버전에서 IPX를 제거했습니다. PF_PACKET의 결과는 {packet}입니다. 이 소켓을 만들려면 CAP_NET_RAW 권한이 필요합니다.',

  'lesson.bind.title': 'bind(): 주소와 포트 지정',
  'lesson.bind.text':
    'bind(fd, address, length)는 소켓에 IP 주소와 포트 번호를 지정합니다. 포트를 0으로 하면 커널이 비어 있는 포트를 고릅니다.',
  'lesson.bind.ask':
    '첫째 소켓이 한 포트에서 접속 요청을 기다리고 있습니다. 둘째 소켓이 같은 포트에 bind()를 호출하면 무엇을 반환합니까?',
  'lesson.bind.1': '0: 포트를 함께 사용',
  'lesson.bind.2': '오류 EADDRINUSE',
  'lesson.bind.3': '0: 첫째 소켓이 포트를 잃음',
  'lesson.bind.after':
    '커널은 {port}번 포트를 골랐습니다. 둘째 bind()는 {second} 오류를 반환했습니다. 이미 사용 중인 포트이기 때문입니다. 셋째 bind()는 다른 컴퓨터의 주소를 지정했으므로 {third} 오류를 반환했습니다.',

  'lesson.listen.title': 'listen(): 연결 대기열',
  'lesson.listen.text':
    'listen(fd, backlog)는 소켓이 클라이언트의 접속 요청을 기다리게 합니다. 이때부터 커널이 직접 연결을 맺고, accept()가 꺼낼 때까지 연결 대기열에 둡니다. backlog는 이 대기열의 크기입니다.',
  'lesson.listen.ask':
    'backlog는 1입니다. 클라이언트 네 개가 연결을 요청하고, 서버는 accept()를 호출하지 않습니다. 그중 몇 개가 연결됩니까?',
  'lesson.listen.1': '1개',
  'lesson.listen.2': '2개',
  'lesson.listen.3': '4개',
  'lesson.listen.after':
    '연결된 클라이언트는 {connected}개입니다. 리눅스는 backlog보다 하나 더 받아들입니다. 대기열에는 {now}개가 있고 한도는 {limit}개입니다. 나머지 {waiting}개의 SYN은 커널이 버리므로, 이 클라이언트들은 {state} 상태로 남아 1초, 2초, 4초 … 뒤에 SYN을 다시 보냅니다.',

  'lesson.accept.title': 'accept(): 클라이언트마다 소켓 하나',
  'lesson.accept.text':
    'accept(fd, address, length)는 대기열에서 가장 먼저 온 연결을 꺼내 새 디스크립터를 반환합니다. 서버 소켓은 연결만 담당하고, 데이터는 새 소켓으로 주고받습니다. 강의에서는 이 새 소켓을 클라이언트 소켓이라고 합니다. (accept4()는 accept()에 플래그 인자를 더한 함수입니다.)',
  'lesson.accept.ask':
    '서버가 아직 accept()를 호출하지 않았습니다. 클라이언트는 연결되어 있습니까?',
  'lesson.accept.1': '예, 벌써 데이터도 보낼 수 있음',
  'lesson.accept.2': '아니요, connect()가 accept()를 기다림',
  'lesson.accept.3': '예, 하지만 아직 보낼 수 없음',
  'lesson.accept.after':
    '연결되어 있습니다. 연결이 아직 대기열에 있을 때 클라이언트는 이미 {state} 상태였고 {bytes}바이트를 보냈습니다. accept4({listener})는 {fd}번 디스크립터를 반환했고, 데이터는 그 소켓에서 기다리고 있었습니다. 두 번째 호출은 대기열이 비어 있어 {again} 오류를 반환했습니다. 게이트웨이의 소켓은 논블로킹이기 때문이며, 블로킹 소켓이라면 기다립니다.',

  'lesson.connect.title': 'connect(): 연결 요청',
  'lesson.connect.text':
    'connect(fd, address, length)는 서버에 연결을 요청합니다. TCP에서는 SYN, SYN ACK, ACK 세 세그먼트로 연결을 맺습니다. UDP에서는 상대의 주소만 저장합니다.',
  'lesson.connect.ask':
    '서버가 bind()는 호출했지만 listen()은 호출하지 않았습니다. 연결을 요청한 클라이언트는 어떻게 됩니까?',
  'lesson.connect.1': '서버가 listen()을 호출할 때까지 대기',
  'lesson.connect.2': '곧바로 거부됨',
  'lesson.connect.3': '연결되지만 보낼 수 없음',
  'lesson.connect.after':
    '{refused} 오류를 받았습니다. 커널이 SYN에 RST로 답했기 때문입니다. listen() 뒤에는 다음 클라이언트가 연결되었습니다. UDP의 connect()는 패킷을 보내지 않고 {udp}을(를) 반환했습니다. 첫 send()는 성공했고, 두 번째 send()는 {late} 오류를 반환했습니다. 그 사이에 ICMP 메시지가 돌아왔기 때문입니다.',

  'lesson.close.title': 'close(): 방향별 종료',
  'lesson.close.text':
    'close(fd)는 소켓을 닫고 디스크립터를 반납합니다. TCP는 두 방향을 따로 끝냅니다. FIN은 “더 보낼 데이터가 없다”는 뜻입니다. shutdown(fd, SHUT_WR)은 FIN을 보내며, 소켓은 계속 읽을 수 있습니다.',
  'lesson.close.ask': '클라이언트가 shutdown()으로 FIN을 보냈습니다. 서버는 아직 보낼 수 있습니까?',
  'lesson.close.1': '예, 그 방향은 열려 있음',
  'lesson.close.2': '아니요, 연결이 끝났음',
  'lesson.close.3': '예, 하지만 클라이언트가 읽을 수 없음',
  'lesson.close.after':
    '보낼 수 있습니다. 서버의 recv()는 0을 반환했지만, 서버가 보낸 “{bye}” 메시지는 도착했습니다. 클라이언트가 close()를 호출한 뒤 서버의 첫 send()는 성공했습니다. 클라이언트의 커널이 RST로 답했고, 서버의 다음 send()는 {error} 오류를 반환했습니다.',

  'lesson.circuit.title': '회로 움직이기',
  'lesson.circuit.text':
    '이제 모두 합칩니다. 소켓을 지나간 메시지가 핀의 출력을 바꿉니다. 이 페이지는 게이트웨이와 TCP 연결 하나를 유지하며, 그 위에서 WebSocket을 사용합니다. 게이트웨이는 명령을 읽어 출력을 바꾸고, 연결된 모두에게 알립니다.',
  'lesson.circuit.ask': '이 페이지가 출력 하나를 켰다가 끕니다. 새 연결이 몇 개 필요합니까?',
  'lesson.circuit.1': '없음: 열린 연결로 모두 전달',
  'lesson.circuit.2': '둘을 합쳐 하나',
  'lesson.circuit.3': '명령마다 하나',
  'lesson.circuit.after':
    '새 연결은 없었습니다. 이미 열려 있던 연결 {peer}(게이트웨이의 fd {fd})로 명령을 두 번 보내 {title}의 상태를 바꿨습니다. 게이트웨이로 간 데이터는 {bytes}바이트입니다.',

  'call.socket': '소켓을 만듭니다',
  'call.bind': '주소와 포트를 지정합니다',
  'call.getsockname': '지정된 주소와 포트를 확인합니다',
  'call.setsockopt': '옵션을 설정합니다',
  'call.getsockopt': '연결 시도의 결과를 확인합니다',
  'call.listen': '접속 요청을 받기 시작합니다',
  'call.accept4': '대기열에서 연결을 꺼냅니다',
  'call.connect': '연결을 요청합니다. UDP에서는 상대의 주소를 저장합니다',
  'call.send': '연결로 데이터를 보냅니다',
  'call.recv': '도착한 데이터를 읽습니다. 0은 스트림의 끝입니다',
  'call.sendto': '데이터그램 하나를 보냅니다',
  'call.recvmsg': '데이터그램 하나와 보낸 쪽 주소를 읽습니다',
  'call.shutdown': '한 방향을 끝냅니다',
  'call.close': '소켓을 닫고 디스크립터를 반납합니다',

  'arg.domain': '통신할 영역',
  'arg.type': '스트림 또는 데이터그램. 플래그: 기다리지 않음, exec 호출 시 닫음',
  'arg.protocol': '0은 그 type의 기본 프로토콜',
  'arg.fd': '소켓 디스크립터',
  'arg.fd.listener': '서버 소켓의 디스크립터',
  'arg.address.own': '자기 주소와 포트. 포트가 0이면 커널이 고름',
  'arg.address.server': '서버의 주소와 포트',
  'arg.address.to': '데이터그램을 받을 주소',
  'arg.level': '옵션이 속한 계층',
  'arg.option': '옵션',
  'arg.value': '옵션의 값',
  'arg.backlog': '연결 대기열의 크기',
  'arg.length': '보내는 크기',
  'arg.size': '버퍼의 크기',
  'arg.how': 'SHUT_WR: 더 보내지 않음',
};
