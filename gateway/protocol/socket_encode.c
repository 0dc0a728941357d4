#include "protocol/socket_encode.h"

#include "base/clock.h"
#include "base/json.h"
#include "net/report.h"

#include <stdlib.h>
#include <string.h>

static void add_text_or_null(struct json *object, const char *key, const char *text)
{
    if (text && *text)
        json_add_text(object, key, text);
    else
        json_add_null(object, key);
}

static void add_call(struct json *calls, const struct socket_call *call, bool with_socket)
{
    char time[CLOCK_TEXT_SIZE];
    struct json *object = json_new_object_in(calls, NULL);
    json_add_integer(object, "n", (int64_t)call->number);
    json_add_text(object, "time", clock_format(call->time_ns, time));
    if (with_socket)
        json_add_integer(object, "socket", call->socket);
    json_add_text(object, "name", call->name);
    json_add_integer(object, "result", call->result);
    json_add_text(object, "text", call->text);
}

static void add_tcp(struct json *object, const struct socket_report *report)
{
    const struct tcp_report *tcp = &report->tcp;
    struct json *info = json_new_object_in(object, "tcp");
    json_add_text(info, "state", report->state);
    json_add_integer(info, "rtt_us", tcp->rtt_us);
    json_add_integer(info, "rttvar_us", tcp->rttvar_us);
    json_add_integer(info, "retransmits", tcp->retransmits);
    json_add_integer(info, "cwnd", tcp->cwnd_segments);
    json_add_integer(info, "mss", tcp->mss_bytes);
    json_add_integer(info, "bytes_in", (int64_t)tcp->received_bytes);
    json_add_integer(info, "bytes_out", (int64_t)tcp->acked_bytes);
    json_add_integer(info, "segments_in", tcp->received_segments);
    json_add_integer(info, "segments_out", tcp->sent_segments);
    json_add_integer(info, "unacked", tcp->unacked_segments);
}

static void add_kernel_view(struct json *object, const struct socket_report *report)
{
    const struct socket_counts *counts = &report->counts;
    if (report->has_queue) {
        struct json *queue = json_new_object_in(object, "queue");
        json_add_integer(queue, "now", report->queue_now);
        json_add_integer(queue, "limit", report->queue_max);
        json_add_integer(queue, "accepted", (int64_t)counts->accepted);
        json_add_integer(queue, "refused", (int64_t)counts->refused);
    }
    if (report->has_tcp)
        add_tcp(object, report);
    if (report->has_buffers) {
        struct json *buffers = json_new_object_in(object, "kernel_queue");
        json_add_integer(buffers, "in", report->in_bytes);
        json_add_integer(buffers, "out", report->out_bytes);
    }
    if (strcmp(report->role, "datagram") == 0) {
        struct json *datagrams = json_new_object_in(object, "datagrams");
        json_add_integer(datagrams, "in", (int64_t)counts->received);
        json_add_integer(datagrams, "out", (int64_t)counts->sent);
        json_add_integer(datagrams, "cut", (int64_t)counts->cut);
        json_add_integer(datagrams, "dropped", (int64_t)counts->dropped);
    }
    if (report->has_credentials) {
        struct json *credentials = json_new_object_in(object, "credentials");
        json_add_integer(credentials, "pid", report->pid);
        json_add_integer(credentials, "uid", report->uid);
        json_add_integer(credentials, "gid", report->gid);
    }
    add_text_or_null(object, "ss", report->command);
}

struct json *socket_encode_report(const struct socket_register *reg,
                                  const struct socket_report *report, uint32_t asking)
{
    struct json *object = json_new_object();
    json_add_integer(object, "id", report->id);
    json_add_integer(object, "fd", report->fd);
    json_add_text(object, "domain", report->domain);
    json_add_text(object, "type", report->type);
    json_add_text(object, "role", report->role);
    json_add_text(object, "owner", report->owner);
    json_add_text(object, "state", report->state);
    add_text_or_null(object, "local", report->local);
    add_text_or_null(object, "peer", report->peer);
    if (report->opened_by > 0)
        json_add_integer(object, "opened_by", report->opened_by);
    else
        json_add_null(object, "opened_by");
    json_add_integer(object, "age_ms", report->age_ns / CLOCK_NS_PER_MS);
    json_add_bool(object, "you", report->id == asking);
    add_kernel_view(object, report);
    struct socket_call kept[REGISTER_KEPT_MAX];
    int count = register_socket_calls(reg, report->id, kept, NULL);
    struct json *calls = json_new_array_in(object, "calls");
    for (int i = 0; i < count; i++)
        add_call(calls, &kept[i], false);
    json_add_integer(object, "calls_dropped", report->calls_dropped);
    return object;
}

struct json *socket_encode_calls(const struct socket_register *reg, uint64_t since, size_t max,
                                 uint64_t *ret_next)
{
    uint64_t lost;
    struct socket_call *calls = calloc(max, sizeof *calls);
    if (!calls)
        return NULL;
    size_t count = register_calls(reg, since, calls, max, ret_next, &lost);
    struct json *object = json_new_object();
    struct json *list = json_new_array_in(object, "calls");
    for (size_t i = 0; i < count; i++)
        add_call(list, &calls[i], true);
    json_add_integer(object, "next", (int64_t)*ret_next);
    json_add_integer(object, "lost", (int64_t)lost);
    free(calls);
    return object;
}
