// @ts-check
/** The calls as their manual pages declare them, and a real call's values put beside each argument. */

/**
 * Prototype, and the arguments that a call's text shows; what they mean stands in i18n, `arg.<name>`.
 * @type {Record<string, [string, string[]]>}
 */
const PROTOTYPES = {
  socket: ['int socket(int domain, int type, int protocol);', ['domain', 'type', 'protocol']],
  bind: [
    'int bind(int fd, const struct sockaddr *address, socklen_t length);',
    ['fd', 'address.own'],
  ],
  getsockname: ['int getsockname(int fd, struct sockaddr *address, socklen_t *length);', ['fd']],
  setsockopt: [
    'int setsockopt(int fd, int level, int option, const void *value, socklen_t size);',
    ['fd', 'level', 'option', 'value'],
  ],
  getsockopt: [
    'int getsockopt(int fd, int level, int option, void *value, socklen_t *size);',
    ['fd', 'level', 'option'],
  ],
  listen: ['int listen(int fd, int backlog);', ['fd', 'backlog']],
  accept4: [
    'int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags);',
    ['fd.listener'],
  ],
  connect: [
    'int connect(int fd, const struct sockaddr *address, socklen_t length);',
    ['fd', 'address.server'],
  ],
  send: ['ssize_t send(int fd, const void *bytes, size_t length, int flags);', ['fd', 'length']],
  recv: ['ssize_t recv(int fd, void *bytes, size_t size, int flags);', ['fd', 'size']],
  sendto: [
    'ssize_t sendto(int fd, const void *bytes, size_t length, int flags, const struct sockaddr *address, socklen_t address_length);',
    ['fd', 'length', 'address.to'],
  ],
  recvmsg: ['ssize_t recvmsg(int fd, struct msghdr *message, int flags);', ['fd', 'size']],
  shutdown: ['int shutdown(int fd, int how);', ['fd', 'how']],
  close: ['int close(int fd);', ['fd']],
};

/**
 * @param {{name: string, text: string}} call
 * @returns {{prototype: string, values: [string, string][], returned: string}|null} each argument's name with the
 *   value it had; null for what is no system call
 */
export function explained({ name, text }) {
  const known = PROTOTYPES[name];
  const [, inside = '', returned = ''] = /^\w+\(([^)]*)\)(?: = (.*))?$/.exec(text) ?? [];
  if (!known) return null;
  const values = inside.split(', ');
  return {
    prototype: known[0],
    values: known[1].map((argument, n) => [argument, bothNames(values[n] ?? '')]),
    returned,
  };
}

/** AF_ and PF_ are the same numbers, and the lecture writes both. @param {string} value */
function bothNames(value) {
  if (value === 'AF_UNIX') return 'AF_UNIX = PF_LOCAL';
  return value.startsWith('AF_') ? `${value} = PF_${value.slice(3)}` : value;
}
