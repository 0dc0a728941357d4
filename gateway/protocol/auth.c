#include "protocol/auth.h"

#include "base/clock.h"
#include "base/hash.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { RENAME_DIGITS_MAX = 4 }; /* of a host's "-N" */

/* Once for all gateways, and its value a token; browsers may hold one for a year. */
const char old_cookie_name[] = "gpio_gateway";

const char auth_host_prefix[] = "__Host-";

struct auth {
    bool open;
    struct tokens tokens;
    struct sessions *sessions;
    char cookie_name[AUTH_COOKIE_NAME_SIZE];
    size_t host_count;
    char hosts[AUTH_HOSTS_MAX][AUTH_HOST_SIZE];
    size_t origin_count;
    struct web_origin origins[AUTH_ORIGINS_MAX];
};

static bool has_token(const void *context, const struct session *session);

int auth_new(const struct auth_options *options, struct auth **ret_auth)
{
    struct auth *auth = calloc(1, sizeof *auth);
    if (!auth)
        return -ENOMEM;
    auth->open = options->open;
    if (options->tokens)
        auth->tokens = *options->tokens;
    auth->sessions = options->sessions;
    (void)snprintf(auth->cookie_name, sizeof auth->cookie_name, "%s_%.8s", old_cookie_name,
                   options->gateway_id ? options->gateway_id : "session");
    if (auth->sessions && !auth->open) /* tokens may have gone while the gateway was not running */
        (void)sessions_sweep(auth->sessions, has_token, auth);
    for (size_t i = 0; i < options->allowed_host_count && i < AUTH_HOSTS_MAX; i++)
        (void)snprintf(auth->hosts[auth->host_count++], AUTH_HOST_SIZE, "%s",
                       options->allowed_hosts[i]);
    for (size_t i = 0; i < options->allowed_origin_count && i < AUTH_ORIGINS_MAX; i++)
        auth->origins[auth->origin_count++] = options->allowed_origins[i];
    *ret_auth = auth;
    return 0;
}

struct auth *auth_free(struct auth *auth)
{
    if (auth)
        explicit_bzero(auth, sizeof *auth);
    free(auth);
    return NULL;
}

bool auth_is_open(const struct auth *auth)
{
    return auth->open;
}

/* Takes the same time wherever the first difference stands. */
static bool equal_secret(const char *secret, const char *given, size_t length)
{
    size_t expected = strlen(secret);
    unsigned char difference = expected != length || expected == 0;
    for (size_t i = 0; i < expected; i++)
        difference |= (unsigned char)(secret[i] ^ (i < length ? given[i] : 0));
    return difference == 0;
}

static uint64_t key_of(const char *secret)
{
    return hash_bytes(HASH_SEED, secret, strlen(secret));
}

static int64_t now_s(void)
{
    return clock_wall_ns() / CLOCK_NS_PER_SECOND;
}

/* Compares with every token, so that the time reveals nothing. */
struct auth_grant auth_grant_of_token(const struct auth *auth, const char *token, size_t length)
{
    struct auth_grant grant = {0};
    if (auth->open)
        return (struct auth_grant){.role = ROLE_ADMIN};
    for (size_t i = 0; i < auth->tokens.count; i++)
        if (equal_secret(auth->tokens.items[i].text, token, length))
            grant.role = auth->tokens.items[i].role;
    if (grant.role > ROLE_NONE)
        grant.key = grant.token_key = hash_bytes(HASH_SEED, token, length);
    return grant;
}

enum role auth_role(const struct auth *auth, const char *token, size_t length)
{
    return auth_grant_of_token(auth, token, length).role;
}

static bool has_token(const void *context, const struct session *session)
{
    return auth_grant_stands(context, session->token_key);
}

void auth_set_tokens(struct auth *auth, const struct tokens *tokens)
{
    auth->tokens = *tokens;
    if (auth->sessions)
        (void)sessions_sweep(auth->sessions, has_token, auth);
}

struct sessions *auth_sessions(const struct auth *auth)
{
    return auth->sessions;
}

const char *auth_cookie_name(const struct auth *auth)
{
    return auth->cookie_name;
}

enum role auth_role_of_user(const struct auth *auth, uid_t user)
{
    if (auth->open)
        return ROLE_ADMIN;
    return user == 0 || user == geteuid() ? ROLE_OPERATOR : ROLE_NONE;
}

static const char bearer[] = "Bearer ";

/* RFC 6750 §2.1: one token, and nothing behind it. */
static struct auth_grant grant_of_bearer(const struct auth *auth, const char *authorization)
{
    const char *token = authorization + sizeof bearer - 1;
    token += strspn(token, " ");
    size_t length = strlen(token);
    while (length > 0 && token[length - 1] == ' ')
        length--;
    return auth_grant_of_token(auth, token, length);
}

static struct auth_grant grant_of_session(const struct auth *auth, const char *secret,
                                          size_t length)
{
    const struct session *session =
        auth->sessions ? sessions_find(auth->sessions, secret, length, now_s()) : NULL;
    if (!session)
        return (struct auth_grant){0};
    return (struct auth_grant){.role = session->role,
                               .key = hash_bytes(HASH_SEED, secret, length),
                               .token_key = session->token_key,
                               .session = session};
}

