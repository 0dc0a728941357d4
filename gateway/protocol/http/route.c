#include "protocol/http/route.h"

#include "base/json.h"
#include "base/number.h"
#include "protocol/http/event_stream.h"
#include "protocol/http/rest.h"
#include "protocol/http/websocket_upgrade.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct route routes[] = {
    {"GET", "/api/v1/circuit", "circuit.get", 0, 0, NULL, NULL, NULL, false},
    {"GET", "/api/v1/lines", "lines.get", 0, 0, NULL, NULL, NULL, false},
    {"PUT", "/api/v1/lines", "lines.set", ROUTE_WHOLE, 0, NULL, NULL, NULL, false},
    {"GET", "/api/v1/lines/{line}", "line.get", 0, 0, NULL, NULL, NULL, false},
    {"GET", "/api/v1/lines/{line}/value", "line.get", 0, 0, rest_value, NULL, NULL, false},
    {"PUT", "/api/v1/lines/{line}/value", "line.set", ROUTE_SCALAR, 0, NULL, NULL, NULL, false},
    {"POST", "/api/v1/lines/{line}/toggle", "line.toggle", ROUTE_MEMBERS, 0, NULL, NULL, NULL,
     false},
    {"POST", "/api/v1/lines/{line}/pulse", "line.pulse", ROUTE_MEMBERS, 0, NULL, NULL, NULL, false},
    {"POST", "/api/v1/lines/{line}/blink", "line.blink", ROUTE_MEMBERS, 0, NULL, NULL, NULL, false},
    {"POST", "/api/v1/lines/{line}/pwm", "line.pwm", ROUTE_MEMBERS, 0, NULL, NULL, NULL, false},
    {"POST", "/api/v1/lines/{line}/stop", "line.stop", ROUTE_MEMBERS, 0, NULL, NULL, NULL, false},
    {"POST", "/api/v1/lines/{line}/lock", "line.lock", ROUTE_MEMBERS, 0, NULL, NULL, NULL, false},
    {"POST", "/api/v1/lines/{line}/unlock", "line.unlock", ROUTE_MEMBERS, 0, NULL, NULL, NULL,
     false},
    {"POST", "/api/v1/off", "circuit.off", ROUTE_MEMBERS, 0, NULL, NULL, NULL, false},
    {"POST", "/api/v1/scenes/{scene}", "scene.apply", ROUTE_MEMBERS, 0, NULL, NULL, NULL, false},
    {"POST", "/api/v1/simulator/lines/{line}", "simulator.set", ROUTE_SCALAR, 0, NULL, NULL, NULL,
     false},
    {"GET", "/api/v1/events", NULL, 0, ROLE_VIEWER, event_stream_request,
     "Server-sent events; resumes by Last-Event-ID or ?since=", "text/event-stream", false},
    {"GET", "/api/v1/history", "history.get", 0, 0, rest_history, NULL, NULL, false},
    {"GET", "/api/v1/sockets", "sockets.list", 0, 0, NULL, NULL, NULL, false},
    {"GET", "/api/v1/sockets/calls", "sockets.calls", 0, 0, NULL, NULL, NULL, false},
    {"POST", "/api/v1/sockets/try", "sockets.try", ROUTE_MEMBERS, 0, NULL, NULL, NULL, false},
    {"POST", "/api/v1/sockets/experiment", "sockets.experiment", ROUTE_MEMBERS, 0, NULL, NULL, NULL,
     false},
    {"GET", "/api/v1/sockets/{id}", "sockets.get", 0, 0, NULL, NULL, NULL, false},
    {"GET", "/api/v1/sockets/{id}/packets", "sockets.packets", 0, 0, NULL, NULL, NULL, false},
    {"GET", "/api/v1/sockets/{id}/packets.pcapng", NULL, 0, ROLE_OPERATOR, rest_pcapng,
     "What was seen of a connection, for Wireshark", "application/x-pcapng", false},
    {"POST", "/api/v1/rpc", NULL, ROUTE_RAW, ROLE_VIEWER, rest_rpc,
     "JSON-RPC 2.0, batches too; system.methods lists the methods", NULL, true},
    {"GET", "/api/v1/session", NULL, 0, ROLE_VIEWER, rest_session_get, "Your role", NULL, false},
    {"POST", "/api/v1/session", NULL, ROUTE_RAW, ROLE_NONE, rest_session_post,
     "Log in: {\"token\":\"…\"} sets the cookie", NULL, false},
    {"DELETE", "/api/v1/session", NULL, 0, ROLE_NONE, rest_session_delete, "Log out", NULL, true},
    {"POST", "/api/v1/share", NULL, ROUTE_RAW, ROLE_OPERATOR, rest_share,
     "Links with a token for {\"role\":\"viewer\"}, and their QR codes", NULL, false},
    {"GET", "/api/v1/openapi.json", NULL, 0, ROLE_NONE, rest_openapi, "This document", NULL, false},
    {"GET", "/healthz", NULL, 0, ROLE_NONE, rest_health, "Whether the gateway is well", NULL,
     false},
    {"GET", "/metrics", NULL, 0, ROLE_VIEWER, rest_metrics, "Prometheus text", "text/plain", false},
    {"GET", "/ws", NULL, 0, ROLE_VIEWER, websocket_upgrade_request,
     "WebSocket: JSON-RPC 2.0, snapshot and events", NULL, false},
};

