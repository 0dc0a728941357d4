/* Methods that teach: sockets.try, sockets.experiment, sockets.packets. */
#include "base/json_writer.h"
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

static void write_probe(const struct result *result, struct json_writer *writer)
{
    const struct probe *probe = result->written.context;
    json_write_object(writer, NULL);
    json_write_text(writer, "domain", probe->domain);
    json_write_text(writer, "type", probe->type);
    json_write_text(writer, "call", probe->call);
    json_write_integer(writer, "result", probe->result < 0 ? -1 : probe->result);
    json_write_text(writer, "errno", probe->result < 0 ? call_errno_name(probe->result) : NULL);
    json_write_object(writer, "why");
    json_write_text(writer, "en", probe->why_en);
    json_write_text(writer, "ko", probe->why_ko);
    json_write_object_end(writer);
    json_write_object_end(writer);
}

static int sockets_try(struct method_call *call)
{
    struct probe *probe = calloc(1, sizeof *probe);
    if (!probe)
        return problem_set(&call->problem, PROBLEM_INTERNAL, "Out of memory.");
    int error = probe_run(net_register(call->service->net), call->arguments[0].text,
                          call->arguments[1].text, probe);
    if (error) {
        char domains[120];
        char types[120];
        free(probe);
        list_names(domains, sizeof domains, probe_domain);
        list_names(types, sizeof types, probe_type);
        return problem_set(&call->problem, PROBLEM_BAD_REQUEST, "domain: %s; type: %s", domains,
                           types);
    }
    call->result->written.context = probe;
    return method_answer(call, write_probe);
}

static void write_stream(struct json_writer *writer, const struct demo *demo)
{
    json_write_object(writer, "tcp");
    json_write_integer(writer, "sent", demo->messages);
    json_write_integer(writer, "sends", demo->stream_sends);
    json_write_integer(writer, "waits", demo->stream_waits);
    json_write_list(writer, "reads");
    for (unsigned i = 0; i < demo->read_count && i < EXPERIMENT_READS_MAX; i++)
        json_write_unsigned(writer, NULL, demo->reads[i]);
    json_write_list_end(writer);
    json_write_integer(writer, "received_bytes", demo->stream_bytes);
    json_write_integer(writer, "received_messages", demo->stream_messages);
    json_write_integer(writer, "reads_inside_a_message", demo->stream_cut);
    json_write_bool(writer, "in_order", demo->stream_in_order);
    json_write_object_end(writer);
}

static void write_datagrams(struct json_writer *writer, const struct demo *demo)
{
    json_write_object(writer, "udp");
    json_write_integer(writer, "sent", demo->datagram_sends);
    json_write_list(writer, "received");
    for (unsigned i = 0; i < demo->datagram_received; i++)
        json_write_unsigned(writer, NULL, demo->numbers[i]);
    json_write_list_end(writer);
    json_write_integer(writer, "lost", demo->datagram_sends - demo->datagram_received);
    json_write_integer(writer, "cut", demo->datagram_cut);
    json_write_bool(writer, "in_order", demo->datagram_in_order);
    json_write_object_end(writer);
}

static void write_demo(const struct result *result, struct json_writer *writer)
{
    const struct demo *demo = result->written.context;
    json_write_object(writer, NULL);
    json_write_integer(writer, "message_bytes", EXPERIMENT_MESSAGE_BYTES);
    json_write_integer(writer, "buffer_bytes", EXPERIMENT_BUFFER_BYTES);
    json_write_integer(writer, "duration_us", demo->duration_ns / 1000);
    json_write_bool(writer, "whole", demo->whole);
    write_stream(writer, demo);
    write_datagrams(writer, demo);
    json_write_object_end(writer);
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
    call->result->written.context = demo;
    return method_answer(call, write_demo);
}

enum { PACKETS_ID, PACKETS_SINCE };

static void write_packets(const struct result *result, struct json_writer *writer)
{
    const uint64_t *arguments = result->written.arguments;
    capture_write(result->service->capture, (uint32_t)arguments[PACKETS_ID],
                  arguments[PACKETS_SINCE], writer);
}

static int sockets_packets(struct method_call *call)
{
    uint32_t id = (uint32_t)call->arguments[0].integer;
    if (capture_watch(call->service->capture, id))
        return problem_set(&call->problem, PROBLEM_NOT_FOUND,
                           "There is no open TCP connection %u; GET /api/v1/sockets lists them.",
                           id);
    call->result->written.arguments[PACKETS_ID] = id;
    call->result->written.arguments[PACKETS_SINCE] = (uint64_t)call->arguments[1].integer;
    return method_answer(call, write_packets);
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
