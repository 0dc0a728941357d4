/* What socket_encode.c and the methods of the lesson write. */
#include "base/owner.h"
#include "protocol/http/shape.h"

static const char *direction_at(size_t index)
{
    static const char *const texts[] = {"in", "out"};
    return index < ARRAY_LENGTH(texts) ? texts[index] : NULL;
}

static const char *side_at(size_t index)
{
    static const char *const texts[] = {"server", "client"};
    return index < ARRAY_LENGTH(texts) ? texts[index] : NULL;
}

static const char *flag_at(size_t index)
{
    static const char *const texts[] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"};
    return index < ARRAY_LENGTH(texts) ? texts[index] : NULL;
}

#define RESULT .min = INT32_MIN, .max = INT32_MAX

static const struct shape_member call_members[] = {
    {"n", .kind = SHAPE_INTEGER},
    {"time", .kind = SHAPE_TIME},
    {"socket", .kind = SHAPE_INTEGER, .optional = true, .doc = "its number in the register"},
    {"name", .kind = SHAPE_TEXT},
    {"result", .kind = SHAPE_INTEGER, RESULT},
    {"text", .kind = SHAPE_TEXT},
};

static const struct shape_member calls_members[] = {
    {"calls", .kind = SHAPE_OF, .shape = "socket_call", .list = true},
    {"next", .kind = SHAPE_INTEGER, .doc = "the `since` of the next request"},
    {"lost", .kind = SHAPE_INTEGER},
};

static const struct shape_member next_members[] = {
    {"next", .kind = SHAPE_INTEGER},
};

static const struct shape_member queue_members[] = {
    {"now", .kind = SHAPE_INTEGER},
    {"limit", .kind = SHAPE_INTEGER},
    {"accepted", .kind = SHAPE_INTEGER},
    {"refused", .kind = SHAPE_INTEGER},
};

static const struct shape_member tcp_members[] = {
    {"state", .kind = SHAPE_TEXT},          {"rtt_us", .kind = SHAPE_INTEGER},
    {"rttvar_us", .kind = SHAPE_INTEGER},   {"retransmits", .kind = SHAPE_INTEGER},
    {"cwnd", .kind = SHAPE_INTEGER},        {"mss", .kind = SHAPE_INTEGER},
    {"bytes_in", .kind = SHAPE_INTEGER},    {"bytes_out", .kind = SHAPE_INTEGER},
    {"segments_in", .kind = SHAPE_INTEGER}, {"segments_out", .kind = SHAPE_INTEGER},
    {"unacked", .kind = SHAPE_INTEGER},
};

static const struct shape_member kernel_queue_members[] = {
    {"in", .kind = SHAPE_INTEGER, RESULT, .doc = "bytes; -1: unknown"},
    {"out", .kind = SHAPE_INTEGER, RESULT},
};

static const struct shape_member datagrams_members[] = {
    {"in", .kind = SHAPE_INTEGER},
    {"out", .kind = SHAPE_INTEGER},
    {"cut", .kind = SHAPE_INTEGER},
    {"dropped", .kind = SHAPE_INTEGER},
};

static const struct shape_member credentials_members[] = {
    {"pid", .kind = SHAPE_INTEGER, RESULT},
    {"uid", .kind = SHAPE_INTEGER},
    {"gid", .kind = SHAPE_INTEGER},
};

static const struct shape_member socket_members[] = {
    {"id", .kind = SHAPE_INTEGER, .min = 1, .max = UINT32_MAX, .doc = "its number in the register"},
    {"fd", .kind = SHAPE_INTEGER, RESULT},
    {"domain", .kind = SHAPE_TEXT},
    {"type", .kind = SHAPE_TEXT},
    {"role", .kind = SHAPE_TEXT},
    {"owner", .kind = SHAPE_TEXT},
    {"state", .kind = SHAPE_TEXT},
    {"local", .kind = SHAPE_TEXT, .nullable = true},
    {"peer", .kind = SHAPE_TEXT, .nullable = true},
    {"opened_by", .kind = SHAPE_INTEGER, .nullable = true, .doc = "the listening socket"},
    {"age_ms", .kind = SHAPE_INTEGER},
    {"you", .kind = SHAPE_BOOL, .doc = "your own connection"},
    {"queue", .kind = SHAPE_OF, .shape = "socket_queue", .optional = true},
    {"tcp", .kind = SHAPE_OF, .shape = "socket_tcp", .optional = true},
    {"kernel_queue", .kind = SHAPE_OF, .shape = "kernel_queue", .optional = true},
    {"datagrams", .kind = SHAPE_OF, .shape = "datagrams", .optional = true},
    {"credentials", .kind = SHAPE_OF, .shape = "credentials", .optional = true},
    {"ss", .kind = SHAPE_TEXT, .nullable = true, .doc = "a command that shows the same"},
    {"calls", .kind = SHAPE_OF, .shape = "socket_call", .list = true},
    {"calls_dropped", .kind = SHAPE_INTEGER},
};

