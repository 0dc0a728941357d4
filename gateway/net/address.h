/* Socket addresses as text and as the kernel wants them: ip(7), ipv6(7), unix(7). */
#ifndef NET_ADDRESS_H
#define NET_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

enum {
    /* "[::ffff:255.255.255.255%interface-name]:65535", or a path of sun_path with "unix:" */
    ADDRESS_TEXT_SIZE = 128,
    ADDRESS_HOST_BYTES = 16,
};

/* The prefix of an address in the config; an address without one is TCP. */
enum address_kind { ADDRESS_TCP, ADDRESS_UDP, ADDRESS_UNIX };

struct address {
    enum address_kind kind;
    socklen_t length;
    union {
        struct sockaddr any;
        struct sockaddr_in6 in6;
        struct sockaddr_un un; /* the longest that there is here */
    };
};

/* Reads "[::]:8080", "127.0.0.1:0", "tcp:[::1]:7070", "udp:[fe80::1%eth0]:7070", "unix:PATH".
 * Hosts are literals: no name is looked up. A relative unix path is put into `folder`.
 * 0; -EINVAL (`*ret_reason` is one sentence that says what is wrong); -ENAMETOOLONG for a unix path
 * over 107 bytes; -ENODEV for an unknown %interface. `ret_reason` may be NULL. */
int address_parse(const char *text, const char *folder, struct address *ret_address,
                  const char **ret_reason);

/* "127.0.0.1:8080", "[::1]:8080", "unix:/run/x.sock"; an IPv4-mapped IPv6 address is written as
 * IPv4; an unnamed unix peer is "unix:". Returns `text`. */
char *address_format(const struct address *address, char text[ADDRESS_TEXT_SIZE]);

/* The same, but as the kernel stores it: an IPv4-mapped address keeps its form
 * "[::ffff:192.168.1.7]:51514", so that the text of a system call shows what the kernel was given. */
char *address_format_exact(const struct address *address, char text[ADDRESS_TEXT_SIZE]);

/* The host without the port: "::1", "127.0.0.1", "unix". The limits count connections by it. */
char *address_host(const struct address *address, char text[ADDRESS_TEXT_SIZE]);

/* Port in host order, 0 for AF_UNIX. */
unsigned address_port(const struct address *address);

/* True for 127.0.0.0/8, ::1, their mapped forms and AF_UNIX. */
bool address_is_loopback(const struct address *address);

/* True for 0.0.0.0 and ::. */
bool address_is_any(const struct address *address);

/* True for 224.0.0.0/4 and ff00::/8. */
bool address_is_multicast(const struct address *address);

/* The interface index of a %scope; 0 without one. */
unsigned address_scope(const struct address *address);

/* Same family, host, scope and port; for AF_UNIX the same name. */
bool address_equals(const struct address *a, const struct address *b);

/* What [::] and [::1] are in IPv4, for a kernel without IPv6: 0.0.0.0 and 127.0.0.1, same port.
 * False for every other address; `*ret_address` is then untouched. */
bool address_to_ipv4(const struct address *address, struct address *ret_address);

/* The host's own bytes: 4 for IPv4 (mapped or not), 16 for IPv6, 0 for AF_UNIX. */
size_t address_host_bytes(const struct address *address, uint8_t bytes[ADDRESS_HOST_BYTES]);

#endif
