// @ts-check
/** @import {Place} from '../snippets.js' */
/**
 * The same step by hand: shell lines with nc and the command-line client, and a small C program.
 * Lines of one terminal stand together; `#` begins a remark, which needs no translation.
 */

const HEAD = `#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
`;
const LOOPBACK = `    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(9000),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
`;
const ADDRESS = '(struct sockaddr *)&at, sizeof at';

/** @param {string} body statements, a line each */
const program = (body) =>
  `${HEAD}${body.includes('&at') ? LOOPBACK : ''}${body
    .trim()
    .split('\n')
    .map((line) => (line ? `    ${line}` : line))
    .join('\n')}\n    return 0;\n}\n`;

const SERVER = `int listener = socket(AF_INET, SOCK_STREAM, 0);
bind(listener, ${ADDRESS});
listen(listener, 8);
`;
const CLIENT = `int client = socket(AF_INET, SOCK_STREAM, 0);
connect(client, ${ADDRESS});
`;
const ACCEPT = 'int fd = accept(listener, NULL, NULL);\n';
const UDP = `int server = socket(AF_INET, SOCK_DGRAM, 0), client = socket(AF_INET, SOCK_DGRAM, 0);
bind(server, ${ADDRESS});
`;
const TEXT = 'char text[64] = "";\n';

/** @type {Record<string, string>} */
const PROGRAMS = {
  socket: `${SERVER}${CLIENT}${ACCEPT}struct sockaddr_in peer;
socklen_t size = sizeof peer;
getpeername(fd, (struct sockaddr *)&peer, &size);
printf("fd %d, client port %d\\n", fd, ntohs(peer.sin_port));`,
  tcp: `${SERVER}${CLIENT}${ACCEPT}${TEXT}send(client, "toggle red", 10, 0);
recv(fd, text, sizeof text, 0);
printf("%s\\n", text);
close(client);
printf("recv = %zd\\n", recv(fd, text, sizeof text, 0));`,
  udp: `${UDP}${TEXT}struct sockaddr_in from;
socklen_t size = sizeof from;
sendto(client, "toggle red", 10, 0, ${ADDRESS});
recvfrom(server, text, sizeof text, 0, (struct sockaddr *)&from, &size);
printf("%s from port %d\\n", text, ntohs(from.sin_port));
sendto(server, "ok", 2, 0, (struct sockaddr *)&from, size);`,
  compare: `${SERVER}${CLIENT}${ACCEPT}${TEXT}send(client, "one ", 4, 0);
send(client, "two ", 4, 0);
send(client, "three ", 6, 0);
printf("recv = %zd: %s\\n", recv(fd, text, sizeof text, 0), text);`,
  loss: `${UDP}char bytes[1024] = "";
int least = 0, came = 0;
setsockopt(server, SOL_SOCKET, SO_RCVBUF, &least, sizeof least);
for (int i = 0; i < 12; i++)
    printf("sendto = %zd\\n", sendto(client, bytes, sizeof bytes, 0, ${ADDRESS}));
while (recv(server, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
    came++;
printf("%d came\\n", came);`,
  many: `${UDP}for (int i = 0; i < 3; i++)
    sendto(socket(AF_INET, SOCK_DGRAM, 0), "get red", 7, 0, ${ADDRESS});
for (int i = 0; i < 3; i++) {
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    char text[64];
    recvfrom(server, text, sizeof text, 0, (struct sockaddr *)&from, &size);
    printf("from port %d\\n", ntohs(from.sin_port));
}
close(client);`,
  limit: `${UDP}static char bytes[65508];
printf("sendto = %zd\\n", sendto(client, bytes, 65507, 0, ${ADDRESS}));
printf("sendto = %zd", sendto(client, bytes, 65508, 0, ${ADDRESS}));
printf(": %s\\n", strerror(errno));`,
  domains: `int domains[] = {PF_INET, PF_INET6, PF_LOCAL, PF_PACKET, 4 /* PF_IPX */};
for (int i = 0; i < 5; i++) {
    errno = 0;
    int fd = socket(domains[i], SOCK_DGRAM, 0);
    printf("%d: %d %s\\n", domains[i], fd, strerror(errno));
}`,
  bind: `int first = socket(AF_INET, SOCK_STREAM, 0), second = socket(AF_INET, SOCK_STREAM, 0);
printf("bind = %d\\n", bind(first, ${ADDRESS}));
listen(first, 8);
printf("bind = %d", bind(second, ${ADDRESS}));
printf(": %s\\n", strerror(errno));`,
  listen: `int listener = socket(AF_INET, SOCK_STREAM, 0);
bind(listener, ${ADDRESS});
listen(listener, 1);
for (int i = 0; i < 4; i++) {
    int client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    connect(client, ${ADDRESS});
}
if (system("ss -tan '( dport = :9000 or sport = :9000 )'") != 0)
    puts("ss: package iproute2");`,
  accept: `${SERVER}${CLIENT}${TEXT}send(client, "toggle red", 10, 0);
puts("sent before accept");
int fd = accept(listener, NULL, NULL);
recv(fd, text, sizeof text, 0);
printf("listener %d, connection %d: %s\\n", listener, fd, text);`,
  connect: `int listener = socket(AF_INET, SOCK_STREAM, 0), early = socket(AF_INET, SOCK_STREAM, 0);
bind(listener, ${ADDRESS});
printf("connect = %d", connect(early, ${ADDRESS}));
printf(": %s\\n", strerror(errno));
listen(listener, 8);
int late = socket(AF_INET, SOCK_STREAM, 0);
printf("connect = %d\\n", connect(late, ${ADDRESS}));`,
  close: `${SERVER}${CLIENT}${ACCEPT}${TEXT}shutdown(client, SHUT_WR);
printf("recv = %zd\\n", recv(fd, text, sizeof text, 0));
send(fd, "bye", 3, 0);
recv(client, text, sizeof text, 0);
printf("%s\\n", text);
close(client);
close(fd);`,
};

