#include "protocol/http/http_dispatch.h"

#include "net/stream.h"
#include "protocol/http/authority_files.h"
#include "protocol/http/gzip.h"
#include "protocol/http/origin_check.h"
#include "protocol/http/page_files.h"
#include "protocol/http/route.h"
#include "protocol/http/route_table.h"
#include "protocol/http/session_routes.h"

#include <string.h>

static const char page_methods[] = "GET, HEAD, OPTIONS";
static const char every_method[] = "GET, HEAD, POST, PUT, DELETE, OPTIONS"; /* of some route */

/* The page may load its own files, talk to its own gateway, and nothing else. */
static const char content_policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'self'";

enum { COOKIE_LINES_MAX = 8 };

static bool is_read(const struct http_exchange *http_exchange)
{
    return strcmp(http_exchange->method, "GET") == 0 || strcmp(http_exchange->method, "HEAD") == 0;
}

static void find_role(struct http_exchange *http_exchange)
{
    struct stream_credentials peer;
    const struct auth *auth = http_exchange->service->auth;
    const char *cookies[COOKIE_LINES_MAX];
    size_t count = http_exchange->headers_all(http_exchange, "Cookie", cookies, COOKIE_LINES_MAX);
    http_exchange->grant = auth_grant_of_request(
        auth, http_exchange->header(http_exchange, "Authorization"), cookies, count);
    http_exchange->caller.role = http_exchange->grant.role;
    if (http_exchange->is_local && !origin_is_passed_on(http_exchange) &&
        stream_get_credentials(http_exchange->stream, &peer) == 0) {
        enum role role = auth_role_of_user(auth, peer.uid);
        if (role > http_exchange->caller.role) {
            http_exchange->caller.role = role;
            http_exchange->grant = (struct auth_grant){0};
        }
    }
}

/* RFC 9110 §13.1.2: a comma list of tags, weak ones compared as strong, or "*". */
static bool has_etag(const char *list, const char *etag)
{
    return list && (strcmp(list, "*") == 0 || strstr(list, etag));
}

static void answer_page(struct http_exchange *http_exchange, struct page_file *page, int status)
{
    bool is_source = http_exchange->query(http_exchange, "source") != NULL;
    http_exchange->gzip = !is_source && gzip_is_accepted(http_exchange) && page_file_gzip(page);
    if (!http_exchange->gzip)
        (void)page_file_plain(page); /* its tag may be another one then */
    const char *etag = http_exchange->gzip ? page->etag_gzip : page->etag;
    if (status == 200 && has_etag(http_exchange->header(http_exchange, "If-None-Match"), etag)) {
        http_exchange->gzip = false;
        http_exchange_answer_empty(http_exchange, 304);
    } else {
        http_exchange->status = status;
        http_exchange->page = page;
        http_exchange->media_type = page->media_type;
    }
    http_exchange_add_header(http_exchange, "ETag", "%s", etag);
    http_exchange_add_header(http_exchange, "Vary", "Accept-Encoding");
    if (strcmp(page->name, "/") == 0)
        http_exchange_add_header(http_exchange, "Page-Version", "%016llx",
                                 (unsigned long long)page_files_version(http_exchange->pages));
    if (http_exchange->gzip)
        http_exchange_add_header(http_exchange, "Content-Encoding", "gzip");
}

static void ask_for_token(struct http_exchange *http_exchange)
{
    struct page_file *page = page_files_find(http_exchange->pages, "/");
    if (!page) {
        http_exchange_refuse(http_exchange, PROBLEM_UNAUTHORIZED, "This token is not known here.");
        return;
    }
    answer_page(http_exchange, page, 401);
    http_exchange_add_header(http_exchange, "WWW-Authenticate", "Bearer realm=\"gpio-gateway\"");
}

/* `/?token=…`: the link of the QR code. A right token becomes the cookie and leaves the address bar;
 * with a wrong one the page comes all the same and asks for another. A link on somebody else's page
 * changes nothing by itself: the page comes, and the person decides. */
