#include "protocol/http/openapi.h"

#include "base/field_reader.h"
#include "base/json_writer.h"
#include "protocol/http/openapi_answers.h"
#include "protocol/http/route.h"
#include "protocol/http/shape.h"
#include "protocol/method/method.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static bool is_in_path(const struct verb *verb, const char *name)
{
    const char *brace = verb->path ? strchr(verb->path, '{') : NULL;
    return brace && strncmp(brace + 1, name, strlen(name)) == 0 && brace[1 + strlen(name)] == '}';
}

/* HTTP would refuse it: it is offered to connections, as "x-connection". */
static bool is_refused(const struct verb *verb, const struct field *field)
{
    return verb->path && verb_needs_connection(field);
}

static bool is_in_body(const struct verb *verb, const struct field *field)
{
    if (verb->body == VERB_BODY_LINES)
        return strcmp(field->name, "lines") == 0;
    return verb->body != VERB_BODY_NONE && !is_in_path(verb, field->name);
}

/* What stands for {…} in a route whose handler reads it. */
static void write_path_parameter(struct json_writer *writer, const struct verb *verb)
{
    const char *brace = strchr(verb->path, '{');
    if (!brace)
        return;
    json_write_object(writer, NULL);
    json_write_bytes(writer, "name", brace + 1, strcspn(brace + 1, "}"));
    json_write_text(writer, "in", "path");
    json_write_bool(writer, "required", true);
    json_write_object(writer, "schema");
    json_write_text(writer, "type", "string");
    json_write_object_end(writer);
    json_write_object_end(writer);
}

/* Whose parameter it is: the method's, in the path or in the query; or the route's, which JSON-RPC has not. */
enum parameter_in { IN_PATH, IN_QUERY, IN_ROUTE };

static void write_parameter(struct json_writer *writer, const struct field *field,
                            enum parameter_in in)
{
    json_write_object(writer, NULL);
    json_write_text(writer, "name", field->name);
    json_write_text(writer, "in", in == IN_PATH ? "path" : "query");
    json_write_bool(writer, "required", in == IN_PATH || field->required);
    field_write_schema(field, "schema", writer);
    if (in == IN_ROUTE)
        json_write_bool(writer, "x-rest-alone", true);
    json_write_object_end(writer);
}

static void write_precondition(struct json_writer *writer)
{
    static const char text[] = "{\"type\":\"string\"}";
    json_write_object(writer, NULL);
    json_write_text(writer, "name", "If-Match");
    json_write_text(writer, "in", "header");
    json_write_text(writer, "description", "the ETag of the version that is changed, or *");
    json_write_raw(writer, "schema", text, sizeof text - 1);
    json_write_object_end(writer);
}

static void write_parameters(struct json_writer *writer, const struct verb *verb,
                             const struct verb *method)
{
    const struct route *route = route_of(verb);
    json_write_list(writer, "parameters");
    if (!method)
        write_path_parameter(writer, verb);
    for (size_t i = 0; method && i < method->fields.count; i++) {
        const struct field *field = &method->fields.fields[i];
        if (is_in_body(verb, field) || is_refused(verb, field))
            continue;
        write_parameter(writer, field, is_in_path(verb, field->name) ? IN_PATH : IN_QUERY);
    }
    for (size_t i = 0; route && i < route->verb.fields.count; i++)
        write_parameter(writer, &route->verb.fields.fields[i], IN_ROUTE);
    if (route && route->has_precondition)
        write_precondition(writer);
    json_write_list_end(writer);
}

