#include "protocol/http/http_dispatch.h"

#include "net/stream.h"
#include "protocol/http/page_files.h"
#include "protocol/http/route.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char page_methods[] = "GET, HEAD, OPTIONS";

/* The page may load its own files, talk to its own gateway, and nothing else. */
static const char content_policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'self'";

static bool is_read(const struct exchange *exchange)
{
    return strcmp(exchange->method, "GET") == 0 || strcmp(exchange->method, "HEAD") == 0;
}

/* False when Host or Origin are foreign: answered then. Browsers name their peer, so that a page from
 * elsewhere (Origin) or a name that was made to point here (Host) is found out. */
static bool is_for_us(struct exchange *exchange)
{
    const char *host = exchange->header(exchange, "Host");
    const char *origin = exchange->header(exchange, "Origin");
    const struct access *access = exchange->service->access;
    if (!exchange->is_local && !host && !exchange->is_http_1_0) {
        exchange_refuse(exchange, PROBLEM_BAD_REQUEST, "A Host field is needed (RFC 9112 §3.2).");
        return false;
    }
    if (!exchange->is_local && host && !access_serves_host(access, host)) {
        exchange_refuse(
            exchange, PROBLEM_MISDIRECTED,
            "\"%.100s\" is no name of this gateway. Use its IP address, or add the name "
            "to auth.allowed_hosts.",
            host);
        return false;
    }
    if (origin && !access_serves_origin(access, origin, host)) {
        exchange_refuse(exchange, PROBLEM_FORBIDDEN,
                        "Pages from \"%.100s\" may not talk to this gateway.", origin);
        return false;
    }
    return true;
}

static void find_role(struct exchange *exchange)
{
    struct stream_credentials peer;
    const struct access *access = exchange->service->access;
    exchange->caller.role = access_role_of_request(
        access, exchange->header(exchange, "Authorization"), exchange->header(exchange, "Cookie"));
    if (exchange->is_local && stream_get_credentials(exchange->stream, &peer) == 0) {
        enum role role = access_role_of_user(access, peer.uid);
        if (role > exchange->caller.role)
            exchange->caller.role = role;
    }
}

/* RFC 9110 §12.5.3: a comma list of codings, each with a weight; 0 is a refusal. */
static bool accepts_gzip(const struct exchange *exchange)
{
    const char *list = exchange->header(exchange, "Accept-Encoding");
    while (list && *list) {
        list += strspn(list, ", \t");
        size_t length = strcspn(list, ",; \t");
        const char *rest = list + length;
        size_t rest_length = strcspn(rest, ",");
        const char *weight = memchr(rest, '=', rest_length);
        if (length == 4 && strncasecmp(list, "gzip", length) == 0)
            return !weight || strtod(weight + 1, NULL) > 0;
        list = rest + rest_length;
    }
    return false;
}

/* RFC 9110 §13.1.2: a comma list of tags, weak ones compared as strong, or "*". */
static bool has_etag(const char *list, const char *etag)
{
    return list && (strcmp(list, "*") == 0 || strstr(list, etag));
}

static void answer_page(struct exchange *exchange, struct page_file *page, int status)
{
    exchange->gzip = page->gzip && accepts_gzip(exchange);
    const char *etag = exchange->gzip ? page->etag_gzip : page->etag;
    if (status == 200 && has_etag(exchange->header(exchange, "If-None-Match"), etag)) {
        exchange->gzip = false;
        exchange_answer_empty(exchange, 304);
    } else {
        exchange->status = status;
        exchange->page = page;
        exchange->media_type = page->media_type;
    }
    exchange_add_header(exchange, "ETag", "%s", etag);
    exchange_add_header(exchange, "Vary", "Accept-Encoding");
    if (exchange->gzip)
        exchange_add_header(exchange, "Content-Encoding", "gzip");
}

/* `/?token=…`: the link of the QR code. A right token becomes the cookie and leaves the address bar;
 * with a wrong one the page comes all the same and asks for another. */
static bool log_in(struct exchange *exchange)
{
    const char *token = exchange->query(exchange, "token");
    if (!token || strcmp(exchange->path, "/") != 0)
        return false;
    const struct access *access = exchange->service->access;
    if (access_role(access, token, strlen(token)) == ROLE_NONE) {
        struct page_file *page = page_files_find(exchange->pages, "/");
        if (page) {
            answer_page(exchange, page, 401);
            exchange_add_header(exchange, "WWW-Authenticate", "Bearer realm=\"gpio-gateway\"");
        } else {
            exchange_refuse(exchange, PROBLEM_UNAUTHORIZED, "This token is not known here.");
        }
        return true;
    }
    exchange_answer_empty(exchange, 303);
    exchange_add_header(exchange, "Location", "/");
    if (!access_is_open(access))
        exchange_add_header(exchange, "Set-Cookie",
                            "%s=%.128s; Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict",
                            access_cookie_name, token);
    return true;
}

static void refuse_method(struct exchange *exchange, const char *allow)
{
    if (strcmp(exchange->method, "OPTIONS") == 0)
        exchange_answer_empty(exchange, 204);
    else
        exchange_refuse(exchange, PROBLEM_METHOD_NOT_ALLOWED, "Allowed here: %s.", allow);
    exchange_add_header(exchange, "Allow", "%s", allow);
}

static void dispatch_page(struct exchange *exchange)
{
    struct page_file *page = page_files_find(exchange->pages, exchange->path);
    if (is_read(exchange) && log_in(exchange))
        return;
    if (!page)
        exchange_refuse(exchange, PROBLEM_NOT_FOUND,
                        "There is nothing at %.80s; the interface is described at "
                        "/api/v1/openapi.json.",
                        exchange->path);
    else if (!is_read(exchange))
        refuse_method(exchange, page_methods);
    else
        answer_page(exchange, page, 200);
}

void http_dispatch(struct exchange *exchange)
{
    char allow[96];
    if (!is_for_us(exchange))
        return;
    find_role(exchange);
    exchange->route = route_find(exchange, allow, sizeof allow);
    if (!exchange->route && allow[0]) {
        refuse_method(exchange, allow);
        return;
    }
    if (!exchange->route) {
        dispatch_page(exchange);
        return;
    }
    const struct method *method = exchange->route->call ? method_find(exchange->route->call) : NULL;
    enum role needed = method ? method->role : exchange->route->role;
    if (exchange->caller.role == ROLE_NONE && needed > ROLE_NONE)
        exchange_refuse(exchange, PROBLEM_UNAUTHORIZED,
                        "A token is needed: -H 'Authorization: Bearer TOKEN'. `gpio-gateway token "
                        "show` prints it.");
    else if (exchange->caller.role < needed)
        exchange_refuse(exchange, PROBLEM_FORBIDDEN,
                        "This needs the operator's token; yours may only look.");
    else
        route_answer(exchange);
}

void http_dispatch_fields(const struct exchange *exchange, http_field_function add, void *response)
{
    add(response, "X-Content-Type-Options", "nosniff");
    add(response, "Referrer-Policy", "no-referrer");
    if (!exchange->page && exchange->status != 304) {
        add(response, "Cache-Control", "no-store");
        return;
    }
    add(response, "Cache-Control", "no-cache"); /* kept, but asked for with its tag each time */
    add(response, "Content-Security-Policy", content_policy);
    add(response, "Cross-Origin-Opener-Policy", "same-origin");
    add(response, "Cross-Origin-Resource-Policy", "same-origin");
    add(response, "Permissions-Policy", "screen-wake-lock=(self)");
}
