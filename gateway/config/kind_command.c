/* A command in the config: the method, with the parameters that it has in every protocol. */
#include "config/kind.h"

#include "config/keys.h"

#include "base/json.h"
#include "base/json_writer.h"
#include "base/nearest.h"
#include "circuit/names.h"
#include "circuit/verbs.h"

#include <stdio.h>

enum { VERBS_MAX = 64 };

static const char tag[] = "method";

/* The next verb that a rule may do; `*index` goes on behind it. NULL after the last. */
static const struct verb *next_verb(size_t *index)
{
    const struct verb *verb;
    while ((verb = verb_at((*index)++)))
        if (verb->in_rules)
            break;
    return verb;
}

static void print_methods(const struct field *field, struct buffer *out)
{
    (void)field;
    const struct verb *verb;
    size_t at = 0;
    for (size_t i = 0; (verb = next_verb(&at)); i++)
        (void)buffer_printf(out, "%s\"%s\"", i > 0 ? ", " : "", verb->name);
}

static void fail_method(struct field_reader *reader, const struct json *method, const char *leaf)
{
    char shown[FIELD_SHOWN_SIZE];
    const char *names[VERBS_MAX];
    const struct verb *verb;
    struct buffer all;
    size_t count = 0;
    buffer_init(&all, 1024);
    print_methods(NULL, &all);
    for (size_t at = 0; count < VERBS_MAX && (verb = next_verb(&at)); count++)
        names[count] = verb->name;
    const char *text = json_text(method);
    const char *nearest = text ? nearest_name(text, names, count) : NULL;
    field_fail(reader, method, leaf, "%s is not one of %s%s%s%s", field_show(method, shown),
               buffer_text(&all), nearest ? "; did you mean \"" : "", nearest ? nearest : "",
               nearest ? "\"?" : "");
    buffer_done(&all);
}

static void check_line(struct field_reader *reader, const struct json *object, void *target)
{
    const struct command *command = target;
    const struct circuit_options *circuit = &config_of(reader)->circuit;
    const struct json *line = json_get(object, "line");
    int index =
        json_text(line) ? field_index_of(&circuit_line_names, circuit, json_text(line)) : -1;
    if (index < 0)
        return;
    if (command->verb == COMMAND_COUNT) {
        if (!circuit->lines[index].counter.counts)
            field_fail(reader, line, "line", "\"%s\" has no \"counter\"", json_text(line));
    } else if (line_is_input(&circuit->lines[index]))
        field_fail(reader, line, "line", "\"%s\" is an input; commands act on outputs",
                   json_text(line));
}

static bool choose_fields(struct field_reader *reader, const struct json *object, void *target,
                          struct field_table *table)
{
    struct command *command = target;
    const struct json *method = json_get(object, tag);
    const struct verb *verb = json_text(method) ? verb_find(json_text(method)) : NULL;
    if (!method) {
        field_fail(reader, object, tag, "is required");
        return false;
    }
    if (!verb || !verb->in_rules) {
        fail_method(reader, method, tag);
        return false;
    }
    command->verb = verb->command;
    table->fields = verb->fields.fields;
    table->count = verb->fields.count;
    table->title = verb->name;
    return true;
}

size_t commands_enter(struct field_reader *reader, const struct field *field,
                      const struct json *value, struct command *first, size_t stride, size_t max)
{
    const struct field_table table = {.tag = tag,
                                      .takes = verb_takes_in_config,
                                      .choose = choose_fields,
                                      .item_size = stride,
                                      .check = check_line};
    bool in_list = json_is(value, JSON_ARRAY);
    size_t count = in_list ? json_count(value) : 1;
    if (!in_list && !json_is(value, JSON_OBJECT)) {
        field_fail_type(reader, value, field->name, "a command, or a list of commands");
    } else if (count == 0) {
        field_fail(reader, value, field->name, "the list is empty");
    } else if (count > max) {
        field_fail(reader, value, field->name, "%zu is above the maximum %zu (commands)", count,
                   max);
    } else {
        field_enter(reader, field, &table, value, first);
        return count;
    }
    return 0;
}

static void commands_read(struct field_reader *reader, const struct field *field,
                          const struct json *value, void *member)
{
    struct circuit_commands *commands = member;
    commands->count = commands_enter(reader, field, value, commands->list, sizeof(struct command),
                                     CIRCUIT_DO_MAX);
}

/* How many verbs before `end` (NULL: all) have a field of that name in the config. */
static unsigned count_verbs_with(const char *name, const struct verb *end)
{
    const struct verb *verb;
    unsigned count = 0;
    for (size_t at = 0; (verb = next_verb(&at)) && verb != end;) {
        const struct field *field = field_find(&verb->fields, name);
        count += field && verb_takes_in_config(field);
    }
    return count;
}

static void visit_field(const struct verb *verb, const struct field *field,
                        const struct field_visitor *visitor)
{
    char doc[256];
    struct field row = *field;
    if (!verb_takes_in_config(field) || count_verbs_with(field->name, verb) > 0)
        return; /* it was visited already */
    if (count_verbs_with(field->name, NULL) == 1) {
        (void)snprintf(doc, sizeof doc, "%s: %s", verb->name, field->doc);
        row.doc = doc;
    }
    visitor->field(visitor->context, &row);
}

void command_walk_keys(const struct field_visitor *visitor)
{
    static const struct field_kind kind_method = {.print = print_methods};
    static const struct field method = {tag, &kind_method, .required = true, .doc = "the command"};
    const struct verb *verb;
    visitor->field(visitor->context, &method);
    for (size_t at = 0; (verb = next_verb(&at));)
        for (size_t i = 0; i < verb->fields.count; i++)
            visit_field(verb, &verb->fields.fields[i], visitor);
}

void commands_write_schema(const struct field *field, struct json_writer *writer)
{
    (void)field;
    json_write_list(writer, "type");
    json_write_text(writer, NULL, "object");
    json_write_text(writer, NULL, "array");
    json_write_list_end(writer);
}

const struct field_kind kind_commands = {
    .read = commands_read,
    .form = COMMANDS_FORM,
    .write_schema = commands_write_schema,
};
