/* Who may do what: tokens and roles, the Host and Origin of a request. One check for every protocol.
 * A token is compared in constant time; nothing here is ever logged. */
#ifndef PROTOCOL_AUTH_H
#define PROTOCOL_AUTH_H

#include "circuit/role.h"
#include "protocol/web_origin.h"
#include "state/sessions.h"
#include "state/tokens.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    AUTH_TOKEN_MAX = 128,
    AUTH_HOSTS_MAX = 32,
    AUTH_HOST_SIZE = WEB_ORIGIN_HOST_SIZE,
    AUTH_ORIGINS_MAX = 16,
    AUTH_COOKIE_NAME_SIZE = 32,
};

struct auth_options {
    bool open;                                   /* auth.mode "none": every peer is an admin */
    const struct tokens *tokens;                 /* copied; NULL for none */
    struct sessions *sessions;                   /* borrowed; NULL: no cookie is a session */
    const char *gateway_id;                      /* copied into the cookie's name; NULL for none */
    const char (*allowed_hosts)[AUTH_HOST_SIZE]; /* host names without port */
    size_t allowed_host_count;
    const struct web_origin
        *allowed_origins; /* whose pages may talk to the gateway, besides its own */
    size_t allowed_origin_count;
};

struct auth;

/* What a token or a cookie gives. */
struct auth_grant {
    enum role role;
    uint64_t key;       /* of the token or session; 0 where there is none, as in mode none */
    uint64_t token_key; /* of the token behind it */
    const struct session *session; /* of a cookie; borrowed until a session begins or ends */
};

/* Copies hosts, origins and tokens. 0 or -ENOMEM. */
int auth_new(const struct auth_options *options, struct auth **ret_auth);
struct auth *auth_free(struct auth *auth);

bool auth_is_open(const struct auth *auth);

/* The role that the token gives; `token` need not end with a NUL. In mode none: admin. */
enum role auth_role(const struct auth *auth, const char *token, size_t length);

/* The role of an AF_UNIX peer: the gateway's own user or root is operator, others have none. */
enum role auth_role_of_user(const struct auth *auth, uid_t user);

/* The same with what names the grant later. */
struct auth_grant auth_grant_of_token(const struct auth *auth, const char *token, size_t length);

/* What an `Authorization` field ("Bearer …", may be NULL) or the `Cookie` fields give. */
struct auth_grant auth_grant_of_request(const struct auth *auth, const char *authorization,
                                        const char *const *cookies, size_t cookie_count);

/* False when the token or session of that key has ended since. */
bool auth_grant_stands(const struct auth *auth, uint64_t key);

/* From now on these tokens (copied) count, and no others; sessions that were begun with another end. */
void auth_set_tokens(struct auth *auth, const struct tokens *tokens);

/* A token of `role`, for links; NULL where there is none. Borrowed; secret. */
const char *auth_token(const struct auth *auth, enum role role);

/* Where logins are kept; NULL without. Borrowed. */
struct sessions *auth_sessions(const struct auth *auth);

/* The cookie's name: another one for each gateway, since all ports of a host share their cookies. Its
 * value is a session; that of `old_cookie_name`, which is still read, a token. */
const char *auth_cookie_name(const struct auth *auth);
extern const char old_cookie_name[];

/* Stands before the cookie's name over TLS: browsers then take it from this very host and no other, and send it
 * over TLS alone (RFC 6265bis §4.1.3.2). */
extern const char auth_host_prefix[];

/* True when a `Host` field names this gateway: an IP literal, localhost, the machine's own name (also
 * with the "-2" of a host that avahi renamed) with and without .local, or an allowed host; with or
 * without a port. */
bool auth_serves_host(const struct auth *auth, const char *host);

/* True when an `Origin` field is one of the allowed origins. */
bool auth_allows_origin(const struct auth *auth, const char *origin);

/* True when an `Origin` field is the page of this very gateway: the same scheme, host and port as the
 * `Host` field names. `listener_port` is the port that the request came in by, 0 for AF_UNIX: there the
 * scheme is http. "null" is foreign. `host` may be NULL. */
bool auth_is_own_origin(const char *origin, const char *host, unsigned listener_port);

#endif
