/* Calls socket(2) with a domain and a type, and explains what the kernel answers. */
#ifndef LAB_SOCKET_PROBE_H
#define LAB_SOCKET_PROBE_H

#include "net/call.h"

#include <stddef.h>

struct socket_register;

struct probe {
    const char *domain, *type; /* "AF_IPX", "SOCK_DGRAM"; literals */
    int result;                /* the descriptor, closed again since, or a negative errno */
    char call[CALL_TEXT_SIZE]; /* "socket(AF_IPX, SOCK_DGRAM|SOCK_NONBLOCK|SOCK_CLOEXEC, 0) = …" */
    const char *why_key; /* "probe.inet.stream": names the sentence for translations; a literal */
    const char *why;     /* the sentence in English; a literal */
};

/* Makes the call, closes what it returned, and explains. Names as in socket(2); "PF_…" and "AF_LOCAL"
 * are accepted, too. 0, or -EINVAL for a name that is not among probe_domain() and probe_type(). */
int probe_run(struct socket_register *reg, const char *domain, const char *type,
              struct probe *ret_probe);

/* What can be tried, one after another; NULL after the last. */
const char *probe_domain(size_t index);
const char *probe_type(size_t index);

#endif
