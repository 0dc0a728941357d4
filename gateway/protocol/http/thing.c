#include "protocol/http/thing.h"

#include "base/json_writer.h"
#include "circuit/circuit.h"
#include "protocol/http/http_exchange.h"
#include "protocol/http/rest.h"
#include "protocol/http/shape.h"
#include "protocol/method/method.h"

#include <stdio.h>
#include <string.h>

enum { HREF_SIZE = 96, WAIT_S = 50 /* of a poll: below the minute after which proxies give up */ };

/* ---- titles ---- */

/* "title", and "titles" where there are several languages. */
static void write_titles(struct json_writer *writer, const struct circuit_title *title,
                         const char *fallback)
{
    bool has_languages = title->count > 0 && title->texts[0].language[0];
    json_write_text(writer, "title", title->count > 0 ? title->texts[0].text : fallback);
    if (!has_languages)
        return;
    json_write_object(writer, "titles");
    for (size_t i = 0; i < title->count; i++)
        json_write_text(writer, title->texts[i].language, title->texts[i].text);
    json_write_object_end(writer);
}

/* ---- forms ---- */

struct form {
    const char *operations[2];
    const char *href;
    const char *method;      /* NULL for GET: clients also ask HEAD then */
    const char *subprotocol; /* NULL for none */
    const char *media_type;  /* NULL for JSON */
};

static void write_form(struct json_writer *writer, const struct form *form)
{
    json_write_object(writer, NULL);
    json_write_list(writer, "op");
    for (size_t i = 0; i < 2 && form->operations[i]; i++)
        json_write_text(writer, NULL, form->operations[i]);
    json_write_list_end(writer);
    json_write_text(writer, "href", form->href);
    json_write_text(writer, "contentType",
                    form->media_type ? form->media_type : "application/json");
    if (form->method)
        json_write_text(writer, "htv:methodName", form->method);
    if (form->subprotocol)
        json_write_text(writer, "subprotocol", form->subprotocol);
    json_write_object_end(writer);
}

/* ---- properties: lines ---- */

static void write_line_forms(struct json_writer *writer, const struct circuit_line_options *line)
{
    char href[HREF_SIZE];
    char poll[HREF_SIZE];
    (void)snprintf(href, sizeof href, "/api/v1/lines/%s/value", line->name);
    (void)snprintf(poll, sizeof poll, "/api/v1/lines/%s/value?wait=%d", line->name, WAIT_S);
    json_write_list(writer, "forms");
    write_form(writer, &(struct form){{"readproperty"}, .href = href});
    if (line->gpio.direction == GPIO_DIRECTION_OUTPUT)
        write_form(writer, &(struct form){{"writeproperty"}, .href = href, .method = "PUT"});
    write_form(writer, &(struct form){{"observeproperty", "unobserveproperty"},
                                      .href = poll,
                                      .subprotocol = "longpoll"});
    write_form(writer, &(struct form){{"observeproperty", "unobserveproperty"},
                                      .href = href,
                                      .subprotocol = "sse",
                                      .media_type = "text/event-stream"});
    json_write_list_end(writer);
}

static void write_value_schema(struct json_writer *writer)
{
    static const char values[] = "[0,1]";
    json_write_text(writer, "type", "integer");
    json_write_raw(writer, "enum", values, sizeof values - 1);
}

static void write_properties(struct json_writer *writer, const struct circuit_options *options)
{
    json_write_object(writer, "properties");
    for (size_t i = 0; i < options->line_count; i++) {
        const struct circuit_line_options *line = &options->lines[i];
        json_write_object(writer, line->name);
        write_titles(writer, &line->title, line->name);
        write_value_schema(writer);
        json_write_bool(writer, "readOnly", line->gpio.direction != GPIO_DIRECTION_OUTPUT);
        json_write_bool(writer, "observable", true);
        write_line_forms(writer, line);
        json_write_object_end(writer);
    }
    json_write_object_end(writer);
}

/* ---- actions: commands ---- */

/* What stands in the braces of a path; "" for none. */
static const char *path_variable(const struct verb *verb, char name[HREF_SIZE])
{
    const char *brace = strchr(verb->path, '{');
    (void)snprintf(name, HREF_SIZE, "%.*s", brace ? (int)strcspn(brace + 1, "}") : 0,
                   brace ? brace + 1 : "");
    return name;
}