static const struct shape_member sockets_members[] = {
    {"sockets", .kind = SHAPE_OF, .shape = "socket", .list = true},
};

static const struct shape_member why_members[] = {
    {"key", .kind = SHAPE_TEXT},
    {"en", .kind = SHAPE_TEXT},
};

static const struct shape_member probe_members[] = {
    {"domain", .kind = SHAPE_TEXT},
    {"type", .kind = SHAPE_TEXT},
    {"call", .kind = SHAPE_TEXT},
    {"result", .kind = SHAPE_INTEGER, RESULT},
    {"errno", .kind = SHAPE_TEXT, .nullable = true},
    {"why", .kind = SHAPE_OF, .shape = "socket_why"},
};

static const struct shape_member stream_members[] = {
    {"sent", .kind = SHAPE_INTEGER},
    {"sends", .kind = SHAPE_INTEGER},
    {"waits", .kind = SHAPE_INTEGER},
    {"reads", .kind = SHAPE_INTEGER, .list = true, .doc = "bytes of each"},
    {"received_bytes", .kind = SHAPE_INTEGER},
    {"received_messages", .kind = SHAPE_INTEGER},
    {"reads_inside_a_message", .kind = SHAPE_INTEGER},
    {"in_order", .kind = SHAPE_BOOL},
};

static const struct shape_member datagram_members[] = {
    {"sent", .kind = SHAPE_INTEGER},
    {"received", .kind = SHAPE_INTEGER, .list = true, .doc = "their numbers"},
    {"lost", .kind = SHAPE_INTEGER},
    {"cut", .kind = SHAPE_INTEGER},
    {"in_order", .kind = SHAPE_BOOL},
};

static const struct shape_member experiment_members[] = {
    {"message_bytes", .kind = SHAPE_INTEGER},
    {"buffer_bytes", .kind = SHAPE_INTEGER},
    {"duration_us", .kind = SHAPE_INTEGER},
    {"whole", .kind = SHAPE_BOOL},
    {"tcp", .kind = SHAPE_OF, .shape = "experiment_tcp"},
    {"udp", .kind = SHAPE_OF, .shape = "experiment_udp"},
};

static const struct shape_member actor_members[] = {
    {"name", .kind = SHAPE_TEXT},
    {"number", .kind = SHAPE_INTEGER},
    {"side", .kind = SHAPE_TEXT, .choices = side_at},
};

static const struct shape_member after_members[] = {
    {"state", .kind = SHAPE_TEXT},
    {"queue", .kind = SHAPE_INTEGER, .optional = true},
    {"queue_limit", .kind = SHAPE_INTEGER, .optional = true},
    {"in", .kind = SHAPE_INTEGER, RESULT},
    {"out", .kind = SHAPE_INTEGER, RESULT},
};

static const struct shape_member step_call_members[] = {
    {"socket", .kind = SHAPE_INTEGER, .doc = "index in `sockets`"},
    {"time", .kind = SHAPE_TIME},
    {"name", .kind = SHAPE_TEXT},
    {"text", .kind = SHAPE_TEXT},
    {"result", .kind = SHAPE_INTEGER, RESULT},
    {"errno", .kind = SHAPE_TEXT, .nullable = true},
    {"data", .kind = SHAPE_TEXT, .nullable = true},
    {"after", .kind = SHAPE_OF, .shape = "step_after", .nullable = true, .list = true,
     .doc = "of each socket; null: it is not open"},
};

static const struct shape_member step_packet_members[] = {
    {"call", .kind = SHAPE_INTEGER, .doc = "index in `calls` of the call after which it was seen"},
    {"to", .kind = SHAPE_TEXT, .choices = side_at},
    {"client_port", .kind = SHAPE_INTEGER, .max = UINT16_MAX},
    {"flags", .kind = SHAPE_TEXT, .choices = flag_at, .list = true},
    {"length", .kind = SHAPE_INTEGER},
};

static const struct shape_member step_packets_members[] = {
    {"available", .kind = SHAPE_BOOL},
    {"reason_key", .kind = SHAPE_TEXT, .optional = true},
    {"reason", .kind = SHAPE_TEXT, .optional = true},
    {"list", .kind = SHAPE_OF, .shape = "step_packet", .list = true},
};

static const struct shape_member step_members[] = {
    {"step", .kind = SHAPE_TEXT},
    {"port", .kind = SHAPE_INTEGER, .max = UINT16_MAX},
    {"duration_us", .kind = SHAPE_INTEGER},
    {"sockets", .kind = SHAPE_OF, .shape = "step_socket", .list = true},
    {"calls", .kind = SHAPE_OF, .shape = "step_call", .list = true},
    {"packets", .kind = SHAPE_OF, .shape = "step_packets"},
};

