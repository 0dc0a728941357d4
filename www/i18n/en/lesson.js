// @ts-check
/** @type {Record<string, string>} */
export default {
  'lesson.title': 'Sockets, step by step',
  'lesson.why':
    'The lecture with real sockets: predict, let the gateway do it, and look at each call.',
  'lesson.back': 'This gateway’s sockets',
  'lesson.progress': '{done} of {all} steps done',
  'lesson.done': 'done',
  'lesson.steps': 'Steps',
  'lesson.chapter.1': 'What a socket is',
  'lesson.chapter.2': 'The flow',
  'lesson.chapter.3': 'TCP and UDP',
  'lesson.chapter.4': 'The functions',
  'lesson.chapter.5': 'The circuit',
  'lesson.place': 'Step {n} of {all}',
  'lesson.previous': 'Back',
  'lesson.forward': 'Next step',
  'lesson.run': 'Make it happen',
  'lesson.again': 'Once more',
  'lesson.predict': 'Choose what you expect first.',
  'lesson.operator':
    'Only an operator may make these calls. Ask your teacher: what is shown there comes here, too.',
  'lesson.next': 'Next call',
  'lesson.slow': 'Slowly',
  'lesson.pause': 'Pause',
  'lesson.all': 'All calls',
  'lesson.count': 'Call {n} of {all}',
  'lesson.calls': 'Calls in order',
  'lesson.kernel': 'The kernel’s state after this call',
  'lesson.call': 'This call',
  'lesson.returns': 'returns',
  'lesson.right': 'As you predicted.',
  'lesson.wrong': 'You predicted “{answer}”. The outcome was different:',
  'lesson.happened': 'What happened',
  'lesson.hand': 'The same by hand',
  'lesson.project': 'Projector',
  'lesson.project.end': 'End projector',
  'lesson.queue': 'queue {now} of {limit}',
  'lesson.unread': '{n} bytes unread',
  'lesson.none': 'not open',
  'lesson.circuit.none': 'This circuit has no output that could be switched.',
  'lesson.actor.server': 'server socket',
  'lesson.actor.connection': 'connection',
  'lesson.actor.client': 'client',
  'lesson.actor.receiver': 'UDP receiver',
  'lesson.actor.sender': 'UDP sender',
  'lesson.actor.try': 'socket',
  'lesson.actor.page': 'this page',
  'lesson.actor.gateway': 'gateway',
  'class.teach': 'Teach a class',
  'class.end': 'Stop teaching',
  'class.invite': 'Invite by QR code',
  'class.teaching': 'The class sees your step.',
  'class.following': 'You see your teacher’s step.',
  'class.taught': 'A class is being taught.',
  'class.follow': 'Follow the teacher',
  'class.alone': 'Go on alone',
  'class.gone': 'The teacher has left the class. The step stays; you can go on alone.',
  'class.other': 'Somebody else teaches the class now.',

  'lesson.socket.title': 'What a socket is',
  'lesson.socket.text':
    'A socket is the software device by which a process sends and receives data; data goes in and out through it. The program holds it as a file descriptor, a small number. Protocol, IP address and port define it. Server and client keep the connection open, data goes both ways, and either may send at any time. How many may connect is limited.',
  'lesson.socket.ask':
    'Two clients connect to the same port of one server. How does the kernel tell the two connections apart?',
  'lesson.socket.1': 'By the order in which they came',
  'lesson.socket.2': 'By each client’s own address and port',
  'lesson.socket.3': 'Each gets another port at the server',
  'lesson.socket.after':
    'At the server both connections have port {port}. The clients differ: {first} and {second}. The protocol and the addresses and ports of both ends, these five values define one connection.',

  'lesson.tcp.title': 'The flow of TCP',
  'lesson.tcp.text':
    'The server calls socket, bind and listen, and fetches clients with accept. The client calls socket and connect. Then both send and receive over the connection, and each calls close.',
  'lesson.tcp.ask': 'The client calls close. What does the server’s next recv() return?',
  'lesson.tcp.1': '0, the end of the stream',
  'lesson.tcp.2': '-1 and an error',
  'lesson.tcp.3': 'Nothing: it waits for ever',
  'lesson.tcp.after':
    'The answer “{answer}” came back over the same connection. When the client had called close({fd}), recv() at the server returned 0. That is no error but the end of the stream. Then the server closes its own side.',

  'lesson.udp.title': 'The flow of UDP',
  'lesson.udp.text':
    'UDP has no connection, so it needs no listen, no accept and no connect, and there is no difference between a server socket and a client socket. Data is sent to an IP address and a port, not over a connection. The server binds a port, and each sendto() names where the message goes. recvfrom() tells who sent it. (The gateway calls recvmsg(), which tells a little more.)',
  'lesson.udp.ask': 'How many sockets does the server need to answer the client?',
  'lesson.udp.1': 'One: it answers through the socket that received',
  'lesson.udp.2': 'Two: one to receive, one to answer',
  'lesson.udp.3': 'One for each message',
  'lesson.udp.after':
    'The message came from {from}, and the answer went there through the same socket, fd {fd}. These two were the only packets: none to begin, none to end.',

  'lesson.compare.title': 'Stream or datagrams',
  'lesson.compare.text':
    'TCP is connection-oriented: it sends a stream of bytes as if there were a circuit between both sides (a virtual circuit). The stream has no size limit and keeps its order, and what is lost is sent again. Server and client are connected one to one. UDP sends datagrams (messages), each by itself.',
  'lesson.compare.ask':
    'The client sends “one ”, “two ” and “three ” over TCP and over UDP. Then the server reads with room for 64 bytes. What does it read?',
  'lesson.compare.1': 'TCP: all at once. UDP: one message at a time',
  'lesson.compare.2': 'Both: one message at a time',
  'lesson.compare.3': 'Both: all at once',
  'lesson.compare.after':
    'Over TCP one recv() returned {bytes} bytes, “{text}”. The boundaries are gone, so programs must mark where a message ends: this gateway does it with a line break. Over UDP {reads} calls of recvmsg() returned {sizes} bytes: each message as it was sent.',

  'lesson.loss.title': 'UDP has no flow control',
  'lesson.loss.text':
    'TCP acknowledges what came, sends lost data again and makes a fast sender wait (flow control). That takes time and CPU, which is bad for streaming. UDP does none of it. It suits services where speed matters more than reliability; a file transfer needs reliability. Here the receive buffer is the smallest that Linux allows, and nobody reads.',
  'lesson.loss.ask':
    'The client sends 12 datagrams of 1,024 bytes. How does it learn that the server’s buffer is full?',
  'lesson.loss.1': 'sendto() returns an error',
  'lesson.loss.2': 'sendto() waits until there is room',
  'lesson.loss.3': 'It does not learn it',
  'lesson.loss.after':
    'All {sent} calls of sendto() returned 1024, but only {came} messages could be read. The kernel dropped the other {lost} and told nobody. To be certain over UDP, a program must number its messages and send lost ones again itself.',

  'lesson.many.title': 'One socket, many peers',
  'lesson.many.text':
    'With TCP, server and client are connected one to one, so the server has a socket for each client. UDP can do one to one, and also one to many (1:N) and many to many (N:M).',
  'lesson.many.ask':
    'Three clients send to one UDP server, which answers each of them. How many sockets does the server have?',
  'lesson.many.1': '1',
  'lesson.many.2': '3',
  'lesson.many.3': '4',
  'lesson.many.after':
    'One. Through fd {fd} it received from {clients} clients and answered each at the address that came with its message. A TCP server would need {tcp}: the listening socket and one for each client.',

  'lesson.limit.title': 'How large a datagram may be',
  'lesson.limit.text':
    'The lecture says that a datagram has 65,535 bytes and that a longer one is cut. 65,535 bytes is the length of a whole IPv4 packet, in which IP’s header takes 20 bytes and UDP’s header 8.',
  'lesson.limit.ask': 'What does sendto() do with 65,508 bytes?',
  'lesson.limit.1': 'It sends them in two parts',
  'lesson.limit.2': 'It cuts off the last byte',
  'lesson.limit.3': 'It returns an error and sends nothing',
  'lesson.limit.after':
    '{most} bytes arrived whole; sendto() with {more} bytes returned {errno}. Sending cuts nothing. What cuts is a receive buffer that is too small: read into 6 bytes, “toggle red” became “{cut}”, and the rest was gone.',

  'lesson.domains.title': 'socket(): domain and type',
  'lesson.domains.text':
    'socket(domain, type, protocol) makes a socket and returns its descriptor. The domain says where it communicates: PF_INET (IPv4), PF_INET6 (IPv6), PF_LOCAL (processes of one machine), PF_PACKET (packets of an interface), PF_IPX (Novell). The type says how: SOCK_STREAM (TCP/IP) or SOCK_DGRAM (UDP/IP). The protocol is the one that the socket uses; 0 is the usual one of the type. PF_ and AF_ names are the same numbers.',
  'lesson.domains.ask': 'Which of these domains does Linux no longer know?',
  'lesson.domains.1': 'PF_LOCAL',
  'lesson.domains.2': 'PF_PACKET',
  'lesson.domains.3': 'PF_IPX',
  'lesson.domains.after':
    'The kernel made {made} of {tried} sockets. PF_IPX: {ipx}, since Linux removed IPX in version 4.18 (2018). PF_PACKET: {packet}; it needs the capability CAP_NET_RAW.',

  'lesson.bind.title': 'bind(): address and port',
  'lesson.bind.text':
    'bind(fd, address, length) gives a socket the IP address and the port at which it can be reached. With port 0 the kernel chooses a free one.',
  'lesson.bind.ask':
    'The first socket listens at its port. A second socket binds the same port. What does bind() return?',
  'lesson.bind.1': '0: both share the port',
  'lesson.bind.2': 'The error EADDRINUSE',
  'lesson.bind.3': '0, and the first socket loses the port',
  'lesson.bind.after':
    'The kernel chose port {port}. The second bind() got {second}: the port is taken. The third named an address of another machine and got {third}.',

  'lesson.listen.title': 'listen(): the queue',
  'lesson.listen.text':
    'listen(fd, backlog) makes a socket wait for clients. From then on the kernel itself makes the connections and keeps them in a queue until accept() fetches them. backlog is the size of this queue.',
  'lesson.listen.ask':
    'backlog is 1. Four clients connect, and the server does not call accept(). How many get a connection?',
  'lesson.listen.1': '1',
  'lesson.listen.2': '2',
  'lesson.listen.3': '4',
  'lesson.listen.after':
    'Connected: {connected}. Linux lets in one more than backlog says; its queue shows {now} with a limit of {limit}. Of the other {waiting} the kernel drops the SYN: they stay in {state} and send it again after 1, 2, 4 … seconds.',

  'lesson.accept.title': 'accept(): one socket for each client',
  'lesson.accept.text':
    'accept(fd, address, length) takes the oldest connection out of the queue and returns a new descriptor for it. The server socket only takes connections; data goes through the new socket, which the lecture calls the client socket. (accept4() is accept() with flags.)',
  'lesson.accept.ask': 'The server has not called accept() yet. Is the client connected?',
  'lesson.accept.1': 'Yes, it can even send already',
  'lesson.accept.2': 'No, connect() waits for accept()',
  'lesson.accept.3': 'Yes, but it cannot send yet',
  'lesson.accept.after':
    'Yes. The client was {state} and had sent {bytes} bytes while its connection was still in the queue. accept4({listener}) returned {fd}, where the bytes were waiting. The second call found the queue empty and returned {again}, because the gateway’s sockets do not block; a blocking one would wait.',

  'lesson.connect.title': 'connect(): asking for a connection',
  'lesson.connect.text':
    'connect(fd, address, length) asks a server for a connection. TCP does it in three segments: SYN, SYN ACK, ACK. With UDP, connect() only stores the address of the peer.',
  'lesson.connect.ask':
    'A server has called bind() but not listen(). What happens to the client that connects?',
  'lesson.connect.1': 'It waits until the server listens',
  'lesson.connect.2': 'It is refused at once',
  'lesson.connect.3': 'It is connected, but cannot send',
  'lesson.connect.after':
    'It got {refused}: the kernel answers the SYN with RST. After listen() the next client was connected. With UDP, connect() returned {udp} without any packet; the first send() succeeded, and only the second one got {late}, from the ICMP message that had come back.',

  'lesson.close.title': 'close(): the end, in each direction',
  'lesson.close.text':
    'close(fd) closes the socket and gives the descriptor back. TCP ends each direction by itself: FIN means “I send no more”. shutdown(fd, SHUT_WR) sends FIN, and the socket can still read.',
  'lesson.close.ask': 'The client has sent FIN with shutdown(). Can the server still send to it?',
  'lesson.close.1': 'Yes, that direction is still open',
  'lesson.close.2': 'No, the connection is gone',
  'lesson.close.3': 'Yes, but the client cannot read it',
  'lesson.close.after':
    'Yes. recv() at the server returned 0, and yet its “{bye}” arrived. After the client’s close() one more send() was accepted; the client’s kernel answered it with RST, and the next send() got {error}.',

  'lesson.circuit.title': 'The circuit',
  'lesson.circuit.text':
    'All of it together: a message through a socket moves a pin. This page holds one TCP connection to the gateway, its WebSocket. The gateway reads the command, switches the line and tells everybody.',
  'lesson.circuit.ask':
    'The page switches a line on and off again. How many new connections does that take?',
  'lesson.circuit.1': 'None: the open connection carries everything',
  'lesson.circuit.2': 'One for both',
  'lesson.circuit.3': 'One for each command',
  'lesson.circuit.after':
    'None. {title} was switched twice through the connection {peer}, which was open already (fd {fd} at the gateway). It took {bytes} bytes to the gateway.',

  'call.socket': 'makes a socket',
  'call.bind': 'gives it an address and a port',
  'call.getsockname': 'asks which address and port it has',
  'call.setsockopt': 'sets an option',
  'call.getsockopt': 'asks how the connection attempt ended',
  'call.listen': 'lets clients connect',
  'call.accept4': 'fetches a connection from the queue',
  'call.connect': 'asks for a connection; with UDP, stores the peer',
  'call.send': 'sends through the connection',
  'call.recv': 'reads what came; 0 is the end',
  'call.sendto': 'sends one datagram',
  'call.recvmsg': 'reads one datagram and its sender',
  'call.shutdown': 'ends one direction',
  'call.close': 'closes the socket and gives the descriptor back',

  'arg.domain': 'where it communicates',
  'arg.type': 'stream or datagrams; the flags: never wait, close on exec',
  'arg.protocol': '0: the usual one of this type',
  'arg.fd': 'the socket’s descriptor',
  'arg.fd.listener': 'the listening socket’s descriptor',
  'arg.address.own': 'its own address and port; 0 lets the kernel choose',
  'arg.address.server': 'the server’s address and port',
  'arg.address.to': 'where the datagram goes',
  'arg.level': 'which layer the option belongs to',
  'arg.option': 'the option',
  'arg.value': 'its value',
  'arg.backlog': 'how many connections may wait in the queue',
  'arg.length': 'how much is sent',
  'arg.size': 'room for so many bytes',
  'arg.how': 'SHUT_WR: it sends no more',
};
