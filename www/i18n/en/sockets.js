// @ts-check
/** @type {Record<string, string>} */
export default {
  'sockets.title': 'Sockets',
  'sockets.why': 'Every socket of the gateway, the calls that made it, and what went through it.',
  'lesson.open': 'The lesson, step by step',
  'sockets.listener': 'Listening',
  'sockets.listener.why':
    'They wait for clients. New connections stay in a queue until accept4() takes them out.',
  'sockets.connection': 'Connections',
  'sockets.connection.why': 'A stream each: bytes in order, both ways.',
  'sockets.datagram': 'Datagrams',
  'sockets.datagram.why': 'No connection: each message travels by itself.',
  'sockets.packet': 'Packets',
  'sockets.packet.why': 'They see what passes the network card.',
  'sockets.one.listener': 'listening socket',
  'sockets.one.connection': 'connection',
  'sockets.one.datagram': 'datagram socket',
  'sockets.one.packet': 'packet socket',
  'sockets.you': 'you',
  'sockets.idle': 'Idle HTTP connections: {n}',
  'sockets.age': 'for {span}',
  'sockets.queue': '{now} of {limit} waiting, {accepted} accepted, {refused} refused',
  'sockets.interfaces': 'every interface',
  'sockets.anyone': 'anyone',
  'sockets.nobody': 'no peer',
  'sockets.gateway': 'gateway',
  'sockets.story': 'Calls and segments in time order',
  'sockets.closed': 'This socket is closed. What it did stays here until you choose another.',
  'sockets.packets.none': 'Segments are not visible: {reason}',
  'sockets.packets.dropped': 'The kernel had no room for {n} segments: they are missing here.',
  'sockets.packets.unix':
    'No segments here: between processes of one machine the kernel hands the bytes over itself.',
  'sockets.before': 'before anybody watched',
  'sockets.save': 'Save as pcapng',
  'sockets.len': '{n} bytes',
  'sockets.in': 'to the gateway',
  'sockets.out': 'from the gateway',

  'tcp.state': 'State',
  'tcp.rtt': 'Round trip',
  'tcp.retransmits': 'Retransmitted',
  'tcp.cwnd': 'Congestion window',
  'tcp.unacked': 'Not acknowledged',
  'tcp.in': 'Received',
  'tcp.out': 'Sent',
  'tcp.segments': '{n} segments',
  'tcp.accepted': 'Accepted',
  'tcp.refused': 'Refused',
  'tcp.datagrams.in': 'Datagrams in',
  'tcp.datagrams.out': 'Datagrams out',
  'tcp.datagrams.cut': 'Cut short',
  'tcp.datagrams.dropped': 'Dropped',
  'tcp.who': 'Peer',
  'tcp.waiting.in': 'Waiting to be read',
  'tcp.waiting.out': 'Waiting to be sent',

  'try.title': 'What can socket() make?',
  'try.why':
    'Press a field: the gateway really makes that call, shows the result, and closes it again.',
  'try.all': 'Try them all',

  'probe.inet.stream':
    'TCP over IPv4: a stream of bytes between two hosts. The kernel keeps the order and sends lost bytes again.',
  'probe.inet.dgram':
    'UDP over IPv4: separate messages that keep their boundaries, without a connection and with no guarantees.',
  'probe.inet6.stream': 'TCP over IPv6. With IPV6_V6ONLY off, the same socket also serves IPv4.',
  'probe.inet6.dgram': 'UDP over IPv6: separate messages, without a connection.',
  'probe.unix.stream':
    'A stream between processes of this machine. The kernel tells who is at the other end.',
  'probe.unix.dgram':
    'Messages between processes of this machine. Unlike UDP, none is lost and the order is kept.',
  'probe.unix.raw': 'Here Linux treats SOCK_RAW as SOCK_DGRAM.',
  'probe.unix.seqpacket':
    'A connection that keeps the boundaries of messages: between a stream and datagrams.',
  'probe.packet.dgram':
    'Every packet of the interfaces, from the network layer up. This process has CAP_NET_RAW.',
  'probe.packet.raw':
    'Every frame of the interfaces, with its link header. This process has CAP_NET_RAW.',
  'probe.ipx': 'IPX (Novell) is no longer used. Linux removed it in version 4.18 (2018).',
  'probe.inet6.off': 'IPv6 is switched off in this kernel.',
  'probe.packet.permission':
    'It would see the packets of every program, so it needs CAP_NET_RAW: setcap cap_net_raw+ep, or AmbientCapabilities= in the service.',
  'probe.raw.permission': 'Raw packets need CAP_NET_RAW.',
  'probe.raw.protocol':
    'A raw socket must name its protocol, such as IPPROTO_ICMP. 0 is not allowed.',
  'probe.packet.type': 'Packets have boundaries, so only SOCK_DGRAM and SOCK_RAW exist here.',
  'probe.seqpacket':
    'Over IP, only SCTP keeps boundaries in a connection, and it is not loaded here.',
  'probe.domain': 'This kernel does not know the domain.',
  'probe.descriptors': 'The process has no file descriptor left.',
  'probe.made': 'The kernel made a socket.',
  'probe.refused': 'The kernel refused. errno says why.',
  'capture.permission':
    'Packets need CAP_NET_RAW: sudo setcap cap_net_raw+ep build/gpio-gateway, or AmbientCapabilities=CAP_NET_RAW in the service.',
  'race.title': 'A stream or datagrams?',
  'race.why': 'The gateway sends itself numbered messages both ways, faster than they are read.',
  'race.run': 'Send {n} messages',
  'race.how':
    'Messages of {bytes} bytes, a receive buffer of {buffer} bytes, a slow reader: it took {span}.',
  'race.cut': 'Time was up before the whole stream was read.',
  'race.sent': 'Sent: the first {n} messages',
  'race.read': 'Read: the same bytes',
  'race.tcp':
    '{sent} messages came as {bytes} bytes in {reads} reads: all of them, in order, but their boundaries are gone.',
  'race.tcp.disorder':
    '{sent} messages came as {bytes} bytes in {reads} reads, and not in order. That should never happen.',
  'race.tcp.more':
    '{inside} reads ended inside a message. Of {sends} send() calls none was lost; {waits} times the sender had to wait for the reader.',
  'race.udp':
    'Of {sent} messages {came} came, each whole, and {lost} were lost when the queue was full.',
  'race.udp.order':
    'Those that came kept their order here, and {cut} were cut. UDP guarantees neither.',
  'race.udp.disorder': 'Some came out of order, and {cut} were cut: UDP guarantees no order.',

  'flows.title': 'The lecture’s two flows, as they really ran',
  'flows.why':
    'Calls that were really made. When the gateway sends itself messages (below), it is client and server at once and both sides are seen.',
  'flows.client': 'Client',
  'flows.server': 'Server',
  'flows.unseen': 'made by the peer: not seen from here',
  'flows.to.server': 'to the server',
  'flows.to.client': 'to the client',
};
