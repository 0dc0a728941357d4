/* Who may do what: tokens and roles, the Host and Origin of a request. One check for every protocol.
 * A token is compared in constant time; nothing here is ever logged. */
#ifndef PROTOCOL_AUTH_H
#define PROTOCOL_AUTH_H

#include "circuit/command.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { AUTH_TOKEN_MAX = 128, AUTH_HOSTS_MAX = 32, AUTH_HOST_SIZE = 254 };

struct auth_options {
    bool open;                  /* auth.mode "none": every peer is an operator */
    const char *operator_token; /* borrowed until auth_free() */
    const char *viewer_token;
    const char (*allowed_hosts)[AUTH_HOST_SIZE]; /* host names without port */
    size_t allowed_host_count;
};

struct auth;

/* Copies hosts and tokens; asks for the machine's own name (gethostname(2)). 0 or -ENOMEM. */
int auth_new(const struct auth_options *options, struct auth **ret_auth);
struct auth *auth_free(struct auth *auth);

/* "operator", "viewer", "none". */
const char *role_name(enum role role);

bool auth_is_open(const struct auth *auth);

/* The role that the token gives; `token` need not end with a NUL. In mode none: operator. */
enum role auth_role(const struct auth *auth, const char *token, size_t length);

/* The role of an AF_UNIX peer: the gateway's own user or root is operator, others have none. */
enum role auth_role_of_user(const struct auth *auth, uid_t user);

/* The role in an `Authorization` field ("Bearer …") or a `Cookie` field; either may be NULL. */
enum role auth_role_of_request(const struct auth *auth, const char *authorization,
                               const char *cookie);

/* The token of `role`, for links and cookies. Borrowed; secret. */
const char *auth_token(const struct auth *auth, enum role role);

/* The cookie's name. */
extern const char auth_cookie_name[];

/* True when a `Host` field names this gateway: an IP literal, localhost, the machine's own name with
 * and without .local, or an allowed host; with or without a port. */
bool auth_serves_host(const struct auth *auth, const char *host);

/* True when an `Origin` field is the page of this very gateway: the authority of `host`, or an
 * allowed host. "null" is foreign. */
bool auth_serves_origin(const struct auth *auth, const char *origin, const char *host);

#endif
