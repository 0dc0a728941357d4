#include "protocol/auth.h"

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
    char operator_token[AUTH_TOKEN_MAX + 1];
    char viewer_token[AUTH_TOKEN_MAX + 1];
    char own_name[AUTH_HOST_SIZE];
    size_t host_count;
    char hosts[AUTH_HOSTS_MAX][AUTH_HOST_SIZE];
};

int auth_new(const struct auth_options *options, struct auth **ret_auth)
{
    struct auth *auth = calloc(1, sizeof *auth);
    if (!auth)
        return -ENOMEM;
    auth->open = options->open;
    if (options->operator_token)
        (void)snprintf(auth->operator_token, sizeof auth->operator_token, "%s",
                       options->operator_token);
    if (options->viewer_token)
        (void)snprintf(auth->viewer_token, sizeof auth->viewer_token, "%s", options->viewer_token);
    for (size_t i = 0; i < options->allowed_host_count && i < AUTH_HOSTS_MAX; i++)
        (void)snprintf(auth->hosts[auth->host_count++], AUTH_HOST_SIZE, "%s",
                       options->allowed_hosts[i]);
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

const char *role_name(enum role role)
{
    static const char *const names[] = {"none", "viewer", "operator"};
    return names[role];
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

enum role auth_role(const struct auth *auth, const char *token, size_t length)
{
    if (auth->open)
        return ROLE_OPERATOR;
    bool is_operator = equal_secret(auth->operator_token, token, length);
    bool is_viewer = equal_secret(auth->viewer_token, token, length);
    if (is_operator)
        return ROLE_OPERATOR;
    return is_viewer ? ROLE_VIEWER : ROLE_NONE;
}

enum role auth_role_of_user(const struct auth *auth, uid_t user)
{
    return auth->open || user == 0 || user == geteuid() ? ROLE_OPERATOR : ROLE_NONE;
}

static const char bearer[] = "Bearer ";

static enum role role_of_bearer(const struct auth *auth, const char *authorization)
{
    const char *token = authorization + sizeof bearer - 1;
    token += strspn(token, " ");
    return auth_role(auth, token, strcspn(token, " "));
}

/* RFC 6265 §4.2.1: name=value pairs, "; " between them. */
static enum role role_of_cookie(const struct auth *auth, const char *cookie)
{
    size_t name_length = strlen(auth_cookie_name);
    while (*cookie) {
        cookie += strspn(cookie, "; \t");
        size_t length = strcspn(cookie, ";");
        if (length > name_length && cookie[name_length] == '=' &&
            memcmp(cookie, auth_cookie_name, name_length) == 0)
            return auth_role(auth, cookie + name_length + 1, length - name_length - 1);
        cookie += length;
    }
    return ROLE_NONE;
}

enum role auth_role_of_request(const struct auth *auth, const char *authorization,
                               const char *cookie)
{
    if (auth->open)
        return ROLE_OPERATOR;
    /* Another scheme is meant for a proxy in front, which passes it on. */
    if (authorization && strncasecmp(authorization, bearer, sizeof bearer - 1) == 0)
        return role_of_bearer(auth, authorization);
    return cookie ? role_of_cookie(auth, cookie) : ROLE_NONE;
}

const char *auth_token(const struct auth *auth, enum role role)
{
    return role == ROLE_OPERATOR ? auth->operator_token : auth->viewer_token;
}

/* Splits "host", "host:port", "[v6]", "[v6]:port". False when it is none of them. */
static bool split_authority(const char *authority, char host[AUTH_HOST_SIZE])
{
    bool bracketed = authority[0] == '[';
    const char *begin = bracketed ? authority + 1 : authority;
    size_t length = strcspn(begin, bracketed ? "]" : ":");
    if (length == 0 || length >= AUTH_HOST_SIZE)
        return false;
    const char *rest = begin + length;
    if (bracketed && *rest++ != ']')
        return false;
    if (*rest == ':')
        rest += 1 + strspn(rest + 1, "0123456789");
    if (*rest != '\0')
        return false;
    memcpy(host, begin, length);
    host[length] = '\0';
    return true;
}

static bool is_literal(const char *host)
{
    unsigned char address[sizeof(struct in6_addr)];
    char plain[AUTH_HOST_SIZE];
    (void)snprintf(plain, sizeof plain, "%.*s", (int)strcspn(host, "%"), host);
    return inet_pton(AF_INET, plain, address) == 1 || inet_pton(AF_INET6, plain, address) == 1;
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

bool auth_serves_origin(const struct auth *auth, const char *origin, const char *host)
{
    const char *authority = strstr(origin, "://");
    bool secure = strncmp(origin, "https://", 8) == 0;
    if (!authority || (!secure && strncmp(origin, "http://", 7) != 0))
        return false;
    authority += 3;
    char name[AUTH_HOST_SIZE];
    if (!split_authority(authority, name))
        return false;
    if (is_allowed(auth, name))
        return true;
    const char *default_port = secure ? ":443" : ":80";
    size_t length = authority_length(authority, default_port);
    return host && length == authority_length(host, default_port) &&
           strncasecmp(authority, host, length) == 0;
}
