#include "protocol/http/route.h"

#include "base/field_reader.h"
#include "base/json.h"
#include "base/owner.h"
#include "circuit/circuit.h"
#include "protocol/http/event_stream.h"
#include "protocol/http/rest.h"
#include "protocol/http/rest_config.h"
#include "protocol/http/rest_value.h"
#include "protocol/http/route_table.h"
#include "protocol/http/session_routes.h"
#include "protocol/http/thing.h"
#include "protocol/http/websocket_upgrade.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define GET(at) .rest = "GET", .path = at
#define POST(at) .rest = "POST", .path = at

/* Read by the handlers, described here. */
static const struct field since_field = {
    .name = "since", .kind = &method_cursor, .doc = "only events after this one"};
static const char *const history_formats[] = {"json", "csv", "vcd", NULL};
static const struct field format_field = {
    .name = "format", .kind = &field_choice, .choices = history_formats, .doc = "of the answer"};
static const struct field dry_run_field = {
    .name = "dry_run", .kind = &field_switch, .doc = "1: checks only, and changes nothing"};
#define QUERY(field) .fields = {.fields = &(field), .count = 1}

static const struct route routes[] = {
    {{.name = "history.get", QUERY(format_field)},
     .handler = rest_history,
     .others = {"text/csv", "text/plain"}},
    {{.name = "line.get",
      GET("/api/v1/lines/{line}/value"),
      .fields = {.fields = rest_value_fields, .count = REST_VALUE_FIELDS},
      .answers = "value"},
     .handler = rest_value,
     .others = {"text/event-stream"},
     .may_be_empty = true},
    {{GET("/api/v1/events"), .role = ROLE_VIEWER,
      .summary = "Server-sent events; resumes by Last-Event-ID or ?since=", QUERY(since_field)},
     .handler = event_stream_request,
     .media_type = "text/event-stream"},
    {{GET("/api/v1/sockets/{id}/packets.pcapng"), .role = ROLE_OPERATOR,
      .summary = "What was seen of a connection, for Wireshark"},
     .handler = rest_pcapng,
     .media_type = "application/x-pcapng"},
    {{POST("/api/v1/rpc"), .role = ROLE_VIEWER,
      .summary = "JSON-RPC 2.0, batches too; system.methods lists the methods",
      .answers = "rpc_results"},
     .handler = rest_rpc,
     .takes = "rpc_calls",
     .may_be_empty = true},
    {{GET("/api/v1/session"), .role = ROLE_VIEWER, .summary = "Your role", .answers = "session"},
     .handler = session_route_get},
    {{POST("/api/v1/session"), .summary = "Log in: {\"token\":\"…\"} sets the cookie",
      .answers = "session"},
     .handler = session_route_post,
     .takes = "login"},
    {{.rest = "DELETE", .path = "/api/v1/session", .summary = "Log out"},
     .handler = session_route_delete,
     .may_be_empty = true},
    {{GET("/api/v1/sessions"), .role = ROLE_VIEWER,
      .summary = "Browsers that are logged in: an admin sees all, others those of their own token",
      .answers = "sessions"},
     .handler = session_route_list},
    {{.rest = "DELETE",
      .path = "/api/v1/sessions/{id}",
      .role = ROLE_VIEWER,
      .summary = "Log a browser out, its open connections too"},
     .handler = session_route_end,
     .may_be_empty = true},
    {{POST("/api/v1/share"), .role = ROLE_OPERATOR,
      .summary = "Links with a token for {\"role\":\"viewer\"}, and their QR codes",
      .answers = "share"},
     .handler = rest_share,
     .takes = "share_for"},
    {{GET("/api/v1/config"), .role = ROLE_ADMIN,
      .summary = "The circuit's file as it stands, with a strong ETag", .answers = "config"},
     .handler = rest_config_get},
    {{.rest = "PUT",
      .path = "/api/v1/config",
      .role = ROLE_ADMIN,
      .summary = "Checks the file with ?dry_run=1; with If-Match writes it and reloads",
      .answers = "config_change",
      QUERY(dry_run_field)},
     .handler = rest_config_put,
     .has_precondition = true,
     .takes = "config"},
    {{GET("/api/v1/config/versions"), .role = ROLE_ADMIN,
      .summary = "Versions that were kept, newest first", .answers = "config_versions"},
     .handler = rest_config_versions},
    {{POST("/api/v1/config/undo"), .role = ROLE_ADMIN,
      .summary = "Goes back to the version before; undone again, it comes back",
      .answers = "config_change"},
     .handler = rest_config_undo,
     .has_precondition = true},
    {{GET("/api/v1/config/schema"), .role = ROLE_VIEWER, .summary = "JSON Schema of the file",
      .answers = "schema"},
     .handler = rest_config_schema},
    {{GET("/api/v1/openapi.json"), .summary = "This document", .answers = "openapi"},
     .handler = rest_openapi},
    {{GET("/api/v1/thing"), .role = ROLE_VIEWER, .summary = "W3C Thing Description 1.1",
      .answers = "thing"},
     .handler = thing_request,
     .media_type = "application/td+json"},
    {{GET("/.well-known/wot"), .role = ROLE_VIEWER, .summary = "The same, where it is looked for",
      .answers = "thing"},
     .handler = thing_request,
     .media_type = "application/td+json"},
    {{GET("/healthz"), .summary = "Whether the gateway is well", .answers = "health"},
     .handler = rest_health},
    {{GET("/metrics"), .role = ROLE_VIEWER, .summary = "Prometheus text"},
     .handler = rest_metrics,
     .media_type = "text/plain"},
    {{GET("/ws"), .role = ROLE_VIEWER, .summary = "WebSocket: JSON-RPC 2.0, snapshot and events",
      QUERY(since_field)},
     .handler = websocket_upgrade_request,
     .is_upgrade = true},
};

