/* Methods that teach: sockets.try, sockets.experiment, sockets.packets. */
#include "base/json.h"
#include "net/net.h"
#include "net/socket_probe.h"
#include "net/tcp_udp_demo.h"
#include "protocol/capture.h"
#include "protocol/method/method.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { NAME_MAX_BYTES = 32 };

/* "AF_UNIX, AF_INET, …" for a sentence. */
static void list_names(char *text, size_t size, const char *(*name)(size_t index))
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; name(i) && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i > 0 ? ", " : "", name(i));
}

static int sockets_try(struct method_call *call)
{
    struct probe probe;
    int error = probe_run(net_register(call->service->net), call->arguments[0].text,
                          call->arguments[1].text, &probe);
    if (error) {
        char domains[120];
        char types[120];
        list_names(domains, sizeof domains, probe_domain);
        list_names(types, sizeof types, probe_type);
        return problem_set(&call->problem, PROBLEM_BAD_REQUEST, "domain: %s; type: %s", domains,
                           types);
    }
    call->result = json_new_object();
    json_add_text(call->result, "domain", probe.domain);
    json_add_text(call->result, "type", probe.type);
    json_add_text(call->result, "call", probe.call);
    json_add_integer(call->result, "result", probe.result < 0 ? -1 : probe.result);
    if (probe.result < 0)
        json_add_text(call->result, "errno", call_errno_name(probe.result));
    else
        json_add_null(call->result, "errno");
    struct json *why = json_new_object_in(call->result, "why");
    json_add_text(why, "en", probe.why_en);
    json_add_text(why, "ko", probe.why_ko);
    return 0;
}

static void add_stream(struct json *result, const struct demo *demo)
{
    struct json *tcp = json_new_object_in(result, "tcp");
    json_add_integer(tcp, "sent", demo->messages);
    json_add_integer(tcp, "sends", demo->stream_sends);
    json_add_integer(tcp, "waits", demo->stream_waits);
    struct json *reads = json_new_array_in(tcp, "reads");
    for (unsigned i = 0; i < demo->read_count && i < EXPERIMENT_READS_MAX; i++)
        json_add_integer(reads, NULL, demo->reads[i]);
    json_add_integer(tcp, "received_bytes", demo->stream_bytes);
    json_add_integer(tcp, "received_messages", demo->stream_messages);
    json_add_integer(tcp, "reads_inside_a_message", demo->stream_cut);
    json_add_bool(tcp, "in_order", demo->stream_in_order);
}

static void add_datagrams(struct json *result, const struct demo *demo)
{
    struct json *udp = json_new_object_in(result, "udp");
    json_add_integer(udp, "sent", demo->datagram_sends);
    struct json *received = json_new_array_in(udp, "received");
    for (unsigned i = 0; i < demo->datagram_received; i++)
        json_add_integer(received, NULL, demo->numbers[i]);
    json_add_integer(udp, "lost", demo->datagram_sends - demo->datagram_received);
    json_add_integer(udp, "cut", demo->datagram_cut);
    json_add_bool(udp, "in_order", demo->datagram_in_order);
}

static int sockets_demo(struct method_call *call)
{
    const char *failed = "";
    bool is_given = call->arguments[0].given;
    unsigned messages = is_given ? (unsigned)call->arguments[0].integer : EXPERIMENT_MESSAGES_MAX;
    struct demo *demo = calloc(1, sizeof *demo);
    if (!demo)
        return problem_set(&call->problem, PROBLEM_INTERNAL, "Out of memory.");
    int error = demo_run(net_register(call->service->net), messages, demo, &failed);
    if (error) {
        free(demo);
        return problem_set(&call->problem, PROBLEM_BUSY, "%s: %s", failed, call_errno_name(error));
    }
    call->result = json_new_object();
    json_add_integer(call->result, "message_bytes", EXPERIMENT_MESSAGE_BYTES);
    json_add_integer(call->result, "buffer_bytes", EXPERIMENT_BUFFER_BYTES);
    json_add_integer(call->result, "duration_us", demo->duration_ns / 1000);
    json_add_bool(call->result, "whole", demo->whole);
    add_stream(call->result, demo);
    add_datagrams(call->result, demo);
    free(demo);
    return 0;
}

static int sockets_packets(struct method_call *call)
{
    uint32_t id = (uint32_t)call->arguments[0].integer;
    call->result = capture_look(call->service->capture, id, (uint64_t)call->arguments[1].integer);
    if (!call->result)
        return problem_set(&call->problem, PROBLEM_NOT_FOUND,
                           "There is no open TCP connection %u; GET /api/v1/sockets lists them.",
                           id);
    return 0;
}

const struct method lesson_methods[] = {
    {"sockets.try",
     ROLE_VIEWER,
     "What socket(2) says to a domain and a type",
     sockets_try,
     {{"domain", PARAM_TEXT, true, 0, NAME_MAX_BYTES, NULL, "AF_INET, AF_INET6, AF_UNIX, …"},
      {"type", PARAM_TEXT, true, 0, NAME_MAX_BYTES, NULL, "SOCK_STREAM, SOCK_DGRAM, …"}}},
    {"sockets.experiment",
     ROLE_OPERATOR,
     "TCP against UDP on loopback: the same messages, small buffers, a slow reader",
     sockets_demo,
     {{"messages", PARAM_INTEGER, false, 1, EXPERIMENT_MESSAGES_MAX, "messages", "how many"}}},
    {"sockets.packets",
     ROLE_VIEWER,
     "The segments of one TCP connection on the wire, headers only",
     sockets_packets,
     {{"id", PARAM_INTEGER, true, 1, UINT32_MAX, NULL, "the socket's number in the register"},
      {"since", PARAM_INTEGER, false, 0, 9007199254740992.0, NULL, "the last answer's `next`"}}},
    {0},
};
