/* Methods of the guided lesson: sockets.demonstrate, and lesson.show, lesson.leave, lesson.get, lesson.follow, by
 * which a class sees its teacher's step. */
#include "base/json_writer.h"
#include "base/name.h"
#include "lab/demonstration.h"
#include "net/net.h"
#include "protocol/classroom.h"
#include "protocol/method/method.h"
#include "protocol/segment_encode.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct class_params {
    char step[NAME_SIZE];
    uint32_t shown;
    uint8_t class;
    uint8_t on;
};
#define FIELDS(rows_of) .fields = {FIELD_TABLE(rows_of), .item_size = sizeof(struct class_params)}
#define AT(member) FIELD_MEMBER(struct class_params, member)

/* NULL where there is none. */
static struct classroom *class_of(const struct method_call *call)
{
    return call->service->classroom;
}

/* ---- a step ---- */

static void write_actors(struct json_writer *writer, const struct demonstration *demo)
{
    json_write_list(writer, "sockets");
    for (size_t i = 0; i < demo->actor_count; i++) {
        json_write_object(writer, NULL);
        json_write_text(writer, "name", demo->actors[i].name);
        json_write_unsigned(writer, "number", demo->actors[i].number);
        json_write_text(writer, "side", demo->actors[i].is_server ? "server" : "client");
        json_write_object_end(writer);
    }
    json_write_list_end(writer);
}

/* One for each socket, null for one that is not open. */
static void write_states(struct json_writer *writer, const struct demonstration_state *states,
                         size_t count)
{
    json_write_list(writer, "after");
    for (size_t i = 0; i < count; i++) {
        if (!states[i].state) {
            json_write_null(writer, NULL);
            continue;
        }
        json_write_object(writer, NULL);
        json_write_text(writer, "state", states[i].state);
        if (states[i].has_queue) {
            json_write_unsigned(writer, "queue", states[i].queue_now);
            json_write_unsigned(writer, "queue_limit", states[i].queue_max);
        }
        json_write_integer(writer, "in", states[i].in_bytes);
        json_write_integer(writer, "out", states[i].out_bytes);
        json_write_object_end(writer);
    }
    json_write_list_end(writer);
}

/* The segments, each with the index of the call after which it was seen. */
static void write_packets(struct json_writer *writer, const struct demonstration *demo)
{
    json_write_object(writer, "packets");
    segment_encode_available(writer, demo->segment_error, demo->segment_call);
    json_write_list(writer, "list");
    for (size_t i = 0; i < demo->segment_count; i++) {
        const struct segment *segment = &demo->segments[i].segment;
        json_write_object(writer, NULL);
        json_write_unsigned(writer, "call", demo->segments[i].call);
        json_write_text(writer, "to", segment->incoming ? "server" : "client");
        json_write_unsigned(
            writer, "client_port",
            address_port(segment->incoming ? &segment->source : &segment->destination));
        segment_encode_flags(writer, segment->flags);
        json_write_unsigned(writer, "length", segment->payload_bytes);
        json_write_object_end(writer);
    }
    json_write_list_end(writer);
    json_write_object_end(writer);
}

static void write_run(struct json_writer *writer, const char *key, const struct demonstration *demo)
{
    json_write_object(writer, key);
    json_write_text(writer, "step", demo->step);
    json_write_unsigned(writer, "port", demo->port);
    json_write_integer(writer, "duration_us", demo->duration_ns / 1000);
    write_actors(writer, demo);
    json_write_list(writer, "calls");
    for (size_t i = 0; i < demo->call_count; i++) {
        const struct demonstration_call *row = &demo->calls[i];
        json_write_object(writer, NULL);
        json_write_unsigned(writer, "socket", row->actor);
        json_write_time(writer, "time", row->call.time_ns);
        json_write_text(writer, "name", row->call.name);
        json_write_text(writer, "text", row->call.text);
        json_write_integer(writer, "result", row->call.result < 0 ? -1 : row->call.result);
        json_write_text(writer, "errno",
                        row->call.result < 0 ? call_errno_name(row->call.result) : NULL);
        json_write_text(writer, "data", *row->data ? row->data : NULL);
        write_states(writer, row->after, demo->actor_count);
        json_write_object_end(writer);
    }
    json_write_list_end(writer);
    write_packets(writer, demo);
    json_write_object_end(writer);
}

static void write_demonstration(const struct result *result, struct json_writer *writer)
{
    write_run(writer, NULL, result->written.context);
}

