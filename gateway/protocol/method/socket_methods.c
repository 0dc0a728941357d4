/* Methods of the socket register: sockets.list, sockets.get, sockets.calls, sockets.follow. */
#include "base/json_writer.h"
#include "net/net.h"
#include "net/report.h"
#include "protocol/method/method.h"
#include "protocol/socket_encode.h"

#include <stdlib.h>

enum { CALLS_DEFAULT = 200, CALLS_MAX = REGISTER_CALLS_MAX };

struct socket_params {
    uint64_t since;
    uint32_t id;
    uint32_t limit;
    uint8_t on;
};
#define FIELDS(rows_of) .fields = {FIELD_TABLE(rows_of), .item_size = sizeof(struct socket_params)}
#define AT(member) FIELD_MEMBER(struct socket_params, member)

static uint32_t asking(const struct caller *caller)
{
    return caller->socket ? caller->socket : caller->connection;
}

struct listing {
    const struct result *result;
    struct json_writer *writer;
};

static void write_report(void *context, const struct socket_report *report)
{
    const struct listing *listing = context;
    const struct result *result = listing->result;
    socket_encode_report(listing->writer, net_register(result->service->net), report,
                         asking(result->caller));
}

static void write_sockets(const struct result *result, struct json_writer *writer)
{
    struct listing listing = {.result = result, .writer = writer};
    json_write_object(writer, NULL);
    json_write_list(writer, "sockets");
    register_report_all(net_register(result->service->net), write_report, &listing);
    json_write_list_end(writer);
    json_write_object_end(writer);
}

static int sockets_list(struct method_call *call)
{
    return method_answer(call, write_sockets);
}

static void write_socket(const struct result *result, struct json_writer *writer)
{
    const struct socket_report *report = result->written.context;
    socket_encode_report(writer, net_register(result->service->net), report,
                         asking(result->caller));
}

static int sockets_get(struct method_call *call)
{
    const struct socket_params *params = call->params;
    struct socket_report *report = calloc(1, sizeof *report);
    if (!report)
        return problem_set(&call->problem, PROBLEM_INTERNAL, "Out of memory.");
    if (register_report(net_register(call->service->net), params->id, report) < 0) {
        free(report);
        return problem_set(&call->problem, PROBLEM_NOT_FOUND,
                           "There is no open socket %u; GET /api/v1/sockets lists them.",
                           params->id);
    }
    call->result->written.context = report;
    return method_answer(call, write_socket);
}

enum { CALLS_SINCE, CALLS_LIMIT };

static void write_calls(const struct result *result, struct json_writer *writer)
{
    const uint64_t *arguments = result->written.arguments;
    (void)socket_encode_calls(writer, net_register(result->service->net), arguments[CALLS_SINCE],
                              (size_t)arguments[CALLS_LIMIT]);
}

static int sockets_calls(struct method_call *call)
{
    const struct socket_params *params = call->params;
    call->result->written.arguments[CALLS_SINCE] = params->since;
    call->result->written.arguments[CALLS_LIMIT] = params->limit;
    return method_answer(call, write_calls);
}

static void write_next(const struct result *result, struct json_writer *writer)
{
    json_write_object(writer, NULL);
    json_write_unsigned(writer, "next", result->written.arguments[0]);
    json_write_object_end(writer);
}

static int sockets_follow(struct method_call *call)
{
    const struct socket_params *params = call->params;
    uint64_t *calls_next = call->caller->calls_next;
    if (!calls_next)
        return problem_set(&call->problem, PROBLEM_BAD_REQUEST,
                           "Calls are followed over a WebSocket; elsewhere ask sockets.calls with "
                           "`since` again and again.");
    uint64_t next = register_next(net_register(call->service->net));
    *calls_next = params->on ? next : 0;
    call->result->written.arguments[0] = next;
    return method_answer(call, write_next);
}

/* ---- the table ---- */

static const struct field id_fields[] = {
    {"id", &field_integer, AT(id), .min = 1, .max = UINT32_MAX, .required = true,
     .doc = "the socket's number in the register"},
};

static const struct field calls_fields[] = {
    {"since", &field_integer, AT(since), .max = FIELD_INTEGER_MAX,
     .doc = "the last answer's `next`"},
    {"limit", &field_integer, AT(limit), .min = 1, .max = CALLS_MAX, .fallback = CALLS_DEFAULT,
     .unit = "calls", .doc = "how many"},
};

static const struct field follow_fields[] = {
    {"on", &field_switch, AT(on), .required = true, .doc = "0 ends it"},
};

static const struct method rows[] = {
    {{"sockets.list", .role = ROLE_VIEWER,
      .summary = "Every open socket and the calls that made it", .rest = "GET",
      .path = "/api/v1/sockets", .answers = "sockets"},
     sockets_list},
    {{"sockets.calls", .role = ROLE_VIEWER, .summary = "Socket calls in order",
      FIELDS(calls_fields), .rest = "GET", .path = "/api/v1/sockets/calls",
      .answers = "socket_calls"},
     sockets_calls},
    {{"sockets.get", .role = ROLE_VIEWER, .summary = "One open socket", FIELDS(id_fields),
      .rest = "GET", .path = "/api/v1/sockets/{id}", .answers = "socket"},
     sockets_get},
    {{"sockets.follow", .role = ROLE_VIEWER,
      .summary = "Receive every socket call from now on as `sockets.calls`", FIELDS(follow_fields),
      .answers = "socket_next"},
     sockets_follow},
};

const struct method_table socket_methods = {rows, sizeof rows / sizeof rows[0]};
