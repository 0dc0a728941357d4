#include "protocol/socket_encode.h"

#include "base/clock.h"
#include "base/json_writer.h"
#include "net/report.h"

#include <string.h>

enum { CALLS_AT_ONCE = 32 }; /* copied out of the register at a time, to the stack */

static void write_text_or_null(struct json_writer *writer, const char *key, const char *text)
{
    json_write_text(writer, key, text && *text ? text : NULL);
}

static void write_call(struct json_writer *writer, const struct socket_call *call, bool with_socket)
{
    json_write_object(writer, NULL);
    json_write_unsigned(writer, "n", call->number);
    json_write_time(writer, "time", call->time_ns);
    if (with_socket)
        json_write_unsigned(writer, "socket", call->socket);
    json_write_text(writer, "name", call->name);
    json_write_integer(writer, "result", call->result);
    json_write_text(writer, "text", call->text);
    json_write_object_end(writer);
}

static void write_tcp(struct json_writer *writer, const struct socket_report *report)
{
    const struct tcp_report *tcp = &report->tcp;
    json_write_object(writer, "tcp");
    json_write_text(writer, "state", report->state);
    json_write_integer(writer, "rtt_us", tcp->rtt_us);
    json_write_integer(writer, "rttvar_us", tcp->rttvar_us);
    json_write_integer(writer, "retransmits", tcp->retransmits);
    json_write_integer(writer, "cwnd", tcp->cwnd_segments);
    json_write_integer(writer, "mss", tcp->mss_bytes);
    json_write_integer(writer, "bytes_in", (int64_t)tcp->received_bytes);
    json_write_integer(writer, "bytes_out", (int64_t)tcp->acked_bytes);
    json_write_integer(writer, "segments_in", tcp->received_segments);
    json_write_integer(writer, "segments_out", tcp->sent_segments);
    json_write_integer(writer, "unacked", tcp->unacked_segments);
    json_write_object_end(writer);
}

static void write_kernel_view(struct json_writer *writer, const struct socket_report *report)
{
    const struct socket_counts *counts = &report->counts;
    if (report->has_queue) {
        json_write_object(writer, "queue");
        json_write_integer(writer, "now", report->queue_now);
        json_write_integer(writer, "limit", report->queue_max);
        json_write_integer(writer, "accepted", (int64_t)counts->accepted);
        json_write_integer(writer, "refused", (int64_t)counts->refused);
        json_write_object_end(writer);
    }
    if (report->has_tcp)
        write_tcp(writer, report);
    if (report->has_buffers) {
        json_write_object(writer, "kernel_queue");
        json_write_integer(writer, "in", report->in_bytes);
        json_write_integer(writer, "out", report->out_bytes);
        json_write_object_end(writer);
    }
    if (strcmp(report->role, "datagram") == 0) {
        json_write_object(writer, "datagrams");
        json_write_integer(writer, "in", (int64_t)counts->received);
        json_write_integer(writer, "out", (int64_t)counts->sent);
        json_write_integer(writer, "cut", (int64_t)counts->cut);
        json_write_integer(writer, "dropped", (int64_t)counts->dropped);
        json_write_object_end(writer);
    }
    if (report->has_credentials) {
        json_write_object(writer, "credentials");
        json_write_integer(writer, "pid", report->pid);
        json_write_integer(writer, "uid", report->uid);
        json_write_integer(writer, "gid", report->gid);
        json_write_object_end(writer);
    }
    write_text_or_null(writer, "ss", report->command);
}

void socket_encode_report(struct json_writer *writer, const struct socket_register *reg,
                          const struct socket_report *report, uint32_t asking)
{
    json_write_object(writer, NULL);
    json_write_integer(writer, "id", report->id);
    json_write_integer(writer, "fd", report->fd);
    json_write_text(writer, "domain", report->domain);
    json_write_text(writer, "type", report->type);
    json_write_text(writer, "role", report->role);
    json_write_text(writer, "owner", report->owner);
    json_write_text(writer, "state", report->state);
    write_text_or_null(writer, "local", report->local);
    write_text_or_null(writer, "peer", report->peer);
    if (report->opened_by > 0)
        json_write_integer(writer, "opened_by", report->opened_by);
    else
        json_write_null(writer, "opened_by");
    json_write_integer(writer, "age_ms", report->age_ns / CLOCK_NS_PER_MS);
    json_write_bool(writer, "you", report->id == asking);
    write_kernel_view(writer, report);
    struct socket_call kept[REGISTER_KEPT_MAX];
    int count = register_socket_calls(reg, report->id, kept, NULL);
    json_write_list(writer, "calls");
    for (int i = 0; i < count; i++)
        write_call(writer, &kept[i], false);
    json_write_list_end(writer);
    json_write_integer(writer, "calls_dropped", report->calls_dropped);
    json_write_object_end(writer);
}

uint64_t socket_encode_calls(struct json_writer *writer, const struct socket_register *reg,
                             uint64_t since, size_t max)
{
    struct socket_call calls[CALLS_AT_ONCE];
    uint64_t next = since;
    uint64_t lost = 0;
    json_write_object(writer, NULL);
    json_write_list(writer, "calls");
    for (size_t left = max, count = 1; left > 0 && count > 0; left -= count) {
        uint64_t skipped = 0;
        size_t part = left < CALLS_AT_ONCE ? left : CALLS_AT_ONCE;
        count = register_calls(reg, next, calls, part, &next, &skipped);
        lost += skipped;
        for (size_t i = 0; i < count; i++)
            write_call(writer, &calls[i], true);
    }
    json_write_list_end(writer);
    json_write_unsigned(writer, "next", next);
    json_write_unsigned(writer, "lost", lost);
    json_write_object_end(writer);
    return next;
}