static bool log_in(struct http_exchange *http_exchange)
{
    const char *token = http_exchange->query(http_exchange, "token");
    if (!token || strcmp(http_exchange->path, "/") != 0 ||
        strcmp(http_exchange->method, "GET") != 0)
        return false;
    const struct auth *auth = http_exchange->service->auth;
    enum role role = auth_role(auth, token, strlen(token));
    if (role == ROLE_NONE) {
        ask_for_token(http_exchange);
        return true;
    }
    if (origin_is_cross_site(http_exchange))
        return false;
    http_exchange_answer_empty(http_exchange, 303);
    http_exchange_add_header(http_exchange, "Location", "./");
    /* A viewer's link does not take the operator's session away. A cookie of the old kind is replaced. */
    if (role > http_exchange->caller.role || !http_exchange->grant.session)
        session_begin(http_exchange, token);
    return true;
}

static void refuse_method(struct http_exchange *http_exchange, const char *allow)
{
    bool is_options = strcmp(http_exchange->method, "OPTIONS") == 0;
    if (is_options && http_exchange->cors_origin)
        origin_answer_preflight(http_exchange, allow);
    else if (is_options)
        http_exchange_answer_empty(http_exchange, 204);
    else
        http_exchange_refuse(http_exchange, PROBLEM_METHOD_NOT_ALLOWED, "Allowed here: %s.", allow);
    http_exchange_add_header(http_exchange, "Allow", "%s", allow);
}

static void dispatch_page(struct http_exchange *http_exchange)
{
    struct page_file *page = page_files_find(http_exchange->pages, http_exchange->path);
    if (is_read(http_exchange) && (log_in(http_exchange) || authority_files_answer(http_exchange)))
        return;
    if (!page)
        http_exchange_refuse(http_exchange, PROBLEM_NOT_FOUND,
                             "There is nothing at %.80s; the interface is described at "
                             "/api/v1/openapi.json.",
                             http_exchange->path);
    else if (!is_read(http_exchange))
        refuse_method(http_exchange, page_methods);
    else
        answer_page(http_exchange, page, 200);
}

void http_dispatch(struct http_exchange *http_exchange)
{
    char allow[96];
    if (!http_exchange->host)
        http_exchange->host = http_exchange->header(http_exchange, "Host");
    bool is_page_file =
        is_read(http_exchange) && page_files_find(http_exchange->pages, http_exchange->path);
    if (!origin_check(http_exchange, is_page_file))
        return;
    find_role(http_exchange);
    if (http_exchange->caller.role > ROLE_NONE)
        stream_set_authenticated(http_exchange->stream);
    if (strcmp(http_exchange->path, "*") == 0 && strcmp(http_exchange->method, "OPTIONS") == 0) {
        refuse_method(http_exchange, every_method);
        return;
    }
    bool is_found = route_find(http_exchange, allow, sizeof allow);
    if (!is_found && allow[0]) {
        refuse_method(http_exchange, allow);
        return;
    }
    if (!is_found) {
        dispatch_page(http_exchange);
        return;
    }
    enum role needed = http_exchange->row->role;
    if (http_exchange->caller.role == ROLE_NONE && needed > ROLE_NONE)
        http_exchange_refuse(
            http_exchange, PROBLEM_UNAUTHORIZED,
            "A token is needed: -H 'Authorization: Bearer TOKEN'. `gpio-gateway token "
            "show` prints it.");
    else if (http_exchange->caller.role < needed)
        http_exchange_refuse(http_exchange, PROBLEM_FORBIDDEN,
                             needed == ROLE_ADMIN
                                 ? "This needs the admin's token."
                                 : "This needs the operator's token; your token may only read.");
    else
        route_answer(http_exchange);
}

void http_dispatch_fields(const struct http_exchange *http_exchange, http_field_function add,
                          void *response)
{
    add(response, "X-Content-Type-Options", "nosniff");
    add(response, "Referrer-Policy", "no-referrer");
    add(response, "Cross-Origin-Resource-Policy", "same-origin");
    origin_add_fields(http_exchange, add, response);
    if (!http_exchange->page && http_exchange->status != 304) {
        add(response, "Cache-Control", "no-store");
        add(response, "X-Frame-Options", "DENY"); /* a page's policy has frame-ancestors */
        return;
    }
    add(response, "Cache-Control", "no-cache"); /* kept, but asked for with its tag each time */
    add(response, "Content-Security-Policy", content_policy);
    add(response, "Cross-Origin-Opener-Policy", "same-origin");
    add(response, "Permissions-Policy", "screen-wake-lock=(self)");
}
