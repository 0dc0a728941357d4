#include "protocol/http/exchange.h"

#include "base/json.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

void exchange_add_header(struct exchange *exchange, const char *name, const char *format, ...)
{
    assert(exchange->header_count < EXCHANGE_HEADERS_MAX);
    size_t i = exchange->header_count++;
    exchange->headers[i].name = name;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(exchange->headers[i].value, EXCHANGE_HEADER_SIZE, format, arguments);
    va_end(arguments);
}

void exchange_fail(struct exchange *exchange, const struct problem *problem)
{
    buffer_clear(&exchange->answer);
    exchange->status = problem_kind(problem->code)->status;
    exchange->media_type = "application/problem+json";
    if (problem->retry_after_s > 0)
        exchange_add_header(exchange, "Retry-After", "%u", problem->retry_after_s);
    if (problem->code == PROBLEM_UNAUTHORIZED)
        exchange_add_header(exchange, "WWW-Authenticate", "Bearer realm=\"gpio-gateway\"");
    if (problem_print(problem, &exchange->answer))
        exchange_answer_empty(exchange, 500);
}

void exchange_refuse(struct exchange *exchange, enum problem_code code, const char *format, ...)
{
    struct problem problem = {.code = code};
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(problem.detail, sizeof problem.detail, format, arguments);
    va_end(arguments);
    if (code == PROBLEM_BUSY)
        problem.retry_after_s = 1;
    exchange_fail(exchange, &problem);
}

void exchange_answer_json(struct exchange *exchange, int status, struct json *json)
{
    exchange->status = status;
    exchange->media_type = "application/json";
    if (json_print(json, &exchange->answer))
        exchange_refuse(exchange, PROBLEM_INTERNAL, "The answer does not fit into memory.");
    json_free(json);
}

void exchange_answer_empty(struct exchange *exchange, int status)
{
    buffer_clear(&exchange->answer);
    exchange->status = status;
    exchange->media_type = NULL;
}
