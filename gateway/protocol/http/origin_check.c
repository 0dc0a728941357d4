#include "protocol/http/origin_check.h"

#include <string.h>

static bool has_method(const struct http_exchange *http_exchange, const char *method)
{
    return strcmp(http_exchange->method, method) == 0;
}

/* Methods that change nothing (RFC 9110 §9.2.1). */
static bool is_safe(const struct http_exchange *http_exchange)
{
    return has_method(http_exchange, "GET") || has_method(http_exchange, "HEAD") ||
           has_method(http_exchange, "OPTIONS");
}

static bool check_host(struct http_exchange *http_exchange, const char *host)
{
    if (http_exchange->is_local)
        return true;
    if (!host && !http_exchange->is_http_1_0) {
        http_exchange_refuse(http_exchange, PROBLEM_BAD_REQUEST,
                             "A Host field is needed (RFC 9112 §3.2).");
        return false;
    }
    if (host && !auth_serves_host(http_exchange->service->auth, host)) {
        http_exchange_refuse(
            http_exchange, PROBLEM_MISDIRECTED,
            "\"%.100s\" is no name of this gateway. Use its IP address, or add the name "
            "to auth.allowed_hosts.",
            host);
        return false;
    }
    return true;
}

static bool refuse_page(struct http_exchange *http_exchange, const char *origin)
{
    http_exchange_refuse(http_exchange, PROBLEM_FORBIDDEN,
                         "Pages from \"%.100s\" may not talk to this gateway; add that origin to "
                         "auth.allowed_origins if they should.",
                         origin);
    return false;
}

/* Cookies know no ports and SameSite knows none either: a page of another port of this host is
 * "same-site" and as foreign as any other. */
static bool check_fetch_site(struct http_exchange *http_exchange)
{
    const char *site = http_exchange->header(http_exchange, "Sec-Fetch-Site");
    if (!site || is_safe(http_exchange) || strcmp(site, "same-origin") == 0 ||
        strcmp(site, "none") == 0)
        return true;
    http_exchange_refuse(
        http_exchange, PROBLEM_FORBIDDEN,
        "The browser says that a page of another origin sent this; add that origin "
        "to auth.allowed_origins if it should.");
    return false;
}

bool origin_is_own(const struct http_exchange *http_exchange, const char *origin)
{
    struct web_origin parsed;
    if (!http_exchange->is_scheme_known)
        return auth_is_own_origin(origin, http_exchange->host, http_exchange->listener_port);
    return web_origin_parse(origin, &parsed) && parsed.is_secure == http_exchange->is_secure &&
           auth_is_own_origin(origin, http_exchange->host, 0);
}

bool origin_check(struct http_exchange *http_exchange, bool is_page_file)
{
    const char *host = http_exchange->host;
    const char *origin = http_exchange->header(http_exchange, "Origin");
    if (!check_host(http_exchange, host))
        return false;
    if (origin && auth_allows_origin(http_exchange->service->auth, origin)) {
        http_exchange->cors_origin = origin;
        return true;
    }
    if (origin && !is_page_file && !origin_is_own(http_exchange, origin))
        return refuse_page(http_exchange, origin);
    return check_fetch_site(http_exchange);
}

bool origin_is_cross_site(const struct http_exchange *http_exchange)
{
    const char *site = http_exchange->header(http_exchange, "Sec-Fetch-Site");
    return site && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0;
}

/* A program of this machine names the gateway as it likes ("curl http://gateway/"). A name of DNS or an address of
 * the network is what somebody elsewhere asked for, whoever carries his bytes to the socket. */
static bool is_foreign_name(const char *host)
{
    struct authority authority;
    if (!authority_parse(host, &authority))
        return true;
    const char *name = authority.host;
    if (authority.is_literal)
        return strncmp(name, "127.", 4) != 0 && strcmp(name, "::1") != 0;
    return strchr(name, '.') != NULL;
}

bool origin_is_passed_on(const struct http_exchange *http_exchange)
{
    static const char *const fields[] = {
        "Forwarded",
        "X-Forwarded",
        "X-Forwarded-By",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Forwarded-Port",
        "X-Forwarded-Prefix",
        "X-Forwarded-Proto",
        "X-Forwarded-Scheme",
        "X-Forwarded-Server",
        "X-Forwarded-Ssl",
        "X-Original-Forwarded-For",
        "X-Original-Host",
        "X-Original-URL",
        "X-Real-IP",
        "X-Client-IP",
        "X-Cluster-Client-IP",
        "X-Envoy-External-Address",
        "CF-Connecting-IP",
        "Fly-Client-IP",
        "True-Client-IP",
        "Front-End-Https",
        "CDN-Loop",
        "Via",
        /* of browsers, which open no socket of AF_UNIX themselves */
        "Origin",
        "Referer",
        "Upgrade-Insecure-Requests",
        "Sec-Fetch-Site",
        "Sec-Fetch-Mode",
        "Sec-Fetch-Dest",
        "Sec-Fetch-User",
        "Sec-CH-UA",
    };
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (http_exchange->header(http_exchange, fields[i]))
            return true;
    const char *host = http_exchange->header(http_exchange, "Host");
    return host && is_foreign_name(host);
}

void origin_answer_preflight(struct http_exchange *http_exchange, const char *allow)
{
    http_exchange_answer_empty(http_exchange, 204);
    http_exchange_add_header(http_exchange, "Access-Control-Allow-Methods", "%s", allow);
    http_exchange_add_header(http_exchange, "Access-Control-Allow-Headers",
                             "Authorization, Content-Type, If-Match, If-None-Match, Last-Event-ID");
    http_exchange_add_header(http_exchange, "Access-Control-Max-Age", "600");
}

void origin_add_fields(const struct http_exchange *http_exchange, http_field_function add,
                       void *response)
{
    if (!http_exchange->cors_origin)
        return;
    add(response, "Access-Control-Allow-Origin", http_exchange->cors_origin);
    add(response, "Access-Control-Allow-Credentials", "true");
    add(response, "Access-Control-Expose-Headers",
        "Allow, Content-Disposition, ETag, History-Next, Last-Event-ID, Location, Retry-After, "
        "WWW-Authenticate");
    add(response, "Vary", "Origin");
}