const struct route *route_at(size_t index)
{
    return index < sizeof routes / sizeof routes[0] ? &routes[index] : NULL;
}

/* True when `path` has the form of `pattern`; what stands for {…} goes to `argument`. */
static bool matches(const char *pattern, const char *path, char *argument, size_t size)
{
    const char *brace = strchr(pattern, '{');
    if (!brace)
        return strcmp(pattern, path) == 0;
    size_t prefix = (size_t)(brace - pattern);
    if (strncmp(pattern, path, prefix) != 0)
        return false;
    size_t length = strcspn(path + prefix, "/");
    const char *suffix = strchr(brace, '}') + 1;
    if (length == 0 || length >= size || strcmp(path + prefix + length, suffix) != 0)
        return false;
    memcpy(argument, path + prefix, length);
    argument[length] = '\0';
    return true;
}

const struct route *route_find(struct http_exchange *http_exchange, char *ret_allow,
                               size_t allow_size)
{
    const char *method = strcmp(http_exchange->method, "HEAD") == 0 ? "GET" : http_exchange->method;
    char argument[sizeof http_exchange->path_argument];
    const char *pattern = NULL; /* of the first row that fits: "calls" is no {id} */
    size_t used = 0;
    ret_allow[0] = '\0';
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        const struct route *route = &routes[i];
        argument[0] = '\0';
        bool fits = pattern
                        ? strcmp(pattern, route->pattern) == 0
                        : matches(route->pattern, http_exchange->path, argument, sizeof argument);
        if (!fits)
            continue;
        if (!pattern) {
            pattern = route->pattern;
            memcpy(http_exchange->path_argument, argument, sizeof argument);
        }
        if (strcmp(route->method, method) == 0)
            return route;
        if (used < allow_size)
            used += (size_t)snprintf(
                ret_allow + used, allow_size - used, "%s%s",
                strcmp(route->method, "GET") == 0 ? "GET, HEAD" : route->method, ", ");
    }
    if (pattern && used < allow_size)
        (void)snprintf(ret_allow + used, allow_size - used, "OPTIONS");
    return NULL;
}

/* Adds what stands for {…}, under the name in the braces. */
static void add_path_argument(struct http_exchange *http_exchange, struct json *params)
{
    const char *brace = strchr(http_exchange->route->pattern, '{');
    if (!brace)
        return;
    char name[16];
    (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(brace + 1, "}"), brace + 1);
    int64_t number;
    if (strcmp(name, "id") == 0 &&
        number_parse(http_exchange->path_argument, 0, UINT32_MAX, &number) == 0)
        json_add_integer(params, name, number);
    else
        json_add_text(params, name, http_exchange->path_argument);
}

/* Takes the method's parameters that stand in the query. */
static void add_query(struct http_exchange *http_exchange, const struct method *method,
                      struct json *params)
{
    for (size_t i = 0; i < METHOD_PARAMS_MAX && method->params[i].type != PARAM_END; i++) {
        const struct param *param = &method->params[i];
        const char *text = http_exchange->query(http_exchange, param->name);
        int64_t number;
        if (!text || *text == '\0' || json_get(params, param->name))
            continue;
        if (param->type == PARAM_INTEGER && number_parse(text, INT64_MIN, INT64_MAX, &number) == 0)
            json_add_integer(params, param->name, number);
        else
            json_add_text(params, param->name, text);
    }
}

