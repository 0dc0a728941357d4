#include "protocol/method/rpc.h"

#include "base/json.h"
#include "protocol/method/method.h"

#include <errno.h>
#include <string.h>

static struct json *envelope(const struct json *id)
{
    struct json *answer = json_new_object();
    json_add_text(answer, "jsonrpc", "2.0");
    if (id)
        json_add_copy(answer, "id", id);
    else
        json_add_null(answer, "id");
    return answer;
}

static struct json *failure(const struct json *id, const struct problem *problem)
{
    struct json *answer = envelope(id);
    json_add(answer, "error", problem_rpc_error(problem));
    return answer;
}

static bool is_id(const struct json *id)
{
    int64_t whole;
    if (json_is(id, JSON_NUMBER)) /* one that would come back changed finds nobody */
        return json_integer(id, INT64_MIN, INT64_MAX, &whole) != -ERANGE;
    return json_is(id, JSON_STRING) || json_is(id, JSON_NULL);
}

static const struct method *find_method(const struct json *request, struct problem *problem)
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
    const struct method *method = method_find(name);
    if (!method)
        problem_set(problem, PROBLEM_NO_SUCH_METHOD,
                    "There is no method \"%.60s\"; system.methods lists them.", name);
    return method;
}

/* Answers one request. True with `*ret_answer` (NULL without memory); false for a notification. */
static bool answer_one(struct service *service, const struct caller *caller,
                       const struct json *request, struct json **ret_answer)
{
    struct problem problem = {0};
    const struct json *id = json_get(request, "id");
    if (!json_is(request, JSON_OBJECT) || (id && !is_id(id))) {
        problem_set(&problem, PROBLEM_BAD_CALL,
                    "A request is an object; its id a text, or a number up to 2^53.");
        *ret_answer = failure(NULL, &problem);
        return true;
    }
    const struct method *method = find_method(request, &problem);
    struct json *result = NULL;
    bool done = method && method_call(service, method, caller, json_get(request, "params"), &result,
                                      &problem) == 0;
    if (!id && problem.code != PROBLEM_BAD_CALL) {
        json_free(result);
        return false;
    }
    if (done) {
        *ret_answer = envelope(id);
        json_add(*ret_answer, "result", result);
    } else {
        *ret_answer = failure(id, &problem);
    }
    return true;
}

/* Prints an answer and frees it: what is answered already costs its text, not its tree. */
static int print(struct json *answer, struct buffer *reply)
{
    int error = json_print(answer, reply);
    json_free(answer);
    return error;
}

static int answer_batch(struct service *service, const struct caller *caller,
                        const struct json *batch, struct buffer *reply)
{
    struct problem problem;
    size_t count = json_count(batch);
    if (count == 0 || count > RPC_BATCH_MAX) {
        problem_set(&problem, PROBLEM_BAD_CALL, "A batch holds 1 to %d requests.", RPC_BATCH_MAX);
        return print(failure(NULL, &problem), reply);
    }
    size_t empty = reply->length;
    for (const struct json *request = json_first(batch); request; request = json_next(request)) {
        struct json *answer;
        if (!answer_one(service, caller, request, &answer))
            continue;
        (void)buffer_append_char(reply, reply->length == empty ? '[' : ',');
        int error = print(answer, reply);
        if (error || reply->length - empty > RPC_REPLY_MAX_BYTES)
            return error ? error : -ENOBUFS;
    }
    return reply->length == empty ? 0 : buffer_append_char(reply, ']');
}

int rpc_answer(struct service *service, const struct caller *caller, const char *text,
               size_t length, struct buffer *reply)
{
    struct json *request = NULL;
    struct json_problem where;
    int error = json_parse(text, length, &request, &where);
    if (error == -EBADMSG) {
        struct problem problem;
        problem_set(&problem, PROBLEM_BAD_JSON, "line %zu, column %zu: %s", where.line,
                    where.column, where.text);
        return print(failure(NULL, &problem), reply);
    }
    if (error)
        return error;
    if (json_is(request, JSON_ARRAY)) {
        error = answer_batch(service, caller, request, reply);
    } else {
        struct json *answer;
        error = answer_one(service, caller, request, &answer) ? print(answer, reply) : 0;
    }
    json_free(request);
    return error ? error : reply->error;
}
