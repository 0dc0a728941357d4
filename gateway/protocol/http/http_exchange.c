#include "protocol/http/http_exchange.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { LINES_MAX = 8 }; /* of one field; a proxy adds one each */

static bool list_has(const char *list, const char *token,
                     int (*compare)(const char *, const char *, size_t))
{
    size_t length = strlen(token);
    while (*list) {
        list += strspn(list, ", \t");
        size_t member = strcspn(list, ",");
        size_t trimmed = member;
        while (trimmed > 0 && strchr(" \t", list[trimmed - 1]))
            trimmed--;
        if (trimmed == length && compare(list, token, length) == 0)
            return true;
        list += member;
    }
    return false;
}

static bool lines_have(const struct http_exchange *http_exchange, const char *name,
                       const char *token, int (*compare)(const char *, const char *, size_t))
{
    const char *lines[LINES_MAX];
    size_t count = http_exchange->headers_all(http_exchange, name, lines, LINES_MAX);
    for (size_t i = 0; i < count; i++)
        if (list_has(lines[i], token, compare))
            return true;
    return false;
}

bool http_exchange_lists(const struct http_exchange *http_exchange, const char *name,
                         const char *token)
{
    return lines_have(http_exchange, name, token, strncasecmp);
}

bool http_exchange_lists_exactly(const struct http_exchange *http_exchange, const char *name,
                                 const char *token)
{
    return lines_have(http_exchange, name, token, strncmp);
}

const char http_media_json[] = "application/json";

void http_exchange_add_header(struct http_exchange *http_exchange, const char *name,
                              const char *format, ...)
{
    assert(http_exchange->header_count < HTTP_EXCHANGE_HEADERS_MAX);
    size_t i = http_exchange->header_count++;
    http_exchange->headers[i].name = name;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(http_exchange->headers[i].value, HTTP_EXCHANGE_HEADER_SIZE, format, arguments);
    va_end(arguments);
}

void http_exchange_fail(struct http_exchange *http_exchange, const struct problem *problem)
{
    buffer_clear(&http_exchange->answer);
    http_exchange->status = problem_kind(problem->code)->status;
    http_exchange->media_type = "application/problem+json";
    if (problem->retry_after_s > 0)
        http_exchange_add_header(http_exchange, "Retry-After", "%u", problem->retry_after_s);
    if (problem->code == PROBLEM_UNAUTHORIZED)
        http_exchange_add_header(http_exchange, "WWW-Authenticate",
                                 "Bearer realm=\"gpio-gateway\"");
    (void)problem_print(problem, &http_exchange->answer);
    if (buffer_append_char(&http_exchange->answer, '\n') || http_exchange->answer.error)
        http_exchange_answer_empty(http_exchange, 500);
}

void http_exchange_refuse(struct http_exchange *http_exchange, enum problem_code code,
                          const char *format, ...)
{
    struct problem problem = {.code = code};
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(problem.detail, sizeof problem.detail, format, arguments);
    va_end(arguments);
    if (code == PROBLEM_BUSY)
        problem.retry_after_s = 1;
    http_exchange_fail(http_exchange, &problem);
}

struct json_writer http_exchange_begin_json(struct http_exchange *http_exchange, int status)
{
    http_exchange->status = status;
    http_exchange->media_type = http_media_json;
    return json_writer_begin(&http_exchange->answer);
}

/* A terminal shows its prompt on a line of its own. */
void http_exchange_end_json(struct http_exchange *http_exchange)
{
    (void)buffer_append_char(&http_exchange->answer, '\n');
    if (http_exchange->answer.error)
        http_exchange_refuse(http_exchange, PROBLEM_INTERNAL,
                             "The answer does not fit into memory.");
}

void http_exchange_answer_empty(struct http_exchange *http_exchange, int status)
{
    buffer_clear(&http_exchange->answer);
    http_exchange->status = status;
    http_exchange->media_type = NULL;
}
