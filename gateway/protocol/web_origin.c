#include "protocol/web_origin.h"

#include "base/number.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { HTTP_PORT = 80, HTTPS_PORT = 443, PORT_MAX = 65535 };

/* fe80::/10 alone has zones (RFC 4007 §4). */
static bool is_v6(const char *host)
{
    struct in6_addr address;
    char plain[INET6_ADDRSTRLEN];
    size_t length = strcspn(host, "%");
    if (length >= sizeof plain)
        return false;
    memcpy(plain, host, length);
    plain[length] = '\0';
    if (inet_pton(AF_INET6, plain, &address) != 1)
        return false;
    return host[length] == '\0' || (IN6_IS_ADDR_LINKLOCAL(&address) && host[length + 1] != '\0');
}

static bool is_v4(const char *host)
{
    struct in_addr address;
    return inet_pton(AF_INET, host, &address) == 1;
}

static void copy_lower(char *host, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        host[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] + ('a' - 'A') : text[i]);
    host[length] = '\0';
}

/* What may stand in a name; the rest of RFC 3986's reg-name is in no name of a host. */
static bool is_name(const char *text, size_t length)
{
    static const char bytes[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
    return strspn(text, bytes) >= length;
}

static bool read_port(const char *text, unsigned *ret_port)
{
    int64_t port;
    if (*text == '\0') {
        *ret_port = 0;
        return true;
    }
    if (*text != ':' || number_parse(text + 1, 1, PORT_MAX, &port) < 0)
        return false;
    *ret_port = (unsigned)port;
    return true;
}

bool authority_parse(const char *text, struct authority *ret_authority)
{
    struct authority authority = {0};
    bool bracketed = text[0] == '[';
    const char *begin = bracketed ? text + 1 : text;
    size_t length = strcspn(begin, bracketed ? "]" : ":");
    const char *rest = begin + length;
    if (!bracketed && strlen(text) < WEB_ORIGIN_HOST_SIZE && is_v6(text) && !strchr(text, '%')) {
        length = strlen(text);
        rest = text + length;
    }
    if (length == 0 || length >= WEB_ORIGIN_HOST_SIZE || (bracketed && *rest++ != ']'))
        return false;
    copy_lower(authority.host, begin, length);
    if (bracketed || rest[0] == '\0')
        authority.is_literal = is_v6(authority.host);
    authority.is_literal = authority.is_literal || (!bracketed && is_v4(authority.host));
    if (bracketed ? !authority.is_literal : !authority.is_literal && !is_name(begin, length))
        return false;
    if (!read_port(rest, &authority.port))
        return false;
    *ret_authority = authority;
    return true;
}

bool web_origin_parse(const char *text, struct web_origin *ret_origin)
{
    static const char plain[] = "http://";
    static const char secure[] = "https://";
    struct web_origin origin = {.is_secure = strncmp(text, secure, sizeof secure - 1) == 0};
    if (!origin.is_secure && strncmp(text, plain, sizeof plain - 1) != 0)
        return false;
    text += origin.is_secure ? sizeof secure - 1 : sizeof plain - 1;
    if (!authority_parse(text, &origin.authority) ||
        (text[0] != '[' && strchr(origin.authority.host, ':')))
        return false;
    *ret_origin = origin;
    return true;
}

unsigned authority_port(const struct authority *authority, bool is_secure)
{
    if (authority->port)
        return authority->port;
    return is_secure ? HTTPS_PORT : HTTP_PORT;
}

bool web_origin_equals(const struct web_origin *a, const struct web_origin *b)
{
    return a->is_secure == b->is_secure && strcmp(a->authority.host, b->authority.host) == 0 &&
           authority_port(&a->authority, a->is_secure) ==
               authority_port(&b->authority, b->is_secure);
}

char *web_origin_print(const struct web_origin *origin, char text[WEB_ORIGIN_TEXT_SIZE])
{
    const struct authority *authority = &origin->authority;
    bool is_bracketed = strchr(authority->host, ':') != NULL;
    unsigned port = authority_port(authority, origin->is_secure);
    int length =
        snprintf(text, WEB_ORIGIN_TEXT_SIZE, "%s://%s%s%s", origin->is_secure ? "https" : "http",
                 is_bracketed ? "[" : "", authority->host, is_bracketed ? "]" : "");
    if (port != (origin->is_secure ? HTTPS_PORT : HTTP_PORT))
        (void)snprintf(text + length, WEB_ORIGIN_TEXT_SIZE - (size_t)length, ":%u", port);
    return text;
}
