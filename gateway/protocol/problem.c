#include "protocol/problem.h"

#include "base/json_writer.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct problem_kind kinds[] = {
    [PROBLEM_NONE] = {"none", "No problem", 200, 0},
    [PROBLEM_BAD_REQUEST] = {"bad-request", "Bad request", 400, -32602},
    [PROBLEM_BAD_JSON] = {"bad-request", "Not JSON", 400, -32700},
    [PROBLEM_BAD_CALL] = {"bad-request", "Not a JSON-RPC 2.0 request", 400, -32600},
    [PROBLEM_NO_SUCH_LINE] = {"no-such-line", "No such line", 404, -32001},
    [PROBLEM_NO_SUCH_METHOD] = {"no-such-method", "No such method", 404, -32601},
    [PROBLEM_NOT_FOUND] = {"not-found", "Nothing here", 404, -32602},
    [PROBLEM_NOT_AN_OUTPUT] = {"not-an-output", "Not an output", 409, -32002},
    [PROBLEM_CONFLICT] = {"conflict", "Conflict", 409, -32003},
    [PROBLEM_INTERLOCK] = {"interlock", "Blocked by an interlock", 409, -32004},
    [PROBLEM_LOCKED] = {"locked", "Line is locked", 409, -32009},
    [PROBLEM_NOT_SIMULATED] = {"not-simulated", "Not a simulated input", 409, -32010},
    [PROBLEM_FORBIDDEN_PIN] = {"forbidden-pin", "Pin has another function", 409, -32011},
    [PROBLEM_UNAUTHORIZED] = {"unauthorized", "Token needed", 401, -32005},
    [PROBLEM_FORBIDDEN] = {"forbidden", "Not allowed", 403, -32006},
    [PROBLEM_METHOD_NOT_ALLOWED] = {"no-such-method", "Method not allowed", 405, -32601},
    [PROBLEM_TOO_LARGE] = {"too-large", "Too large", 413, -32602},
    [PROBLEM_HEADER_TOO_LARGE] = {"too-large", "Header fields too large", 431, -32602},
    [PROBLEM_MEDIA_TYPE] = {"bad-request", "Unsupported media type", 415, -32602},
    [PROBLEM_BAD_CONFIG] = {"bad-config", "Not a config", 422, -32602},
    [PROBLEM_READ_ONLY] = {"read-only", "File is read-only", 409, -32003},
    [PROBLEM_PRECONDITION] = {"conflict", "Changed meanwhile", 412, -32003},
    [PROBLEM_PRECONDITION_REQUIRED] = {"bad-request", "If-Match needed", 428, -32602},
    [PROBLEM_MISDIRECTED] = {"forbidden", "Host name not served", 421, -32006},
    [PROBLEM_UPGRADE_REQUIRED] = {"bad-request", "WebSocket upgrade required", 426, -32602},
    [PROBLEM_LIMIT] = {"limit", "Too soon", 429, -32008},
    [PROBLEM_BUSY] = {"limit", "Limit reached", 503, -32008},
    [PROBLEM_GPIO] = {"gpio", "GPIO error", 500, -32007},
    [PROBLEM_GPIO_REMOVED] = {"gpio", "GPIO chip is gone", 503, -32007},
    [PROBLEM_INTERNAL] = {"internal", "Internal error", 500, -32603},
};

const struct problem_kind *problem_kind(enum problem_code code)
{
    return &kinds[code];
}

int problem_set(struct problem *problem, enum problem_code code, const char *format, ...)
{
    *problem = (struct problem){.code = code};
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(problem->detail, sizeof problem->detail, format, arguments);
    va_end(arguments);
    utf8_drop_rest(problem->detail);
    return -1;
}

static const enum problem_code codes[] = {
    [REFUSAL_NONE] = PROBLEM_INTERNAL,
    [REFUSAL_NO_SUCH_LINE] = PROBLEM_NO_SUCH_LINE,
    [REFUSAL_NOT_AN_OUTPUT] = PROBLEM_NOT_AN_OUTPUT,
    [REFUSAL_CONFLICT] = PROBLEM_CONFLICT,
    [REFUSAL_INTERLOCK] = PROBLEM_INTERLOCK,
    [REFUSAL_LIMIT] = PROBLEM_LIMIT,
    [REFUSAL_LOCKED] = PROBLEM_LOCKED,
    [REFUSAL_GPIO] = PROBLEM_GPIO,
    [REFUSAL_BAD_REQUEST] = PROBLEM_BAD_REQUEST,
    [REFUSAL_NOT_SIMULATED] = PROBLEM_NOT_SIMULATED,
};

const char *problem_code_of(enum refusal_code code)
{
    return kinds[codes[code]].code;
}

int problem_from_refusal(struct problem *problem, const struct refusal *refusal,
                         const char *blocked_by)
{
    enum problem_code code = codes[refusal->code];
    if (code == PROBLEM_GPIO && refusal->unavailable)
        code = PROBLEM_GPIO_REMOVED;
    problem_set(problem, code, "%s", refusal->message);
    problem->errno_code = refusal->errno_code;
    if (blocked_by)
        (void)snprintf(problem->blocked_by, sizeof problem->blocked_by, "%s", blocked_by);
    if (code == PROBLEM_LIMIT || code == PROBLEM_GPIO_REMOVED)
        problem->retry_after_s = refusal->retry_ms > 0 ? (refusal->retry_ms + 999) / 1000 : 1;
    return -1;
}

/* The members that problem details and JSON-RPC's error data share. */
static void write_members(struct json_writer *writer, const struct problem *problem)
{
    json_write_text(writer, "code", kinds[problem->code].code);
    if (problem->blocked_by[0])
        json_write_text(writer, "blocked_by", problem->blocked_by);
    if (problem->errno_code > 0) {
        const char *name = strerrorname_np(problem->errno_code);
        json_write_text(writer, "errno", name ? name : "unknown");
    }
    if (problem->retry_after_s > 0)
        json_write_unsigned(writer, "retry_after", problem->retry_after_s);
}

int problem_print(const struct problem *problem, struct buffer *buffer)
{
    const struct problem_kind *kind = &kinds[problem->code];
    struct json_writer writer = json_writer_begin(buffer);
    json_write_object(&writer, NULL);
    json_write_text(&writer, "type", "about:blank");
    json_write_text(&writer, "title", kind->title);
    json_write_integer(&writer, "status", kind->status);
    json_write_text(&writer, "detail", problem->detail);
    write_members(&writer, problem);
    json_write_object_end(&writer);
    return buffer->error;
}

void problem_write_rpc(const struct problem *problem, struct json_writer *writer)
{
    const struct problem_kind *kind = &kinds[problem->code];
    json_write_object(writer, NULL);
    json_write_integer(writer, "code", kind->rpc);
    json_write_text(writer, "message", kind->code);
    json_write_object(writer, "data");
    write_members(writer, problem);
    json_write_text(writer, "detail", problem->detail);
    json_write_object_end(writer);
    json_write_object_end(writer);
}