#define CLASS_STATE                                                                                \
    {"n", .kind = SHAPE_INTEGER, .doc = "number of the last change"},                              \
        {"step", .kind = SHAPE_TEXT, .nullable = true}, {"shown", .kind = SHAPE_INTEGER},          \
        {"run", .kind = SHAPE_INTEGER, .doc = "number of the teacher's run; 0 for none"},          \
        {"present", .kind = SHAPE_BOOL, .doc = "somebody teaches"},                                \
    {                                                                                              \
        "you", .kind = SHAPE_BOOL, .doc = "it is this connection that teaches"                     \
    }

static const struct shape_member class_state_members[] = {CLASS_STATE};

static const struct shape_member class_members[] = {
    CLASS_STATE,
    {"demonstration", .kind = SHAPE_OF, .shape = "step", .nullable = true},
};

static const struct shape_member packet_members[] = {
    {"n", .kind = SHAPE_INTEGER},
    {"time", .kind = SHAPE_TIME},
    {"direction", .kind = SHAPE_TEXT, .choices = direction_at},
    {"flags", .kind = SHAPE_TEXT, .choices = flag_at, .list = true},
    {"seq", .kind = SHAPE_INTEGER, .max = UINT32_MAX},
    {"ack", .kind = SHAPE_INTEGER, .max = UINT32_MAX},
    {"window", .kind = SHAPE_INTEGER},
    {"length", .kind = SHAPE_INTEGER},
};

static const struct shape_member packets_members[] = {
    {"available", .kind = SHAPE_BOOL},
    {"reason_key", .kind = SHAPE_TEXT, .optional = true},
    {"reason", .kind = SHAPE_TEXT, .optional = true},
    {"dropped", .kind = SHAPE_INTEGER, .optional = true},
    {"packets", .kind = SHAPE_OF, .shape = "packet", .list = true},
    {"next", .kind = SHAPE_INTEGER, .doc = "the `since` of the next request"},
};

static const struct shape shapes[] = {
    {"socket_call", "A call of the kernel's on a socket", SHAPE_MEMBERS(call_members)},
    {"socket_calls", "Calls in order", SHAPE_MEMBERS(calls_members)},
    {"socket_next", "Where following begins", SHAPE_MEMBERS(next_members)},
    {"socket_queue", "Connections that wait for accept4(2)", SHAPE_MEMBERS(queue_members)},
    {"socket_tcp", "TCP_INFO", SHAPE_MEMBERS(tcp_members)},
    {"kernel_queue", "Bytes that wait in the kernel", SHAPE_MEMBERS(kernel_queue_members)},
    {"datagrams", "Counts of datagrams", SHAPE_MEMBERS(datagrams_members)},
    {"credentials", "Who is at the other end of an AF_UNIX socket",
     SHAPE_MEMBERS(credentials_members)},
    {"socket", "An open socket", SHAPE_MEMBERS(socket_members)},
    {"sockets", "Every open socket", SHAPE_MEMBERS(sockets_members)},
    {"socket_why", "The reason, by its key and in English", SHAPE_MEMBERS(why_members)},
    {"socket_probe", "What socket(2) returned", SHAPE_MEMBERS(probe_members)},
    {"experiment_tcp", "What the stream did", SHAPE_MEMBERS(stream_members)},
    {"experiment_udp", "What the datagrams did", SHAPE_MEMBERS(datagram_members)},
    {"experiment", "TCP against UDP", SHAPE_MEMBERS(experiment_members)},
    {"step_socket", "A socket of a step", SHAPE_MEMBERS(actor_members)},
    {"step_after", "What the kernel returns about a socket after a call",
     SHAPE_MEMBERS(after_members)},
    {"step_call", "A call of a step", SHAPE_MEMBERS(step_call_members)},
    {"step_packet", "A TCP segment of a step", SHAPE_MEMBERS(step_packet_members)},
    {"step_packets", "The TCP segments of a step", SHAPE_MEMBERS(step_packets_members)},
    {"step", "A step of the lesson", SHAPE_MEMBERS(step_members)},
    {"class_state", "What a class sees of the lesson", SHAPE_MEMBERS(class_state_members)},
    {"class", "The same with the teacher's run", SHAPE_MEMBERS(class_members)},
    {"packet", "The header of a TCP segment", SHAPE_MEMBERS(packet_members)},
    {"packets", "Segments of a connection", SHAPE_MEMBERS(packets_members)},
};

const struct shape_table shape_sockets = SHAPE_TABLE(shapes);