static int add_members(struct http_exchange *http_exchange, const struct json *body,
                       struct json *params)
{
    for (const struct json *member = json_first(body); member; member = json_next(member)) {
        if (json_get(params, json_key(member))) {
            http_exchange_refuse(http_exchange, PROBLEM_BAD_REQUEST,
                                 "\"%.40s\" stands in the path already", json_key(member));
            return -1;
        }
        json_add_copy(params, json_key(member), member);
    }
    return 0;
}

static int add_body(struct http_exchange *http_exchange, const struct json *body,
                    struct json *params)
{
    enum route_body kind = http_exchange->route->body;
    if (kind == ROUTE_WHOLE) {
        json_add_copy(params, "lines", body);
        return 0;
    }
    if (json_is(body, JSON_OBJECT))
        return add_members(http_exchange, body, params);
    if (kind == ROUTE_SCALAR) {
        json_add_copy(params, "value", body);
        return 0;
    }
    http_exchange_refuse(http_exchange, PROBLEM_BAD_REQUEST,
                         "An object is needed, as {\"ms\":500}.");
    return -1;
}

/* Parses the body of a request. 0 with `*ret_body` (NULL when it is empty), or -1: answered. */
static int read_body(struct http_exchange *http_exchange, struct json **ret_body)
{
    *ret_body = NULL;
    if (http_exchange->body.length == 0)
        return 0;
    struct json_problem where;
    int error = json_parse(http_exchange->body.data, http_exchange->body.length, ret_body, &where);
    if (error == -EBADMSG)
        http_exchange_refuse(http_exchange, PROBLEM_BAD_REQUEST,
                             "The body is not JSON: line %zu, column %zu: %s", where.line,
                             where.column, where.text);
    else if (error)
        http_exchange_refuse(http_exchange, PROBLEM_INTERNAL, "Out of memory.");
    return error ? -1 : 0;
}

static struct json *make_params(struct http_exchange *http_exchange, const struct method *method)
{
    struct json *params = json_new_object();
    add_path_argument(http_exchange, params);
    if (http_exchange->route->body == ROUTE_NO_BODY) {
        add_query(http_exchange, method, params);
        return params;
    }
    struct json *body;
    if (read_body(http_exchange, &body))
        return json_free(params);
    int error = body ? add_body(http_exchange, body, params) : 0;
    json_free(body);
    if (!error && http_exchange->route->body == ROUTE_WHOLE)
        add_query(http_exchange, method, params);
    return error ? json_free(params) : params;
}

int route_call(struct http_exchange *http_exchange, struct result *ret_result)
{
    const struct method *method = method_find(http_exchange->route->call);
    struct json *params = make_params(http_exchange, method);
    if (!params)
        return -1;
    struct problem problem;
    int error = method_call(http_exchange->service, method, &http_exchange->caller, params,
                            ret_result, &problem);
    if (error)
        http_exchange_fail(http_exchange, &problem);
    json_free(params);
    return error;
}

static bool media_type_fits(const struct http_exchange *http_exchange)
{
    const char *type = http_exchange->header(http_exchange, "Content-Type");
    if (!type || http_exchange->body.length == 0)
        return true;
    size_t length = strcspn(type, "; \t");
    return (length == 16 && strncasecmp(type, "application/json", length) == 0) ||
           (length == 20 && strncasecmp(type, "application/json-rpc", length) == 0);
}

void route_answer(struct http_exchange *http_exchange)
{
    const struct route *route = http_exchange->route;
    if (route->body != ROUTE_NO_BODY && !media_type_fits(http_exchange)) {
        http_exchange_refuse(http_exchange, PROBLEM_MEDIA_TYPE,
                             "Send JSON: curl --json '…', or -H 'Content-Type: application/json'.");
        return;
    }
    if (route->handler) {
        route->handler(http_exchange);
        return;
    }
    struct result result;
    if (route_call(http_exchange, &result))
        return;
    struct json_writer writer = http_exchange_begin_json(http_exchange, 200);
    result_write(&result, &writer);
    http_exchange_end_json(http_exchange);
    result_done(&result);
}
