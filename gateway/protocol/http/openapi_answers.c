#include "protocol/http/openapi_answers.h"

#include "base/json_writer.h"
#include "base/owner.h"
#include "protocol/http/route.h"
#include "protocol/http/shape.h"
#include "protocol/problem.h"

#include <stdio.h>
#include <string.h>

enum { TITLES_SIZE = 256 };

/* What of an operation decides which problems it may have. */
struct operation {
    const struct verb *verb, *method;
    const struct route *route;
    enum role role;
    bool has_body;
};

static bool always(const struct operation *operation)
{
    (void)operation;
    return true;
}

static bool needs_token(const struct operation *operation)
{
    return operation->role > ROLE_NONE || operation->has_body;
}

static bool needs_more(const struct operation *operation)
{
    return operation->role > ROLE_VIEWER || (operation->method && operation->method->acts);
}

static bool names_something(const struct operation *operation)
{
    return operation->has_body || strchr(operation->verb->path, '{');
}

static bool changes_something(const struct operation *operation)
{
    return strcmp(operation->verb->rest, "GET") != 0 && operation->role > ROLE_NONE;
}

static bool has_body(const struct operation *operation)
{
    return operation->has_body;
}

static bool has_precondition(const struct operation *operation)
{
    return operation->route && operation->route->has_precondition;
}

static bool takes_config(const struct operation *operation)
{
    return has_precondition(operation) && operation->has_body;
}

static bool is_upgrade(const struct operation *operation)
{
    return operation->route && operation->route->is_upgrade;
}

static const struct {
    int status;
    bool (*applies)(const struct operation *operation);
} problems[] = {
    {400, always},
    {401, needs_token},
    {403, needs_more},
    {404, names_something},
    {409, changes_something},
    {412, has_precondition},
    {413, has_body},
    {415, has_body},
    {421, always},
    {422, takes_config},
    {426, is_upgrade},
    {428, takes_config},
    {429, changes_something},
    {503, always},
};

static void write_content(struct json_writer *writer, const char *media_type, const char *shape)
{
    static const char text[] = "{\"type\":\"string\"}";
    json_write_object(writer, media_type);
    if (shape)
        shape_write_reference(shape, "schema", writer);
    else
        json_write_raw(writer, "schema", text, sizeof text - 1);
    json_write_object_end(writer);
}

static void write_answer(struct json_writer *writer, const struct operation *operation)
{
    const struct verb *verb = operation->verb;
    const struct route *route = operation->route;
    const char *shape = verb->answers       ? verb->answers
                        : operation->method ? operation->method->answers
                                            : NULL;
    json_write_object(writer, "200");
    json_write_text(writer, "description", "Done");
    json_write_object(writer, "content");
    write_content(writer, route && route->media_type ? route->media_type : "application/json",
                  shape);
    for (size_t i = 0; route && i < ARRAY_LENGTH(route->others) && route->others[i]; i++)
        write_content(writer, route->others[i], NULL);
    json_write_object_end(writer);
    json_write_object_end(writer);
}

static void write_empty(struct json_writer *writer, const char *status, const char *description)
{
    json_write_object(writer, status);
    json_write_text(writer, "description", description);
    json_write_object_end(writer);
}

static void write_problem(struct json_writer *writer, const char *key, const char *description)
{
    json_write_object(writer, key);
    json_write_text(writer, "description", description);
    json_write_object(writer, "content");
    write_content(writer, "application/problem+json", "problem");
    json_write_object_end(writer);
    json_write_object_end(writer);
}

/* "No such line, No such method": the titles of a status. */
static void list_titles(int status, char titles[TITLES_SIZE])
{
    size_t used = 0;
    titles[0] = '\0';
    for (enum problem_code code = PROBLEM_BAD_REQUEST; code <= PROBLEM_INTERNAL; code++) {
        const struct problem_kind *kind = problem_kind(code);
        if (kind->status == status && used < TITLES_SIZE && !strstr(titles, kind->title))
            used += (size_t)snprintf(titles + used, TITLES_SIZE - used, "%s%s", used ? ", " : "",
                                     kind->title);
    }
}

static void write_problems(struct json_writer *writer, const struct operation *operation)
{
    for (size_t i = 0; i < ARRAY_LENGTH(problems); i++) {
        char key[8];
        char titles[TITLES_SIZE];
        if (!problems[i].applies(operation))
            continue;
        (void)snprintf(key, sizeof key, "%d", problems[i].status);
        list_titles(problems[i].status, titles);
        write_problem(writer, key, titles);
    }
    write_problem(writer, "default", "Another problem (RFC 9457)");
}

void openapi_write_responses(struct json_writer *writer, const struct verb *verb)
{
    const struct route *route = route_of(verb);
    const struct operation operation = {
        .verb = verb,
        .method = route_method(verb),
        .route = route,
        .role = route_role(verb),
        .has_body = verb->body != VERB_BODY_NONE || (route && route->takes),
    };
    json_write_object(writer, "responses");
    if (is_upgrade(&operation))
        write_empty(writer, "101", "The connection is a WebSocket from now on");
    else if (verb->answers || operation.method || (route && route->media_type))
        write_answer(writer, &operation);
    if (route && route->may_be_empty)
        write_empty(writer, "204", "Done, with nothing to say");
    write_problems(writer, &operation);
    json_write_object_end(writer);
}

void openapi_write_schemas(struct json_writer *writer)
{
    const struct shape *shape;
    json_write_object(writer, "schemas");
    for (size_t i = 0; (shape = shape_at(i)); i++)
        shape_write_schema(shape, shape->name, writer);
    json_write_object_end(writer);
}
