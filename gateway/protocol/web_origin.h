/* Whom a request is for (Host) and whose page sent it (Origin): RFC 3986 §3.2, RFC 6454. Strict: what two
 * programs may read differently is refused. */
#ifndef PROTOCOL_WEB_ORIGIN_H
#define PROTOCOL_WEB_ORIGIN_H

#include <stdbool.h>

enum {
    WEB_ORIGIN_HOST_SIZE = 254, /* a name of DNS (RFC 1035 §2.3.4) and a NUL */
    WEB_ORIGIN_TEXT_SIZE = 272, /* "https://", a host in brackets, ":65535" and a NUL */
};

struct authority {
    char host[WEB_ORIGIN_HOST_SIZE]; /* lower case, without brackets */
    unsigned port;                   /* 1 to 65535; 0 for none */
    bool is_literal;                 /* an IPv4 or IPv6 address */
};

struct web_origin {
    bool is_secure; /* https */
    struct authority authority;
};

/* Reads "host", "host:port", "[v6]", "[v6]:port", and "v6" alone. A zone ("%eth0") belongs to a
 * link-local address. False when it is none of them; `*ret_authority` is then untouched. */
bool authority_parse(const char *text, struct authority *ret_authority);

/* Reads "http://AUTHORITY" or "https://AUTHORITY", with nothing behind it; an IPv6 address has its
 * brackets. False for all else, "null" too. */
bool web_origin_parse(const char *text, struct web_origin *ret_origin);

/* The port that is meant: the scheme's own (80 or 443) where none was given. */
unsigned authority_port(const struct authority *authority, bool is_secure);

/* Same scheme, host and port. */
bool web_origin_equals(const struct web_origin *a, const struct web_origin *b);

/* Writes the origin without its default port. Returns `text`. */
char *web_origin_print(const struct web_origin *origin, char text[WEB_ORIGIN_TEXT_SIZE]);

#endif
