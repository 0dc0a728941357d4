/* Methods of the socket register: sockets.list, sockets.get, sockets.calls, sockets.follow. */
#include "base/json.h"
#include "net/net.h"
#include "net/report.h"
#include "protocol/method/method.h"
#include "protocol/socket_encode.h"

enum { CALLS_DEFAULT = 200, CALLS_MAX = REGISTER_CALLS_MAX };

static uint32_t asking(const struct caller *caller)
{
    return caller->socket ? caller->socket : caller->connection;
}

struct listing {
    const struct method_call *call;
    struct json *sockets;
};

static void add_report(void *context, const struct socket_report *report)
{
    const struct listing *listing = context;
    const struct method_call *call = listing->call;
    json_add(listing->sockets, NULL,
             socket_encode_report(net_register(call->service->net), report, asking(call->caller)));
}

static int sockets_list(struct method_call *call)
{
    call->result = json_new_object();
    struct listing listing = {.call = call, .sockets = json_new_array_in(call->result, "sockets")};
    register_report_all(net_register(call->service->net), add_report, &listing);
    return 0;
}

static int sockets_get(struct method_call *call)
{
    struct socket_report report;
    uint32_t id = (uint32_t)call->arguments[0].integer;
    if (register_report(net_register(call->service->net), id, &report) < 0)
        return problem_set(&call->problem, PROBLEM_NOT_FOUND,
                           "There is no open socket %u; GET /api/v1/sockets lists them.", id);
    call->result =
        socket_encode_report(net_register(call->service->net), &report, asking(call->caller));
    return 0;
}

static int sockets_calls(struct method_call *call)
{
    size_t max = call->arguments[1].given ? (size_t)call->arguments[1].integer : CALLS_DEFAULT;
    uint64_t next;
    call->result = socket_encode_calls(net_register(call->service->net),
                                       (uint64_t)call->arguments[0].integer, max, &next);
    return 0;
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
    call->result = json_new_object();
    json_add_integer(call->result, "next", (int64_t)next);
    return 0;
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
