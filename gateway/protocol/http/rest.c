#include "protocol/http/rest.h"

#include "protocol/http/origin_check.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/number.h"
#include "circuit/circuit.h"
#include "lab/capture.h"
#include "protocol/http/history_export.h"
#include "protocol/http/http_exchange.h"
#include "protocol/http/openapi.h"
#include "protocol/http/route.h"
#include "protocol/method/rpc.h"
#include "protocol/qr.h"

#include <stdio.h>
#include <string.h>

enum {
    SHARE_LINKS_MAX = 16,
    SHARE_ADDRESS_SIZE = WEB_ORIGIN_TEXT_SIZE + 1,
    SHARE_VIEW_SIZE = 33, /* "sockets/lesson" */
    /* With "?token=" and "#". */
    SHARE_URL_SIZE = SHARE_ADDRESS_SIZE + 7 + AUTH_TOKEN_MAX + 1 + SHARE_VIEW_SIZE,
    ADDRESS_URL_SIZE = 128,
};

static void export_history(struct http_exchange *http_exchange, const struct history *history,
                           bool as_csv)
{
    const struct service *service = http_exchange->service;
    struct buffer *answer = &http_exchange->answer;
    int error = as_csv ? history_export_csv(history, service, answer)
                       : history_export_vcd(history, service, answer);
    http_exchange->status = 200;
    http_exchange->media_type = as_csv ? "text/csv; charset=utf-8" : "text/plain; charset=utf-8";
    http_exchange_add_header(http_exchange, "Content-Disposition",
                             "attachment; filename=\"history.%s\"", as_csv ? "csv" : "vcd");
    if (history->next[0]) /* these forms have no member `next` */
        http_exchange_add_header(http_exchange, "History-Next", "%s", history->next);
    if (error)
        http_exchange_refuse(http_exchange, PROBLEM_INTERNAL,
                             "The history does not fit into memory.");
}

void rest_history(struct http_exchange *http_exchange)
{
    const char *format = http_exchange->query(http_exchange, "format");
    bool as_json = !format || !*format || strcmp(format, "json") == 0;
    bool as_csv = !as_json && strcmp(format, "csv") == 0;
    if (!as_json && !as_csv && strcmp(format, "vcd") != 0) {
        http_exchange_refuse(http_exchange, PROBLEM_BAD_REQUEST,
                             "format: json, csv or vcd is needed");
        return;
    }
    struct result result;
    if (route_call(http_exchange, &result))
        return;
    if (as_json) {
        struct json_writer writer = http_exchange_begin_json(http_exchange, 200);
        result_write(&result, &writer);
        http_exchange_end_json(http_exchange);
    } else {
        export_history(http_exchange, &result.history, as_csv);
    }
    result_done(&result);
}

void rest_pcapng(struct http_exchange *http_exchange)
{
    int64_t id = 0;
    int error = number_parse(http_exchange->path_argument, 1, UINT32_MAX, &id);
    if (!error)
        error = capture_save(http_exchange->service->capture, (uint32_t)id, &http_exchange->answer);
    if (error) {
        http_exchange_refuse(http_exchange, PROBLEM_NOT_FOUND,
                             "This connection is not captured: ask for its packets first.");
        return;
    }
    http_exchange->status = 200;
    http_exchange->media_type = "application/x-pcapng";
    http_exchange_add_header(http_exchange, "Content-Disposition",
                             "attachment; filename=\"connection-%lld.pcapng\"", (long long)id);
}

void rest_rpc(struct http_exchange *http_exchange)
{
    struct buffer *answer = &http_exchange->answer;
    (void)http_exchange_begin_json(http_exchange, 200);
    int error = rpc_answer(http_exchange->service, &http_exchange->caller,
                           buffer_text(&http_exchange->body), http_exchange->body.length, answer);
    if (error)
        http_exchange_refuse(http_exchange, PROBLEM_INTERNAL,
                             "The answer does not fit into memory.");
    else if (answer->length > 0)
        http_exchange_end_json(http_exchange);
    else
        http_exchange_answer_empty(http_exchange, 204);
}

static void write_qr(struct json_writer *writer, const struct qr *qr)
{
    json_write_list(writer, "qr");
    for (int y = 0; y < qr_width(qr); y++) {
        char row[256] = "";
        for (int x = 0; x < qr_width(qr) && x < (int)sizeof row - 1; x++)
            row[x] = qr_is_dark(qr, x, y) ? '1' : '0';
        json_write_text(writer, NULL, row);
    }
    json_write_list_end(writer);
}

static void write_link(struct json_writer *writer, const char *url)
{
    struct qr *qr = qr_new(url);
    json_write_object(writer, NULL);
    json_write_text(writer, "url", url);
    if (qr)
        write_qr(writer, qr);
    json_write_object_end(writer);
    qr_free(qr);
}

/* What a body of POST /share asks for: the role that somebody is to have who opens the link, NONE when it does
 * not say, and the page's view that the link leads to, "" for the first. */
struct shared {
    enum role role;
    char view[SHARE_VIEW_SIZE];
};

static struct shared read_shared(const struct http_exchange *http_exchange)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz/";
    struct json *body = NULL;
    struct shared shared = {.role = ROLE_NONE};
    if (json_parse(buffer_text(&http_exchange->body), http_exchange->body.length, &body, NULL))
        return shared;
    const char *name = json_text(json_get(body, "role"));
    const char *view = json_text(json_get(body, "view"));
    if (name)
        shared.role = role_find(name, strlen(name));
    if (view && strlen(view) < SHARE_VIEW_SIZE && view[strspn(view, letters)] == '\0')
        (void)snprintf(shared.view, sizeof shared.view, "%s", view);
    else if (json_get(body, "view"))
        shared.role = ROLE_NONE;
    json_free(body);
    return shared;
}

