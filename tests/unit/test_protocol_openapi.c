#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/json_writer.h"
#include "gpio/backend.h"
#include "protocol/http/openapi.h"
#include "protocol/http/route.h"
#include "protocol/http/shape.h"
#include "protocol/method/method.h"
#include "protocol_rig.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* The document as our own strict parser reads it. */
static int make(void **state)
{
    struct buffer text;
    struct json *document = NULL;
    buffer_init(&text, 1024 * 1024);
    struct json_writer writer = json_writer_begin(&text);
    openapi_write(&writer, "gpio_gateway_0123abcd");
    int error = text.error;
    if (!error)
        error = json_parse(buffer_text(&text), text.length, &document, NULL);
    buffer_done(&text);
    *state = document;
    return error;
}

static int drop(void **state)
{
    json_free(*state);
    return 0;
}

static const struct json *operation_of(const struct json *document, const struct verb *route)
{
    char method[8];
    (void)snprintf(method, sizeof method, "%s", route->rest);
    for (char *byte = method; *byte; byte++)
        *byte = (char)tolower((unsigned char)*byte);
    return json_get(json_get(json_get(document, "paths"), route->path), method);
}

static const struct json *parameter_of(const struct json *operation, const char *name)
{
    for (const struct json *entry = json_first(json_get(operation, "parameters")); entry;
         entry = json_next(entry))
        if (strcmp(json_text(json_get(entry, "name")), name) == 0)
            return entry;
    return NULL;
}

static void openapi_is_a_document_of_version_3_1(void **state)
{
    const struct json *info = json_get(*state, "info");
    assert_string_equal(json_text(json_get(*state, "openapi")), "3.1.0");
    assert_string_equal(json_text(json_get(info, "title")), "gpio-gateway");
    assert_non_null(json_text(json_get(info, "version")));
}

static void openapi_describes_every_route(void **state)
{
    const struct verb *route;
    size_t count = 0;
    size_t described = 0;
    for (size_t at = 0; (route = route_next(&at)); count++) {
        const struct json *operation = operation_of(*state, route);
        if (!operation)
            fail_msg("%s %s is not described", route->rest, route->path);
        assert_non_null(json_text(json_get(operation, "summary")));
        assert_true(json_count(json_get(operation, "responses")) >= 2);
    }
    for (const struct json *path = json_first(json_get(*state, "paths")); path;
         path = json_next(path))
        described += json_count(path);
    assert_int_equal(described, count);
}

static void openapi_describes_every_parameter_of_a_called_method(void **state)
{
    const struct verb *route;
    for (size_t at = 0; (route = route_next(&at));) {
        const struct verb *method = route_method(route);
        const struct json *operation = operation_of(*state, route);
        const struct json *body = json_get(operation, "requestBody");
        const struct route *row = route_of(route);
        assert_int_equal(body != NULL, route->body != VERB_BODY_NONE || (row && row->takes));
        for (size_t j = 0; method && route->body == VERB_BODY_NONE && j < method->fields.count; j++)
            if (!parameter_of(operation, method->fields.fields[j].name))
                fail_msg("%s: %s is not described", route->path, method->fields.fields[j].name);
    }
}

/* OpenAPI 3.1, Path Templating: each expression has a path parameter, which is required. */
static void openapi_has_a_path_parameter_for_each_brace(void **state)
{
    const struct verb *route;
    for (size_t at = 0; (route = route_next(&at));) {
        const struct json *operation = operation_of(*state, route);
        const char *brace = strchr(route->path, '{');
        unsigned in_path = 0;
        for (const struct json *entry = json_first(json_get(operation, "parameters")); entry;
             entry = json_next(entry)) {
            int required = 0;
            assert_non_null(json_get(entry, "schema"));
            (void)json_switch(json_get(entry, "required"), &required);
            if (strcmp(json_text(json_get(entry, "in")), "path") != 0)
                continue;
            in_path++;
            assert_int_equal(required, 1);
            const char *name = json_text(json_get(entry, "name"));
            assert_non_null(brace);
            assert_memory_equal(brace + 1, name, strlen(name));
        }
        if (in_path != (brace ? 1U : 0U))
            fail_msg("%s %s has %u path parameters", route->rest, route->path, in_path);
    }
}

