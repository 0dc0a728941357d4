// @ts-check
/** @type {Record<string, string>} */
export default {
  'sockets.title': '소켓',
  'sockets.why': '게이트웨이의 모든 소켓과 소켓을 만든 호출, 그리고 오간 데이터를 보여 줍니다.',
  'lesson.open': '한 단계씩 배우는 소켓 강의',
  'sockets.listener': '서버 소켓(listening)',
  'sockets.listener.why':
    '접속 요청을 기다립니다. 새 연결은 accept4()가 꺼낼 때까지 연결 대기열(backlog)에 머뭅니다.',
  'sockets.connection': '연결',
  'sockets.connection.why':
    '연결마다 스트림이 하나씩 있으며, 바이트가 순서대로 양방향으로 흐릅니다.',
  'sockets.datagram': '데이터그램',
  'sockets.datagram.why': '연결이 없습니다. 메시지마다 따로 전송됩니다.',
  'sockets.packet': '패킷',
  'sockets.packet.why': '네트워크 카드를 지나는 패킷을 봅니다.',
  'sockets.one.listener': '서버 소켓',
  'sockets.one.connection': '연결',
  'sockets.one.datagram': '데이터그램 소켓',
  'sockets.one.packet': '패킷 소켓',
  'sockets.you': '내 연결',
  'sockets.idle': '유휴(idle) HTTP 연결 {n}개',
  'sockets.age': '{span} 동안',
  'sockets.queue': '대기열 {now}/{limit}, 수락 {accepted}, 거부 {refused}',
  'sockets.interfaces': '모든 인터페이스',
  'sockets.anyone': '누구나',
  'sockets.nobody': '상대 없음',
  'sockets.gateway': '게이트웨이',
  'sockets.story': '시간 순서로 본 호출과 세그먼트',
  'sockets.closed': '이 소켓은 닫혔습니다. 다른 소켓을 고를 때까지 기록이 여기에 남습니다.',
  'sockets.packets.none': '세그먼트를 볼 수 없습니다: {reason}',
  'sockets.packets.dropped': '커널의 버퍼가 부족해 세그먼트 {n}개가 누락되었습니다.',
  'sockets.packets.unix':
    '여기에는 세그먼트가 없습니다. 같은 시스템의 프로세스 사이에서는 커널이 바이트를 직접 전달합니다.',
  'sockets.before': '관찰 시작 전',
  'sockets.save': 'pcapng로 저장',
  'sockets.len': '{n}바이트',
  'sockets.in': '게이트웨이로',
  'sockets.out': '게이트웨이에서',

  'tcp.state': '상태',
  'tcp.rtt': '왕복 시간',
  'tcp.retransmits': '재전송',
  'tcp.cwnd': '혼잡 윈도',
  'tcp.unacked': 'ACK 대기',
  'tcp.in': '받음',
  'tcp.out': '보냄',
  'tcp.segments': '세그먼트 {n}개',
  'tcp.accepted': '수락',
  'tcp.refused': '거부',
  'tcp.datagrams.in': '받은 데이터그램',
  'tcp.datagrams.out': '보낸 데이터그램',
  'tcp.datagrams.cut': '잘림',
  'tcp.datagrams.dropped': '버려짐',
  'tcp.who': '상대',
  'tcp.waiting.in': '수신 버퍼',
  'tcp.waiting.out': '송신 버퍼',

  'try.title': 'socket()으로 무엇을 만들 수 있습니까?',
  'try.why': '칸을 누르면 게이트웨이가 실제로 그 호출을 하고, 결과를 보여 준 뒤 닫습니다.',
  'try.all': '모두 시험',

  'probe.inet.stream':
    'IPv4 위의 TCP입니다. 두 호스트를 잇는 바이트 스트림이며, 순서 유지와 재전송은 커널이 담당합니다.',
  'probe.inet.dgram':
    'IPv4 위의 UDP입니다. 연결 없이 메시지를 하나씩 보내며, 메시지의 경계는 유지되지만 도착은 보장되지 않습니다.',
  'probe.inet6.stream':
    'IPv6 위의 TCP입니다. IPV6_V6ONLY를 끄면 같은 소켓으로 IPv4 연결도 받습니다.',
  'probe.inet6.dgram': 'IPv6 위의 UDP입니다. 연결 없이 메시지를 하나씩 보냅니다.',
  'probe.unix.stream':
    '같은 시스템의 프로세스끼리 잇는 스트림입니다. 상대가 누구인지 커널이 알려 줍니다.',
  'probe.unix.dgram':
    '같은 시스템의 프로세스끼리 주고받는 메시지입니다. UDP와 달리 유실되지 않고 순서도 유지됩니다.',
  'probe.unix.raw': '리눅스는 여기서 SOCK_RAW를 SOCK_DGRAM으로 처리합니다.',
  'probe.unix.seqpacket':
    '연결을 맺으면서 메시지의 경계도 유지합니다. 스트림과 데이터그램의 중간입니다.',
  'probe.packet.dgram':
    '인터페이스의 모든 패킷을 네트워크 계층부터 봅니다. 이 프로세스에는 CAP_NET_RAW 권한이 있습니다.',
  'probe.packet.raw':
    '인터페이스의 모든 프레임을 링크 헤더까지 봅니다. 이 프로세스에는 CAP_NET_RAW 권한이 있습니다.',
  'probe.ipx': 'IPX(노벨)는 더 이상 쓰이지 않습니다. 리눅스는 2018년 4.18 버전에서 제거했습니다.',
  'probe.inet6.off': '이 커널에서는 IPv6가 꺼져 있습니다.',
  'probe.packet.permission':
    '모든 프로그램의 패킷을 볼 수 있으므로 CAP_NET_RAW 권한이 필요합니다. setcap cap_net_raw+ep 명령이나 서비스의 AmbientCapabilities=로 부여합니다.',
  'probe.raw.permission': 'raw 소켓에는 CAP_NET_RAW 권한이 필요합니다.',
  'probe.raw.protocol':
    'raw 소켓은 IPPROTO_ICMP처럼 프로토콜을 지정해야 합니다. 0은 사용할 수 없습니다.',
  'probe.packet.type': '패킷에는 경계가 있으므로 여기에는 SOCK_DGRAM과 SOCK_RAW만 있습니다.',
  'probe.seqpacket':
    'IP에서 연결과 메시지 경계를 함께 제공하는 것은 SCTP뿐이며, 여기에는 로드되어 있지 않습니다.',
  'probe.domain': '이 커널은 이 domain을 지원하지 않습니다.',
  'probe.descriptors': '이 프로세스에는 남은 파일 디스크립터가 없습니다.',
  'probe.made': '커널이 소켓을 만들었습니다.',
  'probe.refused': '커널이 거부했습니다. 이유는 errno에 있습니다.',
  'capture.permission':
    '패킷을 보려면 CAP_NET_RAW 권한이 필요합니다. sudo setcap cap_net_raw+ep build/gpio-gateway 명령이나 서비스의 AmbientCapabilities=CAP_NET_RAW로 부여합니다.',
  'race.title': '스트림과 데이터그램의 차이',
  'race.why':
    '게이트웨이가 번호를 매긴 메시지를 두 방식으로, 읽는 속도보다 빠르게 자신에게 보냅니다.',
  'race.run': '메시지 {n}개 보내기',
  'race.how':
    '메시지 크기 {bytes}바이트, 수신 버퍼 {buffer}바이트, 일부러 느리게 읽음: {span} 걸렸습니다.',
  'race.cut': '스트림을 모두 읽기 전에 제한 시간이 지났습니다.',
  'race.sent': '보낸 내용: 처음 메시지 {n}개',
  'race.read': '읽은 내용: 같은 바이트',
  'race.tcp':
    '메시지 {sent}개가 {bytes}바이트로, {reads}번에 나누어 읽혔습니다. 모두 순서대로 도착했지만 경계는 사라졌습니다.',
  'race.tcp.disorder':
    '메시지 {sent}개가 {bytes}바이트로, {reads}번에 나누어 읽혔지만 순서가 어긋났습니다. 있어서는 안 되는 일입니다.',
  'race.tcp.more':
    '읽기 {inside}번은 메시지 중간에서 끝났습니다. send() {sends}번 중 잃은 것은 없으며, 보내는 쪽이 {waits}번 기다렸습니다.',
  'race.udp':
    '메시지 {sent}개 중 {came}개가 온전히 도착했고, 대기열이 가득 차서 {lost}개를 잃었습니다.',
  'race.udp.order':
    '도착한 메시지는 순서를 지켰고 잘린 것은 {cut}개입니다. UDP는 둘 다 보장하지 않습니다.',
  'race.udp.disorder':
    '순서가 뒤바뀐 메시지가 있고 잘린 것은 {cut}개입니다. UDP는 순서를 보장하지 않습니다.',

  'flows.title': '강의의 두 통신 흐름, 실제 실행 결과',
  'flows.why':
    '실제로 실행된 호출입니다. 게이트웨이가 자신에게 메시지를 보낼 때(아래)는 클라이언트와 서버를 겸하므로 양쪽이 모두 보입니다.',
  'flows.client': '클라이언트',
  'flows.server': '서버',
  'flows.unseen': '상대 쪽 호출(여기서는 볼 수 없음)',
  'flows.to.server': '서버로',
  'flows.to.client': '클라이언트로',
};
