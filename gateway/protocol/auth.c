#include "protocol/auth.h"

#include "base/number.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

const char auth_cookie_name[] = "gpio_gateway";

struct auth {
    bool open;
    struct tokens tokens;
    char own_name[AUTH_HOST_SIZE];
    size_t host_count;
    char hosts[AUTH_HOSTS_MAX][AUTH_HOST_SIZE];
    size_t origin_count;
    char origins[AUTH_HOSTS_MAX][AUTH_ORIGIN_SIZE];
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
    for (size_t i = 0; i < options->allowed_origin_count && i < AUTH_HOSTS_MAX; i++)
        (void)snprintf(auth->origins[auth->origin_count++], AUTH_ORIGIN_SIZE, "%s",
                       options->allowed_origins[i]);
    if (gethostname(auth->own_name, sizeof auth->own_name - 1) < 0)
        auth->own_name[0] = '\0';
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

static const char in_name[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
static const char in_brackets[] =
    "0123456789abcdefABCDEF:.%abcdefghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZ-_";

/* Splits "host", "host:port", "[v6]", "[v6]:port" (RFC 3986 §3.2). False when it is none of them: what two
 * programs may read differently is refused. */
static bool split_authority(const char *authority, char host[AUTH_HOST_SIZE])
{
    bool bracketed = authority[0] == '[';
    const char *begin = bracketed ? authority + 1 : authority;
    size_t length = strcspn(begin, bracketed ? "]" : ":");
    if (length == 0 || length >= AUTH_HOST_SIZE ||
        strspn(begin, bracketed ? in_brackets : in_name) < length)
        return false;
    const char *rest = begin + length;
    int64_t port;
    if (bracketed && *rest++ != ']')
        return false;
    if (*rest == ':' && (rest[1] < '0' || number_parse(rest + 1, 1, 65535, &port)))
        return false;
    if (*rest != '\0' && *rest != ':')
        return false;
    memcpy(host, begin, length);
    host[length] = '\0';
    if (bracketed != (strchr(host, ':') != NULL))
        return false;
    return true;
}

static bool is_literal(const char *host)
{
    unsigned char address[sizeof(struct in6_addr)];
    char plain[AUTH_HOST_SIZE];
    if (!strchr(host, ':'))
        return inet_pton(AF_INET, host, address) == 1;
    (void)snprintf(plain, sizeof plain, "%s", host);
    plain[strcspn(plain, "%")] = '\0'; /* the zone of a link-local address */
    return inet_pton(AF_INET6, plain, address) == 1;
}

static bool is_own_name(const struct auth *auth, const char *host)
{
    size_t length = strcspn(auth->own_name, ".");
    return length > 0 && strncasecmp(host, auth->own_name, length) == 0 &&
           (host[length] == '\0' || strcasecmp(host + length, ".local") == 0 ||
            strcasecmp(host, auth->own_name) == 0);
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
    char name[AUTH_HOST_SIZE];
    if (!split_authority(host, name))
        return false;
    size_t length = strlen(name);
    if (length > 1 && name[length - 1] == '.')
        name[length - 1] = '\0'; /* the root's dot: "localhost." is localhost */
    return is_literal(name) || strcasecmp(name, "localhost") == 0 || is_own_name(auth, name) ||
           is_allowed(auth, name);
}

/* Leaves the default ports away, so that "example:80" is "example". */
static size_t authority_length(const char *authority, const char *default_port)
{
    size_t length = strlen(authority);
    size_t port = strlen(default_port);
    bool ends = length > port && strcmp(authority + length - port, default_port) == 0;
    return ends ? length - port : length;
}

bool auth_serves_origin(const struct auth *auth, const char *origin, const char *host,
                        bool is_secure)
{
    for (size_t i = 0; i < auth->origin_count; i++)
        if (strcasecmp(auth->origins[i], origin) == 0)
            return true;
    bool is_https = strncmp(origin, "https://", 8) == 0;
    if (!host || (!is_https && strncmp(origin, "http://", 7) != 0))
        return false;
    const char *authority = origin + (is_https ? 8 : 7);
    char name[AUTH_HOST_SIZE];
    if (!split_authority(authority, name))
        return false;
    /* A name of allowed_hosts is often served by a proxy that speaks TLS with the browser. */
    if (is_https != is_secure && !(is_https && is_allowed(auth, name)))
        return false;
    const char *default_port = is_https ? ":443" : ":80";
    size_t length = authority_length(authority, default_port);
    return length == authority_length(host, default_port) &&
           strncasecmp(authority, host, length) == 0;
}
