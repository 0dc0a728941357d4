#include "protocol/http/rest.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/number.h"
#include "circuit/circuit.h"
#include "protocol/capture.h"
#include "protocol/http/exchange.h"
#include "protocol/http/history_export.h"
#include "protocol/http/openapi.h"
#include "protocol/http/route.h"
#include "protocol/method/rpc.h"
#include "protocol/qr.h"

#include <stdio.h>
#include <string.h>

enum {
    SHARE_LINKS_MAX = 16,
    SHARE_URL_SIZE = 384, /* an address of 128 bytes and a token of 128 */
    ADDRESS_URL_SIZE = 128,
};

void rest_value(struct exchange *exchange)
{
    struct json *line = route_call(exchange);
    if (!line)
        return;
    exchange->status = 200;
    exchange->media_type = "application/json";
    if (json_print(json_get(line, "value"), &exchange->answer))
        exchange_refuse(exchange, PROBLEM_INTERNAL, "Out of memory.");
    json_free(line);
}

void rest_history(struct exchange *exchange)
{
    const char *format = exchange->query(exchange, "format");
    bool as_json = !format || strcmp(format, "json") == 0;
    bool as_csv = !as_json && strcmp(format, "csv") == 0;
    if (!as_json && !as_csv && strcmp(format, "vcd") != 0) {
        exchange_refuse(exchange, PROBLEM_BAD_REQUEST, "format: json, csv or vcd is needed");
        return;
    }
    struct json *history = route_call(exchange);
    if (!history)
        return;
    if (as_json) {
        exchange_answer_json(exchange, 200, history);
        return;
    }
    int error = as_csv ? history_export_csv(history, &exchange->answer)
                       : history_export_vcd(history, exchange->service->circuit, &exchange->answer);
    json_free(history);
    exchange->status = 200;
    exchange->media_type = as_csv ? "text/csv; charset=utf-8" : "text/plain; charset=utf-8";
    exchange_add_header(exchange, "Content-Disposition", "attachment; filename=\"history.%s\"",
                        format);
    if (error)
        exchange_refuse(exchange, PROBLEM_INTERNAL, "The history does not fit into memory.");
}

void rest_pcapng(struct exchange *exchange)
{
    int64_t id = 0;
    int error = number_parse(exchange->path_argument, 1, UINT32_MAX, &id);
    if (!error)
        error = capture_save(exchange->service->capture, (uint32_t)id, &exchange->answer);
    if (error) {
        exchange_refuse(exchange, PROBLEM_NOT_FOUND,
                        "Nobody looks at this connection: ask for its packets first.");
        return;
    }
    exchange->status = 200;
    exchange->media_type = "application/x-pcapng";
    exchange_add_header(exchange, "Content-Disposition",
                        "attachment; filename=\"connection-%lld.pcapng\"", (long long)id);
}

void rest_rpc(struct exchange *exchange)
{
    int error = rpc_answer(exchange->service, &exchange->caller, buffer_text(&exchange->body),
                           exchange->body.length, &exchange->answer);
    if (error) {
        exchange_refuse(exchange, PROBLEM_INTERNAL, "The answer does not fit into memory.");
        return;
    }
    exchange->status = exchange->answer.length > 0 ? 200 : 204;
    exchange->media_type = exchange->answer.length > 0 ? "application/json" : NULL;
}

static void answer_session(struct exchange *exchange, enum role role)
{
    struct json *session = json_new_object();
    json_add_text(session, "role", role_name(role));
    json_add_text(session, "mode", access_is_open(exchange->service->access) ? "none" : "token");
    exchange_answer_json(exchange, 200, session);
}

void rest_session_get(struct exchange *exchange)
{
    answer_session(exchange, exchange->caller.role);
}

