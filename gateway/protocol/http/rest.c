#include "protocol/http/rest.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/number.h"
#include "circuit/circuit.h"
#include "protocol/capture.h"
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
    SHARE_URL_SIZE = 384, /* an address of 128 bytes and a token of 128 */
    ADDRESS_URL_SIZE = 128,
};

void rest_value(struct http_exchange *http_exchange)
{
    struct json *line = route_call(http_exchange);
    if (!line)
        return;
    http_exchange->status = 200;
    http_exchange->media_type = "application/json";
    if (json_print(json_get(line, "value"), &http_exchange->answer))
        http_exchange_refuse(http_exchange, PROBLEM_INTERNAL, "Out of memory.");
    json_free(line);
}

void rest_history(struct http_exchange *http_exchange)
{
    const char *format = http_exchange->query(http_exchange, "format");
    bool as_json = !format || strcmp(format, "json") == 0;
    bool as_csv = !as_json && strcmp(format, "csv") == 0;
    if (!as_json && !as_csv && strcmp(format, "vcd") != 0) {
        http_exchange_refuse(http_exchange, PROBLEM_BAD_REQUEST,
                             "format: json, csv or vcd is needed");
        return;
    }
    struct json *history = route_call(http_exchange);
    if (!history)
        return;
    if (as_json) {
        http_exchange_answer_json(http_exchange, 200, history);
        return;
    }
    int error = as_csv ? history_export_csv(history, &http_exchange->answer)
                       : history_export_vcd(history, http_exchange->service->circuit,
                                            &http_exchange->answer);
    json_free(history);
    http_exchange->status = 200;
    http_exchange->media_type = as_csv ? "text/csv; charset=utf-8" : "text/plain; charset=utf-8";
    http_exchange_add_header(http_exchange, "Content-Disposition",
                             "attachment; filename=\"history.%s\"", format);
    if (error)
        http_exchange_refuse(http_exchange, PROBLEM_INTERNAL,
                             "The history does not fit into memory.");
}

void rest_pcapng(struct http_exchange *http_exchange)
{
    int64_t id = 0;
    int error = number_parse(http_exchange->path_argument, 1, UINT32_MAX, &id);
    if (!error)
        error = capture_save(http_exchange->service->capture, (uint32_t)id, &http_exchange->answer);
    if (error) {
        http_exchange_refuse(http_exchange, PROBLEM_NOT_FOUND,
                             "Nobody looks at this connection: ask for its packets first.");
        return;
    }
    http_exchange->status = 200;
    http_exchange->media_type = "application/x-pcapng";
    http_exchange_add_header(http_exchange, "Content-Disposition",
                             "attachment; filename=\"connection-%lld.pcapng\"", (long long)id);
}

void rest_rpc(struct http_exchange *http_exchange)
{
    int error = rpc_answer(http_exchange->service, &http_exchange->caller,
                           buffer_text(&http_exchange->body), http_exchange->body.length,
                           &http_exchange->answer);
    if (error) {
        http_exchange_refuse(http_exchange, PROBLEM_INTERNAL,
                             "The answer does not fit into memory.");
        return;
    }
    http_exchange->status = http_exchange->answer.length > 0 ? 200 : 204;
    http_exchange->media_type = http_exchange->answer.length > 0 ? "application/json" : NULL;
}

static void answer_session(struct http_exchange *http_exchange, enum role role)
{
    struct json *session = json_new_object();
    json_add_text(session, "role", role_name(role));
    json_add_text(session, "mode", auth_is_open(http_exchange->service->auth) ? "none" : "token");
    http_exchange_answer_json(http_exchange, 200, session);
}

void rest_session_get(struct http_exchange *http_exchange)
{
    answer_session(http_exchange, http_exchange->caller.role);
}

void rest_session_post(struct http_exchange *http_exchange)
{
    struct json *body = NULL;
    const char *token = NULL;
    const struct auth *auth = http_exchange->service->auth;
    if (json_parse(buffer_text(&http_exchange->body), http_exchange->body.length, &body, NULL) == 0)
        token = json_text(json_get(body, "token"));
    enum role role = token ? auth_role(auth, token, strlen(token)) : ROLE_NONE;
    if (!token)
        http_exchange_refuse(http_exchange, PROBLEM_BAD_REQUEST, "Send {\"token\":\"…\"}.");
    else if (role == ROLE_NONE)
        http_exchange_refuse(
            http_exchange, PROBLEM_UNAUTHORIZED,
            "This token is not known here. `gpio-gateway token show` prints the right "
            "ones.");
    else
        answer_session(http_exchange, role);
    if (role > ROLE_NONE && !auth_is_open(auth))
        http_exchange_add_header(http_exchange, "Set-Cookie",
                                 "%s=%s; Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict",
                                 auth_cookie_name, auth_token(auth, role));
    json_free(body);
}

void rest_session_delete(struct http_exchange *http_exchange)
{
    http_exchange_answer_empty(http_exchange, 204);
    http_exchange_add_header(http_exchange, "Set-Cookie",
                             "%s=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict", auth_cookie_name);
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

void rest_share(struct http_exchange *http_exchange)
{
    struct json *body = NULL;
    const char *role = NULL;
    const struct service *service = http_exchange->service;
    if (json_parse(buffer_text(&http_exchange->body), http_exchange->body.length, &body, NULL) == 0)
        role = json_text(json_get(body, "role"));
    bool is_operator = role && strcmp(role, "operator") == 0;
    if (!is_operator && (!role || strcmp(role, "viewer") != 0)) {
        http_exchange_refuse(http_exchange, PROBLEM_BAD_REQUEST,
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
        bool open = auth_is_open(service->auth);
        enum role shared = is_operator ? ROLE_OPERATOR : ROLE_VIEWER;
        (void)snprintf(url, sizeof url, "%s%s%s", address,
                       open ? "" : "?token=", open ? "" : auth_token(service->auth, shared));
        add_link(links, url);
    }
    http_exchange_answer_json(http_exchange, 200, answer);
}

void rest_openapi(struct http_exchange *http_exchange)
{
    http_exchange_answer_json(http_exchange, 200, openapi_document());
}

void rest_health(struct http_exchange *http_exchange)
{
    struct circuit *circuit = http_exchange->service->circuit;
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
                     (now.monotonic_ns - http_exchange->service->started_ns) / CLOCK_NS_PER_SECOND);
    json_add_integer(health, "lines_unavailable", unavailable);
    http_exchange_answer_json(http_exchange, 200, health);
}
