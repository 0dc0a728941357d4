#include "protocol/method/rpc.h"

#include "base/json.h"
#include "base/json_writer.h"
#include "loop/loop.h"
#include "protocol/method/method.h"

#include <errno.h>
#include <string.h>

/* Begins an answer up to its result or error, which follow as one value. */
static void begin_answer(struct json_writer *writer, const struct json *id, const char *member)
{
    json_write_object(writer, NULL);
    json_write_text(writer, "jsonrpc", "2.0");
    json_write_copy(writer, "id", id);
    json_write_key(writer, member);
}

void rpc_fail(struct json_writer *writer, const struct json *id, const struct problem *problem)
{
    begin_answer(writer, id, "error");
    problem_write_rpc(problem, writer);
    json_write_object_end(writer);
}

static bool is_id(const struct json *id)
{
    int64_t whole;
    if (json_is(id, JSON_NUMBER)) /* one that would come back changed finds nobody */
        return json_integer(id, INT64_MIN, INT64_MAX, &whole) != -ERANGE;
    return json_is(id, JSON_STRING) || json_is(id, JSON_NULL);
}

static const struct verb *find_method(const struct json *request, struct problem *problem)
{
    const char *version = json_text(json_get(request, "jsonrpc"));
    const char *name = json_text(json_get(request, "method"));
    const struct json *params = json_get(request, "params");
    if (!version || strcmp(version, "2.0") != 0 || !name) {
        problem_set(problem, PROBLEM_BAD_CALL,
                    "A request is {\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"line.toggle\","
                    "\"params\":{\"line\":\"red\"}}.");
        return NULL;
    }
    if (params && !json_is(params, JSON_OBJECT) && !json_is(params, JSON_ARRAY)) {
        problem_set(problem, PROBLEM_BAD_CALL, "params is an object or a list");
        return NULL;
    }
    const struct verb *method = method_find(name);
    if (!method)
        problem_set(problem, PROBLEM_NO_SUCH_METHOD,
                    "There is no method \"%.60s\"; system.methods lists them.", name);
    return method;
}

/* Answers one request; writes nothing for a notification. */
static void answer_one(struct service *service, const struct caller *caller,
                       const struct json *request, struct json_writer *writer)
{
    struct problem problem = {0};
    const struct json *id = json_get(request, "id");
    if (!json_is(request, JSON_OBJECT) || (id && !is_id(id))) {
        problem_set(&problem, PROBLEM_BAD_CALL,
                    "A request is an object; its id a text, or a number up to 2^53.");
        rpc_fail(writer, NULL, &problem);
        return;
    }
    const struct verb *method = find_method(request, &problem);
    struct result result;
    bool done = method && method_call(service, method, caller, json_get(request, "params"), &result,
                                      &problem) == 0;
    if (id && done) {
        begin_answer(writer, id, "result");
        result_write(&result, writer);
        json_write_object_end(writer);
    } else if (id || problem.code == PROBLEM_BAD_CALL) {
        rpc_fail(writer, id, &problem);
    }
    if (done)
        result_done(&result);
}

static void answer_batch(struct service *service, const struct caller *caller,
                         const struct json *batch, struct json_writer *writer)
{
    struct problem problem;
    struct buffer *reply = writer->buffer;
    size_t empty = reply->length;
    size_t count = json_count(batch);
    if (count == 0 || count > RPC_BATCH_MAX) {
        problem_set(&problem, PROBLEM_BAD_CALL, "A batch holds 1 to %d requests.", RPC_BATCH_MAX);
        rpc_fail(writer, NULL, &problem);
        return;
    }
    json_write_list(writer, NULL);
    for (const struct json *request = json_first(batch); request && !reply->error;
         request = json_next(request)) {
        answer_one(service, caller, request, writer);
        loop_run_urgent(service->loop); /* cut-offs do not wait for the rest of the batch */
        if (reply->length - empty > RPC_REPLY_MAX_BYTES)
            reply->error = -ENOBUFS;
    }
    if (writer->has_value)
        json_write_list_end(writer);
    else
        buffer_truncate(reply, empty); /* notifications only */
}

int rpc_answer(struct service *service, const struct caller *caller, const char *text,
               size_t length, struct buffer *reply)
{
    struct json *request = NULL;
    struct json_error where;
    struct json_writer writer = json_writer_begin(reply);
    int error = json_parse(text, length, &request, &where);
    if (error == -EBADMSG) {
        struct problem problem;
        problem_set(&problem, PROBLEM_BAD_JSON, "line %zu, column %zu: %s", where.line,
                    where.column, where.text);
        rpc_fail(&writer, NULL, &problem);
        return reply->error;
    }
    if (error)
        return error;
    if (json_is(request, JSON_ARRAY))
        answer_batch(service, caller, request, &writer);
    else
        answer_one(service, caller, request, &writer);
    json_free(request);
    return reply->error;
}