static void write_members_schema(struct json_writer *writer, const char *key,
                                 const struct verb *verb, const struct verb *method)
{
    const struct field *fields = method->fields.fields;
    json_write_object(writer, key);
    json_write_text(writer, "type", "object");
    json_write_object(writer, "properties");
    for (size_t i = 0; i < method->fields.count; i++)
        if (!is_in_path(verb, fields[i].name) && !is_refused(verb, &fields[i]))
            field_write_schema(&fields[i], fields[i].name, writer);
    json_write_object_end(writer);
    json_write_list(writer, "required");
    for (size_t i = 0; i < method->fields.count; i++)
        if (fields[i].required && !is_in_path(verb, fields[i].name))
            json_write_text(writer, NULL, fields[i].name);
    json_write_list_end(writer);
    json_write_bool(writer, "additionalProperties", false);
    json_write_object_end(writer);
}

static void write_body_schema(struct json_writer *writer, const struct verb *verb,
                              const struct verb *method)
{
    if (verb->body == VERB_BODY_LINES) {
        field_write_schema(field_find(&method->fields, "lines"), "schema", writer);
        return;
    }
    if (verb->body != VERB_BODY_VALUE) {
        write_members_schema(writer, "schema", verb, method);
        return;
    }
    json_write_object(writer, "schema");
    json_write_list(writer, "anyOf");
    json_write_object(writer, NULL);
    json_write_list(writer, "enum");
    json_write_integer(writer, NULL, 0);
    json_write_integer(writer, NULL, 1);
    json_write_bool(writer, NULL, false);
    json_write_bool(writer, NULL, true);
    json_write_list_end(writer);
    json_write_object_end(writer);
    write_members_schema(writer, NULL, verb, method);
    json_write_list_end(writer);
    json_write_object_end(writer);
}

static bool needs_body(const struct verb *verb, const struct verb *method)
{
    for (size_t i = 0; i < method->fields.count; i++) {
        const struct field *field = &method->fields.fields[i];
        if (field->required && is_in_body(verb, field))
            return true;
    }
    return false;
}

static void write_body(struct json_writer *writer, const struct verb *verb,
                       const struct verb *method)
{
    const struct route *route = route_of(verb);
    const char *takes = route ? route->takes : NULL;
    if (verb->body == VERB_BODY_NONE && !takes)
        return;
    json_write_object(writer, "requestBody");
    json_write_bool(writer, "required", takes || (method && needs_body(verb, method)));
    json_write_object(writer, "content");
    json_write_object(writer, "application/json");
    if (takes)
        shape_write_reference(takes, "schema", writer);
    else
        write_body_schema(writer, verb, method);
    json_write_object_end(writer);
    json_write_object_end(writer);
    json_write_object_end(writer);
}

/* "GET /api/v1/lines/{line}/value" becomes "get_api_v1_lines_line_value". */
static void write_operation_id(struct json_writer *writer, const struct verb *verb)
{
    char id[96];
    int length = snprintf(id, sizeof id, "%s%s", verb->rest, verb->path);
    int kept = 0;
    for (int i = 0; i < length && i < (int)sizeof id - 1; i++) {
        char byte = id[i];
        if (isalnum((unsigned char)byte))
            id[kept++] = (char)tolower((unsigned char)byte);
        else if (kept > 0 && id[kept - 1] != '_' && byte != '}')
            id[kept++] = '_';
    }
    id[kept] = '\0';
    json_write_text(writer, "operationId", id);
}

/* Methods that have no path of their own are described where they are called. */
static void write_pathless_methods(struct json_writer *writer)
{
    const struct verb *method;
    json_write_object(writer, "x-methods");
    for (size_t i = 0; (method = method_at(i)); i++) {
        if (method->path)
            continue;
        json_write_object(writer, method->name);
        json_write_text(writer, "summary", method->summary);
        write_members_schema(writer, "params", method, method);
        shape_write_reference(method->answers, "result", writer);
        json_write_object_end(writer);
    }
    json_write_object_end(writer);
}

/* What the method takes besides, where it is called over a WebSocket or another connection that lasts. */
static void write_connection_fields(struct json_writer *writer, const struct verb *method)
{
    for (size_t i = 0; i < method->fields.count; i++) {
        const struct field *field = &method->fields.fields[i];
        if (!verb_needs_connection(field))
            continue;
        json_write_object(writer, "x-connection");
        field_write_schema(field, field->name, writer);
        json_write_object_end(writer);
    }
}