static int sockets_demonstrate(struct method_call *call)
{
    const struct class_params *params = call->params;
    const char *failed = "";
    struct demonstration *demo = calloc(1, sizeof *demo);
    if (!demo)
        return problem_set(&call->problem, PROBLEM_INTERNAL, "Out of memory.");
    int error = demonstration_run(call->service->net, params->step, demo, &failed);
    if (error == -EINVAL && !demo->step) {
        char names[160];
        size_t used = 0;
        for (size_t i = 0; demonstration_name(i) && used < sizeof names; i++)
            used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", i > 0 ? ", " : "",
                                     demonstration_name(i));
        free(demo);
        return problem_set(&call->problem, PROBLEM_BAD_REQUEST, "step: %s", names);
    }
    if (error) {
        free(demo);
        return problem_set(&call->problem, PROBLEM_BUSY, "%s: %s", failed, call_errno_name(error));
    }
    if (params->class && class_of(call))
        (void)classroom_keep_run(class_of(call), call->caller->connection, demo);
    call->result->written.context = demo;
    return method_answer(call, write_demonstration);
}

/* ---- the class ---- */

static void write_state(const struct result *result, struct json_writer *writer)
{
    json_write_object(writer, NULL);
    classroom_write(result->service->classroom, result->caller->connection, writer);
    json_write_object_end(writer);
}

/* The teacher's run as well: too long to send to everybody with every change. */
static void write_class(const struct result *result, struct json_writer *writer)
{
    const struct classroom *classroom = result->service->classroom;
    json_write_object(writer, NULL);
    classroom_write(classroom, result->caller->connection, writer);
    if (classroom->run)
        write_run(writer, "demonstration", classroom->run);
    else
        json_write_null(writer, "demonstration");
    json_write_object_end(writer);
}

/* 0, or -1 with the call's problem where the call cannot come from somebody in the room. */
static int need_class(struct method_call *call, bool is_there)
{
    if (!class_of(call))
        return problem_set(&call->problem, PROBLEM_NOT_FOUND, "There is no class here.");
    if (!is_there)
        return problem_set(&call->problem, PROBLEM_BAD_REQUEST,
                           "A class is taught and followed over a WebSocket, so that its end is "
                           "noticed; elsewhere ask lesson.get.");
    return 0;
}

static int lesson_show(struct method_call *call)
{
    const struct class_params *params = call->params;
    if (need_class(call, call->caller->lesson_next))
        return -1;
    classroom_show(class_of(call), call->caller->connection, params->step, params->shown);
    return method_answer(call, write_state);
}

static int lesson_leave(struct method_call *call)
{
    if (need_class(call, call->caller->lesson_next))
        return -1;
    classroom_leave(class_of(call), call->caller->connection);
    return method_answer(call, write_state);
}

static int lesson_get(struct method_call *call)
{
    return need_class(call, true) ? -1 : method_answer(call, write_class);
}

static int lesson_follow(struct method_call *call)
{
    const struct class_params *params = call->params;
    if (need_class(call, call->caller->lesson_next))
        return -1;
    uint64_t number = class_of(call)->number;
    /* Sends the present state at once, if there is a teacher or was one. */
    *call->caller->lesson_next = !params->on ? 0 : number > 0 ? number : 1;
    return method_answer(call, write_state);
}

/* ---- the table ---- */

static const struct field step_fields[] = {
    {"step", &field_text, AT(step), .max = NAME_SIZE - 1, .required = true,
     .doc = "socket, tcp, udp, compare, loss, many, limit, bind, listen, accept, connect, close"},
    {"class", &field_switch, AT(class),
     .doc = "1 gives the run to the class that the caller teaches"},
};

static const struct field show_fields[] = {
    {"step", &field_text, AT(step), .min = 1, .max = NAME_SIZE - 1, .required = true,
     .doc = "the step's name, as the page has it"},
    {"shown", &field_integer, AT(shown), .max = DEMONSTRATION_CALLS_MAX, .unit = "calls",
     .doc = "how many calls of its run are seen"},
};

static const struct field follow_fields[] = {
    {"on", &field_switch, AT(on), .required = true, .doc = "0 ends it"},
};

static const struct method rows[] = {
    {{"sockets.demonstrate", .role = ROLE_OPERATOR,
      .summary =
          "One step of the socket lesson on loopback: its calls, and the kernel's state after each",
      FIELDS(step_fields), .rest = "POST", .path = "/api/v1/sockets/demonstrate",
      .body = VERB_BODY_MEMBERS, .answers = "step"},
     sockets_demonstrate},
    {{"lesson.show", .role = ROLE_OPERATOR,
      .summary = "Teach: everybody who follows the class sees this step", FIELDS(show_fields),
      .answers = "class_state"},
     lesson_show},
    {{"lesson.leave", .role = ROLE_OPERATOR, .summary = "Stop teaching", .answers = "class_state"},
     lesson_leave},
    {{"lesson.get", .role = ROLE_VIEWER, .summary = "The class's step and its teacher's run",
      .rest = "GET", .path = "/api/v1/lesson", .answers = "class"},
     lesson_get},
    {{"lesson.follow", .role = ROLE_VIEWER,
      .summary = "Receive the class's step from now on as `lesson.shown`", FIELDS(follow_fields),
      .answers = "class_state"},
     lesson_follow},
};

const struct method_table classroom_methods = {rows, sizeof rows / sizeof rows[0]};
