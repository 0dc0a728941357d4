/* Methods of the socket register: sockets.list, sockets.get, sockets.calls, sockets.follow. */
#include "base/json_writer.h"
#include "net/net.h"
#include "net/report.h"
#include "protocol/method/method.h"
#include "protocol/socket_encode.h"

#include <stdlib.h>

enum { CALLS_DEFAULT = 200, CALLS_MAX = REGISTER_CALLS_MAX };

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
    uint32_t id = (uint32_t)call->arguments[0].integer;
    struct socket_report *report = calloc(1, sizeof *report);
    if (!report)
        return problem_set(&call->problem, PROBLEM_INTERNAL, "Out of memory.");
    if (register_report(net_register(call->service->net), id, report) < 0) {
        free(report);
        return problem_set(&call->problem, PROBLEM_NOT_FOUND,
                           "There is no open socket %u; GET /api/v1/sockets lists them.", id);
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
    uint64_t *arguments = call->result->written.arguments;
    arguments[CALLS_SINCE] = (uint64_t)call->arguments[0].integer;
    arguments[CALLS_LIMIT] =
        call->arguments[1].given ? (uint64_t)call->arguments[1].integer : CALLS_DEFAULT;
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
    uint64_t *calls_next = call->caller->calls_next;
    if (!calls_next)
        return problem_set(&call->problem, PROBLEM_BAD_REQUEST,
                           "Calls are followed over a WebSocket; elsewhere ask sockets.calls with "
                           "`since` again and again.");
    uint64_t next = register_next(net_register(call->service->net));
    *calls_next = call->arguments[0].integer ? next : 0;
    call->result->written.arguments[0] = next;
    return method_answer(call, write_next);
}

const struct method socket_methods[] = {
    {"sockets.list",
     ROLE_VIEWER,
     "Every open socket and the calls that made it",
     sockets_list,
     {{0}}},
    {"sockets.get",
     ROLE_VIEWER,
     "One open socket",
     sockets_get,
     {{"id", PARAM_INTEGER, true, 1, UINT32_MAX, NULL, "the socket's number in the register"}}},
    {"sockets.calls",
     ROLE_VIEWER,
     "Socket calls in order",
     sockets_calls,
     {{"since", PARAM_INTEGER, false, 0, 9007199254740992.0, NULL, "the last answer's `next`"},
      {"limit", PARAM_INTEGER, false, 1, CALLS_MAX, "calls", "how many; 200 when missing"}}},
    {"sockets.follow",
     ROLE_VIEWER,
     "Be told of every socket call from now on, as notifications `sockets.calls`",
     sockets_follow,
     {{"on", PARAM_SWITCH, true, 0, 1, NULL, "0 ends it"}}},
    {0},
};