bool rest_find_asked_origin(const struct http_exchange *http_exchange, struct web_origin *ret)
{
    const char *host = http_exchange->host;
    const char *origin = http_exchange->header(http_exchange, "Origin");
    if (!host || !auth_serves_host(http_exchange->service->auth, host))
        return false;
    if (origin && origin_is_own(http_exchange, origin))
        return web_origin_parse(origin, ret);
    ret->is_secure = http_exchange->is_secure;
    return authority_parse(host, &ret->authority);
}

static bool is_loopback(const char *host)
{
    return strcmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0 ||
           strcmp(host, "::1") == 0;
}

/* Adds the origin that was asked under, then the gateway's other addresses; those of the machine itself
 * only for who asked from it. Returns how many. */
static size_t find_shared(const struct http_exchange *http_exchange,
                          char urls[SHARE_LINKS_MAX][SHARE_ADDRESS_SIZE])
{
    const struct service *service = http_exchange->service;
    struct web_origin asked;
    bool is_asked = rest_find_asked_origin(http_exchange, &asked);
    bool is_remote = is_asked && !is_loopback(asked.authority.host);
    size_t count = 0;
    if (is_asked) {
        char text[WEB_ORIGIN_TEXT_SIZE];
        (void)snprintf(urls[count++], SHARE_ADDRESS_SIZE, "%s/", web_origin_print(&asked, text));
    }
    for (size_t i = 0; count < SHARE_LINKS_MAX && service->address; i++) {
        char address[ADDRESS_URL_SIZE];
        char plain[ADDRESS_URL_SIZE];
        struct web_origin origin;
        if (!service->address(service->address_context, i, address))
            break;
        (void)snprintf(plain, sizeof plain, "%.*s", (int)strcspn(address + 8, "/") + 8, address);
        if (web_origin_parse(plain, &origin) &&
            ((is_remote && is_loopback(origin.authority.host)) ||
             (is_asked && web_origin_equals(&origin, &asked))))
            continue;
        (void)snprintf(urls[count++], SHARE_ADDRESS_SIZE, "%s", address);
    }
    return count;
}

void rest_share(struct http_exchange *http_exchange)
{
    const struct auth *auth = http_exchange->service->auth;
    struct shared shared = read_shared(http_exchange);
    enum role role = shared.role;
    bool open = auth_is_open(auth);
    const char *token = open ? "" : auth_token(auth, role);
    if (role == ROLE_NONE) {
        http_exchange_refuse(http_exchange, PROBLEM_BAD_REQUEST,
                             "Send {\"role\":\"viewer\"} or {\"role\":\"operator\"}; `view`, as "
                             "\"sockets/lesson\", may name what the link opens.");
        return;
    }
    if (role > http_exchange->caller.role) {
        http_exchange_refuse(http_exchange, PROBLEM_FORBIDDEN, "Your token is of a lower role.");
        return;
    }
    if (!token) {
        http_exchange_refuse(http_exchange, PROBLEM_NOT_FOUND,
                             "There is no token of this role: `gpio-gateway token new %s`.",
                             role_name(role));
        return;
    }
    char urls[SHARE_LINKS_MAX][SHARE_ADDRESS_SIZE];
    size_t count = find_shared(http_exchange, urls);
    struct json_writer writer = http_exchange_begin_json(http_exchange, 200);
    json_write_object(&writer, NULL);
    json_write_list(&writer, "links");
    for (size_t i = 0; i < count; i++) {
        char url[SHARE_URL_SIZE];
        (void)snprintf(url, sizeof url, "%.*s%s%s%s%s", SHARE_ADDRESS_SIZE - 1, urls[i],
                       open ? "" : "?token=", token, *shared.view ? "#" : "", shared.view);
        write_link(&writer, url);
    }
    json_write_list_end(&writer);
    json_write_object_end(&writer);
    http_exchange_end_json(http_exchange);
}

void rest_openapi(struct http_exchange *http_exchange)
{
    struct json_writer writer = http_exchange_begin_json(http_exchange, 200);
    openapi_write(&writer, auth_cookie_name(http_exchange->service->auth));
    http_exchange_end_json(http_exchange);
}

void rest_health(struct http_exchange *http_exchange)
{
    struct circuit *circuit = http_exchange->service->circuit;
    struct timestamps now = clock_now();
    int64_t unavailable = 0;
    for (size_t i = 0; i < circuit_line_count(circuit); i++) {
        struct line_state state;
        circuit_line(circuit, i, &now, &state);
        unavailable += !state.available;
    }
    struct json_writer writer = http_exchange_begin_json(http_exchange, 200);
    json_write_object(&writer, NULL);
    json_write_text(&writer, "status", unavailable ? "degraded" : "ok");
    json_write_text(&writer, "version", GATEWAY_VERSION);
    json_write_text(&writer, "backend", gpio_backend_name(circuit_gpio(circuit)));
    json_write_integer(&writer, "uptime_s",
                       (now.monotonic_ns - http_exchange->service->started_ns) /
                           CLOCK_NS_PER_SECOND);
    json_write_integer(&writer, "lines_unavailable", unavailable);
    json_write_object(&writer, "helpers");
    json_write_text(&writer, "mqtt", http_exchange->service->helpers.mqtt);
    json_write_text(&writer, "mdns", http_exchange->service->helpers.mdns);
    json_write_object_end(&writer);
    json_write_object_end(&writer);
    http_exchange_end_json(http_exchange);
}