/* Where `pair` is a cookie of that name: its value. Else NULL. */
static const char *cookie_value(const char *pair, size_t *length, const char *name)
{
    size_t name_length = strlen(name);
    if (*length <= name_length || pair[name_length] != '=' || memcmp(pair, name, name_length) != 0)
        return NULL;
    *length -= name_length + 1;
    return pair + name_length + 1;
}

static struct auth_grant grant_of_pair(const struct auth *auth, const char *pair, size_t length)
{
    size_t prefix = sizeof auth_host_prefix - 1;
    if (length > prefix && memcmp(pair, auth_host_prefix, prefix) == 0) {
        pair += prefix;
        length -= prefix;
    }
    size_t value_length = length;
    const char *value = cookie_value(pair, &value_length, auth->cookie_name);
    if (value)
        return grant_of_session(auth, value, value_length);
    value = cookie_value(pair, &length, old_cookie_name);
    return value ? auth_grant_of_token(auth, value, length) : (struct auth_grant){0};
}

/* RFC 6265 §4.2.1: name=value pairs, "; " between them. Another program of the host may have set a cookie
 * of the same name: the best counts. */
static void try_cookies(const struct auth *auth, const char *cookie, struct auth_grant *best)
{
    while (*cookie) {
        cookie += strspn(cookie, "; \t");
        size_t length = strcspn(cookie, ";");
        struct auth_grant grant = grant_of_pair(auth, cookie, length);
        if (grant.role > best->role)
            *best = grant;
        cookie += length;
    }
}

struct auth_grant auth_grant_of_request(const struct auth *auth, const char *authorization,
                                        const char *const *cookies, size_t cookie_count)
{
    struct auth_grant best = {0};
    if (auth->open)
        return (struct auth_grant){.role = ROLE_ADMIN};
    /* Another scheme is meant for a proxy in front, which passes it on. */
    if (authorization && strncasecmp(authorization, bearer, sizeof bearer - 1) == 0)
        return grant_of_bearer(auth, authorization);
    for (size_t i = 0; i < cookie_count; i++)
        try_cookies(auth, cookies[i], &best);
    return best;
}

bool auth_grant_stands(const struct auth *auth, uint64_t key)
{
    const struct session *session;
    if (auth->open || key == 0)
        return true;
    for (size_t i = 0; i < auth->tokens.count; i++)
        if (key_of(auth->tokens.items[i].text) == key)
            return true;
    for (size_t i = 0; auth->sessions && (session = sessions_at(auth->sessions, i)); i++)
        if (key_of(session->secret) == key)
            return session->ends_s > now_s();
    return false;
}

const char *auth_token(const struct auth *auth, enum role role)
{
    const struct token *token = tokens_of_role(&auth->tokens, role);
    return token ? token->text : NULL;
}

/* "NAME", "NAME.local", and with "-N" behind the name: avahi renames a host whose name it believes to
 * see elsewhere. The name is asked for each time, since it may change while the gateway runs. */
static bool is_own_name(const char *host)
{
    char own[AUTH_HOST_SIZE] = "";
    if (gethostname(own, sizeof own - 1) < 0)
        return false;
    size_t length = strcspn(own, ".");
    if (length == 0 || strncasecmp(host, own, length) != 0)
        return false;
    if (strcasecmp(host, own) == 0)
        return true;
    const char *rest = host + length;
    size_t digits = *rest == '-' ? strspn(rest + 1, "0123456789") : 0;
    if (digits > 0 && digits <= RENAME_DIGITS_MAX)
        rest += 1 + digits;
    return *rest == '\0' || strcmp(rest, ".local") == 0;
}

static bool is_allowed(const struct auth *auth, const char *host)
{
    for (size_t i = 0; i < auth->host_count; i++)
        if (strcasecmp(auth->hosts[i], host) == 0)
            return true;
    return false;
}

bool auth_serves_host(const struct auth *auth, const char *host)
{
    struct authority authority;
    if (!authority_parse(host, &authority))
        return false;
    char *name = authority.host;
    size_t length = strlen(name);
    if (length > 1 && name[length - 1] == '.')
        name[length - 1] = '\0'; /* the root's dot: "localhost." is localhost */
    return authority.is_literal || strcmp(name, "localhost") == 0 || is_allowed(auth, name) ||
           is_own_name(name);
}

bool auth_allows_origin(const struct auth *auth, const char *text)
{
    struct web_origin origin;
    if (!web_origin_parse(text, &origin))
        return false;
    for (size_t i = 0; i < auth->origin_count; i++)
        if (web_origin_equals(&auth->origins[i], &origin))
            return true;
    return false;
}

bool auth_is_own_origin(const char *text, const char *host, unsigned listener_port)
{
    struct web_origin origin;
    struct web_origin own;
    if (!host || !web_origin_parse(text, &origin) || !authority_parse(host, &own.authority))
        return false;
    own.is_secure = origin.is_secure;
    /* A browser that connected to the listener itself used http. One that names another port came through a
     * proxy, whose scheme is not known here. */
    if (origin.is_secure && authority_port(&own.authority, false) == listener_port)
        return false;
    return web_origin_equals(&origin, &own);
}