const struct verb *route_next(size_t *position)
{
    const struct verb *verb;
    do {
        size_t index = (*position)++;
        verb = index < ARRAY_LENGTH(routes) ? &routes[index].verb
                                            : method_at(index - ARRAY_LENGTH(routes));
    } while (verb && !verb->path);
    return verb;
}

const struct route *route_of(const struct verb *verb)
{
    for (size_t i = 0; i < ARRAY_LENGTH(routes); i++) {
        const struct verb *own = &routes[i].verb;
        if (own == verb || (!own->path && verb->name && strcmp(own->name, verb->name) == 0))
            return &routes[i];
    }
    return NULL;
}

const struct verb *route_method(const struct verb *verb)
{
    return verb->name ? method_find(verb->name) : NULL;
}

enum role route_role(const struct verb *verb)
{
    const struct verb *method = route_method(verb);
    return method ? method->role : verb->role;
}

/* Adds what stands for {…}: the field of the name in the braces. */
static void add_path_argument(const struct http_exchange *http_exchange,
                              const struct field_table *fields, struct json *params)
{
    char name[16];
    const char *brace = strchr(http_exchange->row->verb->path, '{');
    if (!brace)
        return;
    size_t length = strcspn(brace + 1, "}");
    assert(length < sizeof name);
    memcpy(name, brace + 1, length);
    name[length] = '\0';
    const struct field *field = field_find(fields, name);
    if (field)
        field_add_word(params, field, http_exchange->path_argument);
}

/* Adds the fields that stand in the query. */
static void add_query(const struct http_exchange *http_exchange, const struct field_table *fields,
                      struct json *params)
{
    for (size_t i = 0; i < fields->count; i++) {
        const struct field *field = &fields->fields[i];
        const char *text = http_exchange->query(http_exchange, field->name);
        if (text && *text && !json_get(params, field->name))
            field_add_word(params, field, text);
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
    enum verb_body kind = http_exchange->row->verb->body;
    if (kind == VERB_BODY_LINES) {
        json_add_copy(params, "lines", body);
        return 0;
    }
    if (json_is(body, JSON_OBJECT))
        return add_members(http_exchange, body, params);
    if (kind == VERB_BODY_VALUE) {
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
    struct json_error where;
    int error = json_parse(http_exchange->body.data, http_exchange->body.length, ret_body, &where);
    if (error == -EBADMSG)
        http_exchange_refuse(http_exchange, PROBLEM_BAD_REQUEST,
                             "The body is not JSON: line %zu, column %zu: %s", where.line,
                             where.column, where.text);
    else if (error)
        http_exchange_refuse(http_exchange, PROBLEM_INTERNAL, "Out of memory.");
    return error ? -1 : 0;
}

static struct json *make_params(struct http_exchange *http_exchange,
                                const struct field_table *fields)
{
    enum verb_body kind = http_exchange->row->verb->body;
    struct json *params = json_new_object();
    struct json *body = NULL;
    add_path_argument(http_exchange, fields, params);
    if (kind != VERB_BODY_NONE && read_body(http_exchange, &body))
        return json_free(params);
    int error = body ? add_body(http_exchange, body, params) : 0;
    json_free(body);
    if (!error && (kind == VERB_BODY_NONE || kind == VERB_BODY_LINES))
        add_query(http_exchange, fields, params);
    if (!error && json_is_incomplete(params)) {
        http_exchange_refuse(http_exchange, PROBLEM_INTERNAL, "Out of memory.");
        error = -1;
    }
    return error ? json_free(params) : params;
}

int route_call(struct http_exchange *http_exchange, struct result *ret_result)
{
    const struct verb *method = http_exchange->row->method;
    struct json *params = make_params(http_exchange, &method->fields);
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

int route_read_query(struct http_exchange *http_exchange, void *target)
{
    const struct field_table *fields = &http_exchange->row->verb->fields;
    struct problem problem = {.code = PROBLEM_NONE};
    struct json *values = json_new_object();
    const struct field_reading reading = {
        .table = fields,
        .target = target,
        .owner = circuit_description(http_exchange->service->circuit),
        .noun = "parameter",
        .context = &problem,
        .fault = method_take_fault,
    };
    add_query(http_exchange, fields, values);
    if (json_is_incomplete(values) || field_read(values, &reading))
        (void)problem_set(&problem, PROBLEM_INTERNAL, "Out of memory.");
    json_free(values);
    if (problem.code != PROBLEM_NONE)
        http_exchange_fail(http_exchange, &problem);
    return problem.code == PROBLEM_NONE ? 0 : -1;
}

/* A body without a type could come from any page, without the preflight that a typed one needs. */
static bool media_type_fits(const struct http_exchange *http_exchange)
{
    const char *type = http_exchange->header(http_exchange, "Content-Type");
    if (http_exchange->body.length == 0)
        return true;
    if (!type || http_exchange->header(http_exchange, "Content-Encoding"))
        return false;
    size_t length = strcspn(type, "; \t");
    return (length == 16 && strncasecmp(type, "application/json", length) == 0) ||
           (length == 20 && strncasecmp(type, "application/json-rpc", length) == 0);
}

void route_answer(struct http_exchange *http_exchange)
{
    const struct route *route = http_exchange->row->route;
    if (!media_type_fits(http_exchange)) {
        http_exchange_refuse(http_exchange, PROBLEM_MEDIA_TYPE,
                             "Send JSON, uncompressed: curl --json '…', or -H 'Content-Type: "
                             "application/json'.");
        return;
    }
    if (route) {
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