void rest_session_post(struct exchange *exchange)
{
    struct json *body = NULL;
    const char *token = NULL;
    const struct access *access = exchange->service->access;
    if (json_parse(buffer_text(&exchange->body), exchange->body.length, &body, NULL) == 0)
        token = json_text(json_get(body, "token"));
    enum role role = token ? access_role(access, token, strlen(token)) : ROLE_NONE;
    if (!token)
        exchange_refuse(exchange, PROBLEM_BAD_REQUEST, "Send {\"token\":\"…\"}.");
    else if (role == ROLE_NONE)
        exchange_refuse(exchange, PROBLEM_UNAUTHORIZED,
                        "This token is not known here. `gpio-gateway token show` prints the right "
                        "ones.");
    else
        answer_session(exchange, role);
    if (role > ROLE_NONE && !access_is_open(access))
        exchange_add_header(exchange, "Set-Cookie",
                            "%s=%s; Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict",
                            access_cookie_name, access_token(access, role));
    json_free(body);
}

void rest_session_delete(struct exchange *exchange)
{
    exchange_answer_empty(exchange, 204);
    exchange_add_header(exchange, "Set-Cookie", "%s=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict",
                        access_cookie_name);
}

static void add_link(struct json *links, const char *url)
{
    struct json *link = json_new_object_in(links, NULL);
    json_add_text(link, "url", url);
    struct qr *qr = qr_new(url);
    if (!qr)
        return;
    struct json *rows = json_new_array_in(link, "qr");
    for (int y = 0; y < qr_width(qr); y++) {
        char row[256] = "";
        for (int x = 0; x < qr_width(qr) && x < (int)sizeof row - 1; x++)
            row[x] = qr_is_dark(qr, x, y) ? '1' : '0';
        json_add_text(rows, NULL, row);
    }
    qr_free(qr);
}

void rest_share(struct exchange *exchange)
{
    struct json *body = NULL;
    const char *role = NULL;
    const struct service *service = exchange->service;
    if (json_parse(buffer_text(&exchange->body), exchange->body.length, &body, NULL) == 0)
        role = json_text(json_get(body, "role"));
    bool is_operator = role && strcmp(role, "operator") == 0;
    if (!is_operator && (!role || strcmp(role, "viewer") != 0)) {
        exchange_refuse(exchange, PROBLEM_BAD_REQUEST,
                        "Send {\"role\":\"viewer\"} or {\"role\":\"operator\"}.");
        json_free(body);
        return;
    }
    json_free(body);
    struct json *answer = json_new_object();
    struct json *links = json_new_array_in(answer, "links");
    for (size_t i = 0; i < SHARE_LINKS_MAX && service->address; i++) {
        char address[ADDRESS_URL_SIZE];
        char url[SHARE_URL_SIZE];
        if (!service->address(service->address_context, i, address))
            break;
        bool open = access_is_open(service->access);
        enum role shared = is_operator ? ROLE_OPERATOR : ROLE_VIEWER;
        (void)snprintf(url, sizeof url, "%s%s%s", address,
                       open ? "" : "?token=", open ? "" : access_token(service->access, shared));
        add_link(links, url);
    }
    exchange_answer_json(exchange, 200, answer);
}

void rest_openapi(struct exchange *exchange)
{
    exchange_answer_json(exchange, 200, openapi_document());
}

void rest_health(struct exchange *exchange)
{
    struct circuit *circuit = exchange->service->circuit;
    struct timestamps now = service_now();
    int64_t unavailable = 0;
    for (size_t i = 0; i < circuit_line_count(circuit); i++) {
        struct line_state state;
        circuit_line(circuit, i, &now, &state);
        unavailable += !state.available;
    }
    struct json *health = json_new_object();
    json_add_text(health, "status", unavailable ? "degraded" : "ok");
    json_add_text(health, "version", GATEWAY_VERSION);
    json_add_text(health, "backend", gpio_backend_name(circuit_gpio(circuit)));
    json_add_integer(health, "uptime_s",
                     (now.monotonic_ns - exchange->service->started_ns) / CLOCK_NS_PER_SECOND);
    json_add_integer(health, "lines_unavailable", unavailable);
    exchange_answer_json(exchange, 200, health);
}