/* "GET" becomes the key "get". */
static void write_operation(struct json_writer *writer, const struct verb *verb)
{
    const struct verb *method = route_method(verb);
    enum role role = route_role(verb);
    char name[8];
    (void)snprintf(name, sizeof name, "%s", verb->rest);
    for (char *byte = name; *byte; byte++)
        *byte = (char)tolower((unsigned char)*byte);
    json_write_object(writer, name);
    json_write_text(writer, "summary", method ? method->summary : verb->summary);
    write_operation_id(writer, verb);
    if (method == verb) { /* others shape its answer in their own way */
        json_write_text(writer, "x-method", method->name);
        write_connection_fields(writer, method);
    }
    json_write_text(writer, "x-role", role_name(role));
    if (strcmp(verb->path, "/api/v1/rpc") == 0)
        write_pathless_methods(writer);
    write_parameters(writer, verb, method);
    write_body(writer, verb, method);
    openapi_write_responses(writer, verb);
    if (role == ROLE_NONE) {
        json_write_list(writer, "security");
        json_write_list_end(writer);
    }
    json_write_object_end(writer);
}

static bool is_first_of_path(const struct verb *verb)
{
    const struct verb *other;
    for (size_t at = 0; (other = route_next(&at)) && other != verb;)
        if (strcmp(other->path, verb->path) == 0)
            return false;
    return true;
}

/* Rows of one path follow each other in no fixed order: the first collects the others. */
static void write_paths(struct json_writer *writer)
{
    const struct verb *verb;
    json_write_object(writer, "paths");
    for (size_t at = 0; (verb = route_next(&at));) {
        if (!is_first_of_path(verb))
            continue;
        json_write_object(writer, verb->path);
        const struct verb *other;
        for (size_t next = 0; (other = route_next(&next));)
            if (strcmp(other->path, verb->path) == 0)
                write_operation(writer, other);
        json_write_object_end(writer);
    }
    json_write_object_end(writer);
}

static void write_components(struct json_writer *writer, const char *cookie_name)
{
    json_write_object(writer, "components");
    openapi_write_schemas(writer);
    json_write_object(writer, "securitySchemes");
    json_write_object(writer, "bearer");
    json_write_text(writer, "type", "http");
    json_write_text(writer, "scheme", "bearer");
    json_write_object_end(writer);
    json_write_object(writer, "cookie");
    json_write_text(writer, "type", "apiKey");
    json_write_text(writer, "in", "cookie");
    json_write_text(writer, "name", cookie_name);
    json_write_object_end(writer);
    json_write_object_end(writer);
    json_write_object_end(writer);
}

void openapi_write(struct json_writer *writer, const char *cookie_name)
{
    static const char security[] = "[{\"bearer\":[]},{\"cookie\":[]}]";
    static const char servers[] = "[{\"url\":\"/\",\"description\":\"This gateway\"}]";
    json_write_object(writer, NULL);
    json_write_text(writer, "openapi", "3.1.0");
    json_write_object(writer, "info");
    json_write_text(writer, "title", "gpio-gateway");
    json_write_text(writer, "version", GATEWAY_VERSION);
    json_write_text(writer, "description",
                    "GPIO over HTTP and WebSocket. Errors are problem details (RFC 9457).");
    json_write_object(writer, "license");
    json_write_text(writer, "name", "MIT");
    json_write_text(writer, "identifier", "MIT");
    json_write_object_end(writer);
    json_write_object_end(writer);
    json_write_raw(writer, "servers", servers, sizeof servers - 1);
    json_write_raw(writer, "security", security, sizeof security - 1);
    write_paths(writer);
    write_components(writer, cookie_name);
    json_write_object_end(writer);
}
