/* Who may do what: tokens and roles, the Host and Origin of a request. One check for every protocol.
 * A token is compared in constant time; nothing here is ever logged. */
#ifndef PROTOCOL_AUTH_H
#define PROTOCOL_AUTH_H

#include "circuit/role.h"
#include "protocol/web_origin.h"
#include "state/tokens.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum {
    AUTH_TOKEN_MAX = 128,
    AUTH_HOSTS_MAX = 32,
    AUTH_HOST_SIZE = WEB_ORIGIN_HOST_SIZE,
    AUTH_ORIGINS_MAX = 16,
};

struct auth_options {
    bool open;                                   /* auth.mode "none": every peer is an admin */
    const struct tokens *tokens;                 /* copied; NULL for none */
    const char (*allowed_hosts)[AUTH_HOST_SIZE]; /* host names without port */
    size_t allowed_host_count;
    const struct web_origin
        *allowed_origins; /* whose pages may talk to the gateway, besides its own */
    size_t allowed_origin_count;
};

struct auth;

/* Copies hosts, origins and tokens. 0 or -ENOMEM. */
int auth_new(const struct auth_options *options, struct auth **ret_auth);
struct auth *auth_free(struct auth *auth);

bool auth_is_open(const struct auth *auth);

/* The role that the token gives; `token` need not end with a NUL. In mode none: admin. */
enum role auth_role(const struct auth *auth, const char *token, size_t length);

/* The role of an AF_UNIX peer: the gateway's own user or root is operator, others have none. */
enum role auth_role_of_user(const struct auth *auth, uid_t user);

/* The role in an `Authorization` field ("Bearer …") or a `Cookie` field; either may be NULL. */
enum role auth_role_of_request(const struct auth *auth, const char *authorization,
                               const char *cookie);

/* From now on these tokens (copied) count, and no others. */
void auth_set_tokens(struct auth *auth, const struct tokens *tokens);

/* A token of `role`, for links; NULL where there is none. Borrowed; secret. */
const char *auth_token(const struct auth *auth, enum role role);

/* The cookie's name. */
extern const char auth_cookie_name[];

/* True when a `Host` field names this gateway: an IP literal, localhost, the machine's own name (also
 * with the "-2" of a host that avahi renamed) with and without .local, or an allowed host; with or
 * without a port. */
bool auth_serves_host(const struct auth *auth, const char *host);

/* True when an `Origin` field is one of the allowed origins. */
bool auth_allows_origin(const struct auth *auth, const char *origin);

/* True when an `Origin` field is the page of this very gateway: the same scheme, host and port as the
 * `Host` field names. `door_port` is the port that the request came in by, 0 for AF_UNIX: there the
 * scheme is http. "null" is foreign. `host` may be NULL. */
bool auth_is_own_origin(const char *origin, const char *host, unsigned door_port);

#endif
