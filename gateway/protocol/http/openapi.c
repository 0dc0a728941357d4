#include "protocol/http/openapi.h"

#include "base/json.h"
#include "protocol/http/route.h"
#include "protocol/method/method.h"
#include "protocol/method/method_schema.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static bool is_in_path(const struct route *route, const char *name)
{
    const char *brace = strchr(route->pattern, '{');
    return brace && strncmp(brace + 1, name, strlen(name)) == 0 && brace[1 + strlen(name)] == '}';
}

/* What stands for {…} in a route whose handler reads it. */
static void add_path_parameter(struct json *parameters, const struct route *route)
{
    const char *brace = strchr(route->pattern, '{');
    if (!brace)
        return;
    char name[16];
    (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(brace + 1, "}"), brace + 1);
    struct json *entry = json_new_object_in(parameters, NULL);
    json_add_text(entry, "name", name);
    json_add_text(entry, "in", "path");
    json_add_bool(entry, "required", true);
    json_add_text(json_new_object_in(entry, "schema"), "type", "string");
}

static void add_parameters(struct json *operation, const struct route *route,
                           const struct method *method)
{
    struct json *parameters = json_new_array_in(operation, "parameters");
    if (!method)
        add_path_parameter(parameters, route);
    for (size_t i = 0; method && i < METHOD_PARAMS_MAX && method->params[i].type != PARAM_END;
         i++) {
        const struct param *param = &method->params[i];
        bool in_path = is_in_path(route, param->name);
        bool in_body = route->body == ROUTE_WHOLE ? strcmp(param->name, "lines") == 0
                                                  : route->body != ROUTE_NO_BODY;
        if (!in_path && in_body)
            continue;
        struct json *entry = json_new_object_in(parameters, NULL);
        json_add_text(entry, "name", param->name);
        json_add_text(entry, "in", in_path ? "path" : "query");
        json_add_bool(entry, "required", in_path || param->required);
        json_add(entry, "schema", method_schema(param));
    }
}

static struct json *body_schema(const struct route *route, const struct method *method)
{
    struct json *schema = json_new_object();
    json_add_text(schema, "type", "object");
    if (!method || route->body == ROUTE_WHOLE)
        return schema;
    struct json *properties = json_new_object_in(schema, "properties");
    struct json *required = json_new_array_in(schema, "required");
    for (size_t i = 0; i < METHOD_PARAMS_MAX && method->params[i].type != PARAM_END; i++) {
        const struct param *param = &method->params[i];
        if (is_in_path(route, param->name))
            continue;
        json_add(properties, param->name, method_schema(param));
        if (param->required)
            json_add_text(required, NULL, param->name);
    }
    if (route->body != ROUTE_SCALAR)
        return schema;
    struct json *either = json_new_object();
    struct json *choices = json_new_array_in(either, "anyOf");
    struct json *scalar = json_new_object_in(choices, NULL);
    struct json *values = json_new_array_in(scalar, "enum");
    json_add_integer(values, NULL, 0);
    json_add_integer(values, NULL, 1);
    json_add_bool(values, NULL, false);
    json_add_bool(values, NULL, true);
    json_add(choices, NULL, schema);
    return either;
}

static void add_body(struct json *operation, const struct route *route, const struct method *method)
{
    if (route->body == ROUTE_NO_BODY)
        return;
    struct json *body = json_new_object_in(operation, "requestBody");
    struct json *content = json_new_object_in(body, "content");
    struct json *media = json_new_object_in(content, "application/json");
    json_add(media, "schema", body_schema(route, method));
}

static void add_responses(struct json *operation, const struct route *route, enum role role)
{
    struct json *responses = json_new_object_in(operation, "responses");
    struct json *done =
        json_new_object_in(responses, strcmp(route->pattern, "/ws") ? "200" : "101");
    json_add_text(done, "description", "Done");
    struct json *content = json_new_object_in(done, "content");
    (void)json_new_object_in(content, route->media_type ? route->media_type : "application/json");
    if (route->may_be_empty)
        json_add_text(json_new_object_in(responses, "204"), "description",
                      "Done, with nothing to say");
    struct json *failed = json_new_object_in(responses, "default");
    json_add_text(failed, "description", "Problem details (RFC 9457)");
    content = json_new_object_in(failed, "content");
    struct json *media = json_new_object_in(content, "application/problem+json");
    struct json *schema = json_new_object_in(media, "schema");
    json_add_text(schema, "$ref", "#/components/schemas/problem");
    if (role == ROLE_NONE)
        (void)json_new_array_in(operation, "security");
}