static bool takes_line(const struct verb *verb, const struct circuit_line_options *line)
{
    bool is_output = line->gpio.direction == GPIO_DIRECTION_OUTPUT;
    return verb->command == COMMAND_COUNT ? line->counter.counts : is_output;
}

/* The `index`th thing that may stand for `variable`, as a line's name; "" for one that does not fit, NULL
 * after the last. */
static const char *choice_at(const struct verb *verb, const char *variable,
                             const struct circuit_options *options, size_t index)
{
    if (strcmp(variable, "scene") == 0)
        return index < options->scene_count ? options->scenes[index].name : NULL;
    if (strcmp(variable, "rule") == 0)
        return index < options->rule_count ? options->rules[index].name : NULL;
    if (index >= options->line_count)
        return NULL;
    return takes_line(verb, &options->lines[index]) ? options->lines[index].name : "";
}

static void write_variable(struct json_writer *writer, const struct verb *verb, const char *name,
                           const struct circuit_options *options)
{
    const char *choice;
    json_write_object(writer, "uriVariables");
    json_write_object(writer, name);
    json_write_text(writer, "type", "string");
    json_write_list(writer, "enum");
    for (size_t i = 0; (choice = choice_at(verb, name, options, i)); i++)
        if (*choice)
            json_write_text(writer, NULL, choice);
    json_write_list_end(writer);
    json_write_object_end(writer);
    json_write_object_end(writer);
}

static void write_input(struct json_writer *writer, const struct verb *verb, const char *variable)
{
    const struct field *fields = verb->fields.fields;
    json_write_object(writer, "input");
    json_write_text(writer, "type", "object");
    json_write_object(writer, "properties");
    for (size_t i = 0; i < verb->fields.count; i++)
        if (strcmp(fields[i].name, variable) != 0 && !verb_needs_connection(&fields[i]))
            field_write_schema(&fields[i], fields[i].name, writer);
    json_write_object_end(writer);
    json_write_list(writer, "required");
    for (size_t i = 0; i < verb->fields.count; i++)
        if (fields[i].required && strcmp(fields[i].name, variable) != 0)
            json_write_text(writer, NULL, fields[i].name);
    json_write_list_end(writer);
    json_write_object_end(writer);
}

static bool is_possible(const struct verb *verb, const struct circuit_options *options)
{
    char name[HREF_SIZE];
    const char *choice;
    if (*path_variable(verb, name) == '\0')
        return true;
    for (size_t i = 0; (choice = choice_at(verb, name, options, i)); i++)
        if (*choice)
            return true;
    return false;
}

/* A Thing's schemas know neither references nor a choice of types: what has those is described as an object. */
static void write_output(struct json_writer *writer, const struct verb *verb)
{
    const struct shape *shape = shape_find(verb->answers);
    bool is_plain = true;
    for (size_t i = 0; i < shape->count; i++)
        is_plain = is_plain && shape->members[i].kind != SHAPE_OF && !shape->members[i].nullable;
    if (is_plain) {
        shape_write_schema(shape, "output", writer);
        return;
    }
    json_write_object(writer, "output");
    json_write_text(writer, "type", "object");
    json_write_object_end(writer);
}

/* An action's name is the word of text commands: "blink", "scene-stop". */
static void write_action(struct json_writer *writer, const struct verb *verb,
                         const struct circuit_options *options)
{
    char key[HREF_SIZE];
    char variable[HREF_SIZE];
    (void)path_variable(verb, variable);
    (void)snprintf(key, sizeof key, "%s%s%s", verb->word, verb->suffix ? "-" : "",
                   verb->suffix ? verb->suffix : "");
    json_write_object(writer, key);
    json_write_text(writer, "title", verb->summary);
    if (*variable)
        write_variable(writer, verb, variable, options);
    write_input(writer, verb, variable);
    write_output(writer, verb);
    json_write_bool(writer, "safe", false);
    json_write_bool(writer, "idempotent", !verb->once);
    json_write_list(writer, "forms");
    write_form(writer, &(struct form){{"invokeaction"}, .href = verb->path, .method = verb->rest});
    json_write_list_end(writer);
    json_write_object_end(writer);
}

