/* Methods of the socket lesson: sockets.try, sockets.experiment, sockets.packets. */
#include "base/json_writer.h"
#include "base/name.h"
#include "lab/capture.h"
#include "lab/socket_probe.h"
#include "lab/tcp_udp_demo.h"
#include "net/net.h"
#include "protocol/method/method.h"
#include "protocol/segment_encode.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct lesson_params {
    uint64_t since;
    uint32_t id;
    uint32_t messages;
    char domain[NAME_SIZE];
    char type[NAME_SIZE];
};
#define FIELDS(rows_of) .fields = {FIELD_TABLE(rows_of), .item_size = sizeof(struct lesson_params)}
#define AT(member) FIELD_MEMBER(struct lesson_params, member)

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
    json_write_text(writer, "key", probe->why_key);
    json_write_text(writer, "en", probe->why);
    json_write_object_end(writer);
    json_write_object_end(writer);
}

static int sockets_try(struct method_call *call)
{
    const struct lesson_params *params = call->params;
    struct probe *probe = calloc(1, sizeof *probe);
    if (!probe)
        return problem_set(&call->problem, PROBLEM_INTERNAL, "Out of memory.");
    int error = probe_run(net_register(call->service->net), params->domain, params->type, probe);
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
    for (unsigned i = 0; i < demo->read_count && i < TCP_UDP_DEMO_READS_MAX; i++)
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
    json_write_integer(writer, "message_bytes", TCP_UDP_DEMO_MESSAGE_BYTES);
    json_write_integer(writer, "buffer_bytes", TCP_UDP_DEMO_BUFFER_BYTES);
    json_write_integer(writer, "duration_us", demo->duration_ns / 1000);
    json_write_bool(writer, "whole", demo->whole);
    write_stream(writer, demo);
    write_datagrams(writer, demo);
    json_write_object_end(writer);
}

static int sockets_demo(struct method_call *call)
{
    const struct lesson_params *params = call->params;
    /* Each keeps everybody else waiting for some milliseconds. */
    static const struct allowance_rate rate = {.burst = 2, .per_second = 1};
    const char *failed = "";
    if (!allowance_take(&call->service->demo_allowance, &rate, call->now.monotonic_ns)) {
        (void)problem_set(&call->problem, PROBLEM_LIMIT, "One experiment a second.");
        call->problem.retry_after_s = 1;
        return -1;
    }
    struct demo *demo = calloc(1, sizeof *demo);
    if (!demo)
        return problem_set(&call->problem, PROBLEM_INTERNAL, "Out of memory.");
    int error = demo_run(net_register(call->service->net), params->messages, demo, &failed);
    if (error) {
        free(demo);
        return problem_set(&call->problem, PROBLEM_BUSY, "%s: %s", failed, call_errno_name(error));
    }
    call->result->written.context = demo;
    return method_answer(call, write_demo);
}

/* ---- packets ---- */

static void write_segment(struct json_writer *writer, const struct segment *segment)
{
    json_write_object(writer, NULL);
    json_write_unsigned(writer, "n", segment->number);
    json_write_time(writer, "time", segment->time_ns);
    json_write_text(writer, "direction", segment->incoming ? "in" : "out");
    segment_encode_flags(writer, segment->flags);
    json_write_unsigned(writer, "seq", segment->sequence);
    json_write_unsigned(writer, "ack", segment->acknowledgement);
    json_write_unsigned(writer, "window", segment->window);
    json_write_unsigned(writer, "length", segment->payload_bytes);
    json_write_object_end(writer);
}

static void write_packets(const struct result *result, struct json_writer *writer)
{
    const struct capture_view *view = result->written.context;
    json_write_object(writer, NULL);
    segment_encode_available(writer, view->error, view->call);
    if (!view->error)
        json_write_unsigned(writer, "dropped", view->dropped);
    json_write_list(writer, "packets");
    for (size_t i = 0; i < view->count; i++)
        write_segment(writer, &view->segments[i]);
    json_write_list_end(writer);
    json_write_unsigned(writer, "next", view->next);
    json_write_object_end(writer);
}

static int sockets_packets(struct method_call *call)
{
    const struct lesson_params *params = call->params;
    struct capture_view *view = malloc(sizeof *view);
    if (!view)
        return problem_set(&call->problem, PROBLEM_INTERNAL, "Out of memory.");
    if (capture_read(call->service->capture, params->id, params->since, view)) {
        free(view);
        return problem_set(&call->problem, PROBLEM_NOT_FOUND,
                           "There is no open TCP connection %u; GET /api/v1/sockets lists them.",
                           params->id);
    }
    call->result->written.context = view;
    return method_answer(call, write_packets);
}

/* ---- the table ---- */

static const struct field try_fields[] = {
    {"domain", &field_text, AT(domain), .max = NAME_SIZE - 1, .required = true,
     .doc = "AF_INET, AF_INET6, AF_UNIX, …"},
    {"type", &field_text, AT(type), .max = NAME_SIZE - 1, .required = true,
     .doc = "SOCK_STREAM, SOCK_DGRAM, …"},
};

static const struct field demo_fields[] = {
    {"messages", &field_integer, AT(messages), .min = 1, .max = TCP_UDP_DEMO_MESSAGES_MAX,
     .fallback = TCP_UDP_DEMO_MESSAGES_MAX, .unit = "messages", .doc = "how many"},
};

static const struct field packets_fields[] = {
    {"id", &field_integer, AT(id), .min = 1, .max = UINT32_MAX, .required = true,
     .doc = "the socket's number in the register"},
    {"since", &field_integer, AT(since), .max = FIELD_INTEGER_MAX,
     .doc = "the last answer's `next`"},
};

static const struct method rows[] = {
    {{"sockets.try", .role = ROLE_VIEWER,
      .summary = "What socket(2) returns for a domain and a type", FIELDS(try_fields),
      .rest = "POST", .path = "/api/v1/sockets/try", .body = VERB_BODY_MEMBERS,
      .answers = "socket_probe"},
     sockets_try},
    {{"sockets.experiment", .role = ROLE_OPERATOR,
      .summary = "TCP against UDP on loopback: the same messages, small buffers, a slow reader",
      FIELDS(demo_fields), .rest = "POST", .path = "/api/v1/sockets/experiment",
      .body = VERB_BODY_MEMBERS, .answers = "experiment"},
     sockets_demo},
    {{"sockets.packets", .role = ROLE_VIEWER,
      .summary = "The segments of one TCP connection on the wire, headers only",
      FIELDS(packets_fields), .rest = "GET", .path = "/api/v1/sockets/{id}/packets",
      .answers = "packets"},
     sockets_packets},
};

const struct method_table lesson_methods = {rows, sizeof rows / sizeof rows[0]};
