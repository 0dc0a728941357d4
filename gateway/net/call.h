/* One system call on a socket, as text that a reader of socket(2) knows. */
#ifndef NET_CALL_H
#define NET_CALL_H

#include <stddef.h>
#include <stdint.h>

enum {
    /* The longest is sendto() to a unix path: the call's own words and ADDRESS_TEXT_SIZE. */
    CALL_TEXT_SIZE = 208,
    CALL_TYPE_SIZE = 64, /* "SOCK_SEQPACKET|SOCK_NONBLOCK|SOCK_CLOEXEC" */
};

struct socket_call {
    uint64_t number; /* 1 for the first call of the run, then one more each */
    int64_t time_ns; /* wall clock */
    uint32_t socket; /* the register's id; for accept4() the id of the new connection */
    int result;      /* what the call returned, or a negative errno */
    const char
        *name; /* "accept4", "setsockopt"; "handed" and "inherited" are no calls; a literal */
    char text[CALL_TEXT_SIZE]; /* "setsockopt(7, SOL_SOCKET, SO_REUSEADDR, 1) = 0" */
};

/* "AF_INET6"; "?" for a domain that the program never names. A literal. */
const char *call_domain_name(int domain);

/* "SOCK_STREAM|SOCK_NONBLOCK|SOCK_CLOEXEC"; returns `text`. */
char *call_type_name(int type, char text[CALL_TYPE_SIZE]);

/* "SOL_SOCKET", "SO_REUSEADDR": literals, "?" for what the program never sets. */
const char *call_level_name(int level);
const char *call_option_name(int level, int option);

/* "EADDRINUSE" for -EADDRINUSE or EADDRINUSE; a literal. */
const char *call_errno_name(int error);

#endif