static void openapi_gives_each_operation_an_id_of_its_own(void **state)
{
    const char *ids[128];
    size_t count = 0;
    const struct verb *route;
    for (size_t at = 0; count < 128 && (route = route_next(&at));) {
        const char *id = json_text(json_get(operation_of(*state, route), "operationId"));
        assert_non_null(id);
        assert_int_equal(strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789_"), strlen(id));
        for (size_t j = 0; j < count; j++)
            assert_string_not_equal(id, ids[j]);
        ids[count++] = id;
    }
}

static void openapi_tells_the_range_of_a_parameter(void **state)
{
    const struct json *path = json_get(json_get(*state, "paths"), "/api/v1/lines/{line}/pulse");
    const struct json *content =
        json_get(json_get(json_get(path, "post"), "requestBody"), "content");
    const struct json *schema = json_get(json_get(content, "application/json"), "schema");
    const struct json *ms = json_get(json_get(schema, "properties"), "ms");
    int64_t number = 0;
    assert_string_equal(json_text(json_get(ms, "type")), "integer");
    assert_int_equal(json_integer(json_get(ms, "minimum"), 0, INT64_MAX, &number), 0);
    assert_int_equal(number, 1);
    assert_int_equal(json_integer(json_get(ms, "maximum"), 0, INT64_MAX, &number), 0);
    assert_int_equal(number, 86400000);
    assert_string_equal(json_text(json_first(json_get(schema, "required"))), "ms");
    assert_null(json_get(json_get(schema, "properties"), "line"));
}

/* A new row without its shape fails here: add `answers`, and the shape beside its writer. */
static void openapi_knows_the_shape_of_every_answer(void **state)
{
    const struct verb *verb;
    for (size_t i = 0; (verb = method_at(i)); i++)
        if (!verb->answers || !shape_find(verb->answers))
            fail_msg("%s answers no shape that there is", verb->name);
    for (size_t at = 0; (verb = route_next(&at));) {
        const struct route *route = route_of(verb);
        const struct json *responses = json_get(operation_of(*state, verb), "responses");
        const struct json *done = json_get(json_get(responses, "200"), "content");
        bool is_empty = json_get(responses, "204") || json_get(responses, "101");
        for (const struct json *content = json_first(done); content; content = json_next(content))
            assert_non_null(json_get(content, "schema"));
        if (!done && !is_empty)
            fail_msg("%s %s answers nothing", verb->rest, verb->path);
        if (route && route->takes)
            assert_non_null(shape_find(route->takes));
        if (verb->answers)
            assert_non_null(shape_find(verb->answers));
    }
}

static void openapi_asks_for_a_token_where_one_is_needed(void **state)
{
    const struct verb *route;
    for (size_t at = 0; (route = route_next(&at));) {
        enum role role = route_role(route);
        const struct json *operation = operation_of(*state, route);
        assert_string_equal(json_text(json_get(operation, "x-role")), role_name(role));
        const struct json *security = json_get(operation, "security");
        assert_int_equal(security != NULL, role == ROLE_NONE);
        assert_int_equal(json_count(security), 0);
    }
    assert_int_equal(json_count(json_get(*state, "security")), 2);
}

static void openapi_refers_to_nothing_that_is_missing(void **state)
{
    const struct json *components = json_get(*state, "components");
    const struct json *schemas = json_get(components, "schemas");
    const struct shape *shape;
    for (size_t i = 0; (shape = shape_at(i)); i++) {
        assert_non_null(json_text(json_get(json_get(schemas, shape->name), "description")));
        if (shape->value.shape)
            assert_non_null(shape_find(shape->value.shape));
        for (size_t j = 0; j < shape->count; j++) {
            const struct shape_member *member = &shape->members[j];
            assert_int_equal(member->kind == SHAPE_OF, member->shape != NULL);
            if (member->shape && !shape_find(member->shape))
                fail_msg("%s.%s: there is no shape %s", shape->name, member->name, member->shape);
        }
    }
    const struct json *schemes = json_get(components, "securitySchemes");
    for (const struct json *entry = json_first(json_get(*state, "security")); entry;
         entry = json_next(entry))
        assert_non_null(json_get(schemes, json_key(json_first(entry))));
}

static void expect_schema(const struct field *field)
{
    struct buffer text;
    struct json *object = NULL;
    buffer_init(&text, 4096);
    struct json_writer writer = json_writer_begin(&text);
    field_write_schema(field, NULL, &writer);
    assert_int_equal(json_parse(buffer_text(&text), text.length, &object, NULL), 0);
    assert_true(json_get(object, "type") || json_get(object, "enum"));
    assert_non_null(json_text(json_get(object, "description")));
    json_free(object);
    buffer_done(&text);
}

static void openapi_has_a_schema_for_each_parameter_of_every_method(void **state)
{
    (void)state;
    const struct verb *method;
    for (size_t i = 0; (method = method_at(i)); i++)
        for (size_t j = 0; j < method->fields.count; j++)
            expect_schema(&method->fields.fields[j]);
}

#define OPENAPI_TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

static bool is_choice(const struct shape_member *member, const char *text)
{
    const char *choice;
    for (size_t i = 0; (choice = member->choices(i)); i++)
        if (strcmp(choice, text) == 0)
            return true;
    return false;
}

static void openapi_names_the_backends_as_they_name_themselves(void **state)
{
    const struct shape *circuit = shape_find("circuit");
    (void)state;
    for (size_t i = 0; i < circuit->count; i++) {
        const struct shape_member *member = &circuit->members[i];
        if (strcmp(member->name, "backend") != 0)
            continue;
        assert_true(is_choice(member, gpio_hardware.name));
        assert_true(is_choice(member, gpio_simulator.name));
        assert_null(member->choices(2));
        return;
    }
    fail_msg("the circuit has no member backend");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        OPENAPI_TEST(openapi_is_a_document_of_version_3_1),
        OPENAPI_TEST(openapi_describes_every_route),
        OPENAPI_TEST(openapi_describes_every_parameter_of_a_called_method),
        OPENAPI_TEST(openapi_has_a_path_parameter_for_each_brace),
        OPENAPI_TEST(openapi_gives_each_operation_an_id_of_its_own),
        OPENAPI_TEST(openapi_tells_the_range_of_a_parameter),
        OPENAPI_TEST(openapi_knows_the_shape_of_every_answer),
        OPENAPI_TEST(openapi_asks_for_a_token_where_one_is_needed),
        OPENAPI_TEST(openapi_refers_to_nothing_that_is_missing),
        cmocka_unit_test(openapi_has_a_schema_for_each_parameter_of_every_method),
        cmocka_unit_test(openapi_names_the_backends_as_they_name_themselves),
    };
    return cmocka_run_group_tests_name("protocol_openapi", tests, NULL, NULL);
}