/* Setting is writing the property; everything else that a command does is an action. */
static void write_actions(struct json_writer *writer, const struct circuit_options *options)
{
    const struct verb *verb;
    json_write_object(writer, "actions");
    for (size_t i = 0; (verb = verb_at(i)); i++)
        if (verb->acts && verb->path && verb->command != COMMAND_SET && is_possible(verb, options))
            write_action(writer, verb, options);
    json_write_object_end(writer);
}

/* ---- the event ---- */

static void write_edges(struct json_writer *writer)
{
    static const char data[] =
        "{\"type\":\"object\",\"properties\":{\"line\":{\"type\":\"string\"},"
        "\"value\":{\"type\":\"integer\",\"enum\":[0,1]},\"seq\":{\"type\":\"integer\"},"
        "\"time\":{\"type\":\"string\",\"format\":\"date-time\"},\"cause\":{\"type\":\"string\"},"
        "\"source\":{\"type\":\"string\"}}}";
    json_write_object(writer, "events");
    json_write_object(writer, "edge");
    json_write_text(writer, "title", "A line has changed");
    json_write_raw(writer, "data", data, sizeof data - 1);
    json_write_list(writer, "forms");
    write_form(writer, &(struct form){{"subscribeevent", "unsubscribeevent"},
                                      .href = "/api/v1/events",
                                      .subprotocol = "sse",
                                      .media_type = "text/event-stream"});
    json_write_list_end(writer);
    json_write_object_end(writer);
    json_write_object_end(writer);
}

/* ---- the whole ---- */

static void write_security(struct json_writer *writer, bool is_open)
{
    static const char token[] = "{\"bearer_sc\":{\"scheme\":\"bearer\",\"in\":\"header\","
                                "\"format\":\"opaque\"}}";
    static const char none[] = "{\"nosec_sc\":{\"scheme\":\"nosec\"}}";
    json_write_raw(writer, "securityDefinitions", is_open ? none : token,
                   is_open ? sizeof none - 1 : sizeof token - 1);
    json_write_list(writer, "security");
    json_write_text(writer, NULL, is_open ? "nosec_sc" : "bearer_sc");
    json_write_list_end(writer);
}

/* RFC 9562 §5.8: a UUID of an own making (version 8), whose last part is the gateway's id. */
static void write_id(struct json_writer *writer, const char *id)
{
    char urn[HREF_SIZE];
    (void)snprintf(urn, sizeof urn, "urn:uuid:6770696f-6777-8000-8000-%s", id);
    if (*id)
        json_write_text(writer, "id", urn);
}

static void write_base(struct json_writer *writer, const struct http_exchange *http_exchange)
{
    struct web_origin origin;
    char text[WEB_ORIGIN_TEXT_SIZE];
    if (rest_find_asked_origin(http_exchange, &origin))
        json_write_text(writer, "base", web_origin_print(&origin, text));
}

void thing_request(struct http_exchange *http_exchange)
{
    static const char contexts[] =
        "[\"https://www.w3.org/2022/wot/td/v1.1\",{\"htv\":\"http://www.w3.org/2011/http#\"}]";
    const struct service *service = http_exchange->service;
    const struct circuit_options *options = circuit_description(service->circuit);
    struct json_writer writer = http_exchange_begin_json(http_exchange, 200);
    http_exchange->media_type = "application/td+json";
    json_write_object(&writer, NULL);
    json_write_raw(&writer, "@context", contexts, sizeof contexts - 1);
    json_write_text(&writer, "@type", "Thing");
    write_id(&writer, service->id);
    write_titles(&writer, &options->title, options->name);
    json_write_object(&writer, "version");
    json_write_text(&writer, "instance", GATEWAY_VERSION);
    json_write_object_end(&writer);
    write_base(&writer, http_exchange);
    write_security(&writer, auth_is_open(service->auth));
    write_properties(&writer, options);
    write_actions(&writer, options);
    write_edges(&writer);
    json_write_object_end(&writer);
    http_exchange_end_json(http_exchange);
}
