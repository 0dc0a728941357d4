/* Who may do what: tokens and roles, the Host and Origin of a request. One check for every protocol.
 * A token is compared in constant time; nothing here is ever logged. */
#ifndef PROTOCOL_ACCESS_H
#define PROTOCOL_ACCESS_H

#include "circuit/command.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { ACCESS_TOKEN_MAX = 128, ACCESS_HOSTS_MAX = 32, ACCESS_HOST_SIZE = 254 };

struct access_options {
    bool open;                  /* auth.mode "none": every peer is an operator */
    const char *operator_token; /* borrowed until access_free() */
    const char *viewer_token;
    const char (*allowed_hosts)[ACCESS_HOST_SIZE]; /* host names without port */
    size_t allowed_host_count;
};

struct access;

/* Copies hosts and tokens; asks for the machine's own name (gethostname(2)). 0 or -ENOMEM. */
int access_new(const struct access_options *options, struct access **ret_access);
struct access *access_free(struct access *access);

/* "operator", "viewer", "none". */
const char *role_name(enum role role);

bool access_is_open(const struct access *access);

/* The role that the token gives; `token` need not end with a NUL. In mode none: operator. */
enum role access_role(const struct access *access, const char *token, size_t length);

/* The role of an AF_UNIX peer: the gateway's own user or root is operator, others have none. */
enum role access_role_of_user(const struct access *access, uid_t user);

/* The role in an `Authorization` field ("Bearer …") or a `Cookie` field; either may be NULL. */
enum role access_role_of_request(const struct access *access, const char *authorization,
                                 const char *cookie);

/* The token of `role`, for links and cookies. Borrowed; secret. */
const char *access_token(const struct access *access, enum role role);

/* The cookie's name. */
extern const char access_cookie_name[];

/* True when a `Host` field names this gateway: an IP literal, localhost, the machine's own name with
 * and without .local, or an allowed host; with or without a port. */
bool access_serves_host(const struct access *access, const char *host);

/* True when an `Origin` field is the page of this very gateway: the authority of `host`, or an
 * allowed host. "null" is foreign. */
bool access_serves_origin(const struct access *access, const char *origin, const char *host);

#endif
