#include "protocol/auth.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { RENAME_DIGITS_MAX = 4 }; /* of a host's "-N" */

const char auth_cookie_name[] = "gpio_gateway";

struct auth {
    bool open;
    struct tokens tokens;
    size_t host_count;
    char hosts[AUTH_HOSTS_MAX][AUTH_HOST_SIZE];
    size_t origin_count;
    struct web_origin origins[AUTH_ORIGINS_MAX];
};

int auth_new(const struct auth_options *options, struct auth **ret_auth)
{
    struct auth *auth = calloc(1, sizeof *auth);
    if (!auth)
        return -ENOMEM;
    auth->open = options->open;
    if (options->tokens)
        auth->tokens = *options->tokens;
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

/* Compares with every token, so that the time tells nothing. */
enum role auth_role(const struct auth *auth, const char *token, size_t length)
{
    if (auth->open)
        return ROLE_ADMIN;
    enum role role = ROLE_NONE;
    for (size_t i = 0; i < auth->tokens.count; i++)
        if (equal_secret(auth->tokens.items[i].text, token, length))
            role = auth->tokens.items[i].role;
    return role;
}

void auth_set_tokens(struct auth *auth, const struct tokens *tokens)
{
    auth->tokens = *tokens;
}

enum role auth_role_of_user(const struct auth *auth, uid_t user)
{
    if (auth->open)
        return ROLE_ADMIN;
    return user == 0 || user == geteuid() ? ROLE_OPERATOR : ROLE_NONE;
}

static const char bearer[] = "Bearer ";

/* RFC 6750 §2.1: one token, and nothing behind it. */
static enum role role_of_bearer(const struct auth *auth, const char *authorization)
{
    const char *token = authorization + sizeof bearer - 1;
    token += strspn(token, " ");
    size_t length = strlen(token);
    while (length > 0 && token[length - 1] == ' ')
        length--;
    return auth_role(auth, token, length);
}

static enum role better(enum role one, enum role other)
{
    return one > other ? one : other;
}

/* RFC 6265 §4.2.1: name=value pairs, "; " between them. Another program of the host may have set a cookie of
 * the same name: the best counts. */
static enum role role_of_cookie(const struct auth *auth, const char *cookie)
{
    size_t name_length = strlen(auth_cookie_name);
    enum role role = ROLE_NONE;
    while (*cookie) {
        cookie += strspn(cookie, "; \t");
        size_t length = strcspn(cookie, ";");
        if (length > name_length && cookie[name_length] == '=' &&
            memcmp(cookie, auth_cookie_name, name_length) == 0)
            role =
                better(role, auth_role(auth, cookie + name_length + 1, length - name_length - 1));
        cookie += length;
    }
    return role;
}

enum role auth_role_of_request(const struct auth *auth, const char *authorization,
                               const char *cookie)
{
    if (auth->open)
        return ROLE_ADMIN;
    /* Another scheme is meant for a proxy in front, which passes it on. */
    if (authorization && strncasecmp(authorization, bearer, sizeof bearer - 1) == 0)
        return role_of_bearer(auth, authorization);
    return cookie ? role_of_cookie(auth, cookie) : ROLE_NONE;
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

bool auth_is_own_origin(const char *text, const char *host, unsigned door_port)
{
    struct web_origin origin;
    struct web_origin own;
    if (!host || !web_origin_parse(text, &origin) || !authority_parse(host, &own.authority))
        return false;
    own.is_secure = origin.is_secure;
    /* A browser that came to the door itself spoke http. One that names another port came through a
     * proxy, whose scheme is not known here. */
    if (origin.is_secure && authority_port(&own.authority, false) == door_port)
        return false;
    return web_origin_equals(&origin, &own);
}