/* "GET /api/v1/lines/{line}/value" becomes "get_api_v1_lines_line_value". */
static void add_operation_id(struct json *operation, const struct route *route)
{
    char id[96];
    int length = snprintf(id, sizeof id, "%s%s", route->method, route->pattern);
    int kept = 0;
    for (int i = 0; i < length && i < (int)sizeof id - 1; i++) {
        char byte = id[i];
        if (isalnum((unsigned char)byte))
            id[kept++] = (char)tolower((unsigned char)byte);
        else if (kept > 0 && id[kept - 1] != '_' && byte != '}')
            id[kept++] = '_';
    }
    id[kept] = '\0';
    json_add_text(operation, "operationId", id);
}

static struct json *make_operation(const struct route *route)
{
    const struct method *method = route->call ? method_find(route->call) : NULL;
    struct json *operation = json_new_object();
    json_add_text(operation, "summary", method ? method->summary : route->summary);
    add_operation_id(operation, route);
    if (method)
        json_add_text(operation, "x-method", method->name);
    json_add_text(operation, "x-role", role_name(method ? method->role : route->role));
    add_parameters(operation, route, method);
    add_body(operation, route, method);
    add_responses(operation, route, method ? method->role : route->role);
    return operation;
}

/* Rows of one path follow each other in no fixed order: the first collects the others. */
static void add_paths(struct json *paths)
{
    const struct route *route;
    for (size_t i = 0; (route = route_at(i)); i++) {
        if (json_get(paths, route->pattern))
            continue;
        struct json *path = json_new_object_in(paths, route->pattern);
        const struct route *other;
        for (size_t j = i; (other = route_at(j)); j++) {
            if (strcmp(other->pattern, route->pattern) != 0)
                continue;
            char name[8];
            (void)snprintf(name, sizeof name, "%s", other->method);
            for (char *byte = name; *byte; byte++)
                *byte = (char)tolower((unsigned char)*byte);
            json_add(path, name, make_operation(other));
        }
    }
}

static void add_components(struct json *document)
{
    struct json *components = json_new_object_in(document, "components");
    struct json *schemas = json_new_object_in(components, "schemas");
    struct json *problem = json_new_object_in(schemas, "problem");
    json_add_text(problem, "type", "object");
    struct json *properties = json_new_object_in(problem, "properties");
    static const char *const texts[] = {"type", "title", "detail", "code", "errno", "blocked_by"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        json_add_text(json_new_object_in(properties, texts[i]), "type", "string");
    json_add_text(json_new_object_in(properties, "status"), "type", "integer");
    json_add_text(json_new_object_in(properties, "retry_after"), "type", "integer");
    struct json *schemes = json_new_object_in(components, "securitySchemes");
    struct json *bearer = json_new_object_in(schemes, "bearer");
    json_add_text(bearer, "type", "http");
    json_add_text(bearer, "scheme", "bearer");
    struct json *cookie = json_new_object_in(schemes, "cookie");
    json_add_text(cookie, "type", "apiKey");
    json_add_text(cookie, "in", "cookie");
    json_add_text(cookie, "name", auth_cookie_name);
}

struct json *openapi_document(void)
{
    struct json *document = json_new_object();
    json_add_text(document, "openapi", "3.1.0");
    struct json *info = json_new_object_in(document, "info");
    json_add_text(info, "title", "gpio-gateway");
    json_add_text(info, "version", GATEWAY_VERSION);
    struct json *security = json_new_array_in(document, "security");
    (void)json_new_array_in(json_new_object_in(security, NULL), "bearer");
    (void)json_new_array_in(json_new_object_in(security, NULL), "cookie");
    add_paths(json_new_object_in(document, "paths"));
    add_components(document);
    return document;
}