/** @param {string} step @returns {string} a C program that compiles as it stands; '' for none */
export function asC(step) {
  const body = PROGRAMS[step];
  if (!body) return '';
  const whole = program(body);
  return body.includes('system(')
    ? whole.replace('<stdio.h>', '<stdio.h>\n#include <stdlib.h>')
    : whole;
}

/** Shell lines: a server in one terminal, a client in another. @type {Record<string, string>} */
const SHELL = {
  tcp: 'nc -l 127.0.0.1 9000\n# the other terminal\nprintf "toggle red\\n" | nc -N 127.0.0.1 9000',
  udp: 'nc -u -l 127.0.0.1 9000\n# the other terminal\nprintf "toggle red\\n" | nc -u -w1 127.0.0.1 9000',
  compare:
    'nc -l 127.0.0.1 9000\n# the other terminal\n(printf "one "; printf "two "; printf "three ") | nc -N 127.0.0.1 9000',
  loss: 'ss -uanm  # skmem: rb is the receive buffer, d what was dropped',
  many: 'nc -u -k -l 127.0.0.1 9000\n# three other terminals\nnc -u 127.0.0.1 9000',
  limit: 'head -c 65508 /dev/zero | nc -u -w1 127.0.0.1 9000',
  bind: 'nc -l 127.0.0.1 9000\n# the other terminal\nnc -l 127.0.0.1 9000',
  listen: 'ss -tln  # Recv-Q: who waits, Send-Q: the backlog',
  connect: 'nc -v 127.0.0.1 9000  # nobody listens',
  close:
    'nc -l 127.0.0.1 9000\n# the other terminal: -N sends FIN at the end of the input\necho hello | nc -N -v 127.0.0.1 9000',
};

/** Steps that the gateway itself can be the server of. */
const BY_CLIENT = new Set(['socket', 'tcp', 'accept', 'connect', 'close', 'circuit']);

/**
 * @param {string} step @param {Place} place @param {string} line a line of the circuit
 * @returns {[string, string][]} each way's name with its text
 */
export function byHand(step, place, line) {
  const host = place.host.replace(/^\[|\]$/g, '');
  const ways = /** @type {[string, string][]} */ ([]);
  const auth = place.token ? 'auth %s\\n' : '';
  const token = place.token ? ' "$TOKEN"' : '';
  const direct = `printf '${auth}get ${line}\\nquit\\n'${token} | nc -v ${host} ${place.textPort}`;
  if (SHELL[step]) ways.push(['nc', SHELL[step]]);
  else if (BY_CLIENT.has(step))
    ways.push(['nc', step === 'circuit' ? direct.replace('get', 'toggle') : direct]);
  if (BY_CLIENT.has(step)) {
    const at = host.includes(':') ? `[${host}]` : host;
    const to = `--to 'tcp:${at}:${place.textPort}'${place.token ? ' --token "$TOKEN"' : ''}`;
    ways.push([
      'gpio-gateway',
      `gpio-gateway ${step === 'circuit' ? 'toggle' : 'get'} ${line} --explain ${to}`,
    ]);
  }
  if (PROGRAMS[step]) ways.push(['C', asC(step)]);
  return ways;
}
