#include "protocol/json_encode_rule.h"

#include "base/owner.h"
#include "circuit/verbs.h"
#include "protocol/problem.h"

#include <stdio.h>

static const char *const edges[] = {
    [CIRCUIT_TRIGGER_RISING] = "rising",
    [CIRCUIT_TRIGGER_FALLING] = "falling",
    [CIRCUIT_TRIGGER_BOTH] = "both",
    [CIRCUIT_TRIGGER_HELD] = "held",
    [CIRCUIT_TRIGGER_DOUBLE_PRESS] = "double-press",
    [CIRCUIT_TRIGGER_PRESS] = "press",
};

static void write_lines(struct json_writer *writer, const struct circuit *circuit,
                        const struct circuit_when *when)
{
    const struct circuit_line_options *lines = circuit_description(circuit)->lines;
    json_write_list(writer, "line");
    for (size_t i = 0; i < when->line_count; i++)
        json_write_text(writer, NULL, lines[when->lines[i]].name);
    json_write_list_end(writer);
    json_write_text(writer, "edge", edges[when->trigger]);
    if (when->trigger == CIRCUIT_TRIGGER_HELD)
        json_write_unsigned(writer, "held_ms", when->held_ms);
}

static void write_days(struct json_writer *writer, const struct circuit_when *when)
{
    static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    if (when->days == CIRCUIT_DAYS_ALL)
        return;
    json_write_list(writer, "days");
    for (size_t i = 0; i < ARRAY_LENGTH(days); i++)
        if (when->days >> i & 1)
            json_write_text(writer, NULL, days[i]);
    json_write_list_end(writer);
}

static void write_time_of_day(struct json_writer *writer, const char *key, int time_s)
{
    char text[16];
    (void)snprintf(text, sizeof text, time_s % 60 ? "%02d:%02d:%02d" : "%02d:%02d", time_s / 3600,
                   time_s / 60 % 60, time_s % 60);
    json_write_text(writer, key, text);
}

static void write_times(struct json_writer *writer, const struct circuit_when *when)
{
    json_write_list(writer, "time");
    for (size_t i = 0; i < when->time_count; i++)
        write_time_of_day(writer, NULL, when->times_s[i]);
    json_write_list_end(writer);
    write_days(writer, when);
}

static void write_when(struct json_writer *writer, const struct circuit *circuit,
                       const struct circuit_when *when)
{
    json_write_object(writer, "when");
    switch (when->trigger) {
    case CIRCUIT_TRIGGER_TIME:
        write_times(writer, when);
        break;
    case CIRCUIT_TRIGGER_SUN:
        json_write_text(writer, "sun", when->sun == CIRCUIT_SUNSET ? "sunset" : "sunrise");
        json_write_integer(writer, "offset_min", when->offset_min);
        write_days(writer, when);
        break;
    case CIRCUIT_TRIGGER_EVERY:
        json_write_unsigned(writer, "every_ms", when->every_ms);
        break;
    case CIRCUIT_TRIGGER_START:
        json_write_bool(writer, "start", true);
        break;
    case CIRCUIT_TRIGGER_RISING:
    case CIRCUIT_TRIGGER_FALLING:
    case CIRCUIT_TRIGGER_BOTH:
    case CIRCUIT_TRIGGER_HELD:
    case CIRCUIT_TRIGGER_DOUBLE_PRESS:
    case CIRCUIT_TRIGGER_PRESS:
        write_lines(writer, circuit, when);
        break;
    }
    json_write_object_end(writer);
}

static void write_leaf(struct json_writer *writer, const struct circuit_options *options,
                       const struct circuit_condition *leaf)
{
    if (leaf->kind == CIRCUIT_CONDITION_CLOCK) {
        write_time_of_day(writer, "from", leaf->from_s);
        write_time_of_day(writer, "to", leaf->to_s);
    } else if (leaf->kind == CIRCUIT_CONDITION_SCENE) {
        json_write_text(writer, "scene", options->scenes[leaf->index].name);
        json_write_bool(writer, "running", leaf->value);
    } else {
        json_write_text(writer, "line", options->lines[leaf->index].name);
        json_write_unsigned(writer, "value", leaf->value);
    }
}

/* What is still to be written of a condition: one with its parts, or the end of one. */
struct pending {
    size_t condition;
    const char *key;
    bool is_end;
};

/* Puts the parts of condition `at` on top, so that the first is written first. `sizes` tell how many
 * conditions each is with its parts. */
static size_t push_parts(struct pending *pending, size_t count,
                         const struct circuit_condition *conditions, const size_t *sizes, size_t at)
{
    bool is_not = conditions[at].kind == CIRCUIT_CONDITION_NOT;
    pending[count++] = (struct pending){.condition = at, .is_end = true};
    for (size_t part = at - 1, i = 0; i < (is_not ? 1u : conditions[at].count); i++) {
        pending[count++] =
            (struct pending){.condition = part, .key = is_not ? "not" : NULL, .is_end = false};
        part -= sizes[part];
    }
    return count;
}

static void measure(const struct circuit_rule_options *rule, size_t *ret_sizes)
{
    for (size_t i = 0; i < rule->condition_count; i++) {
        const struct circuit_condition *condition = &rule->conditions[i];
        size_t parts = condition->kind == CIRCUIT_CONDITION_NOT   ? 1
                       : condition->kind >= CIRCUIT_CONDITION_ALL ? condition->count
                                                                  : 0;
        ret_sizes[i] = 1;
        for (; parts > 0; parts--)
            ret_sizes[i] += ret_sizes[i - ret_sizes[i]];
    }
}

static void write_condition(struct json_writer *writer, const struct circuit_options *options,
                            const struct circuit_rule_options *rule)
{
    const struct circuit_condition *all = rule->conditions;
    size_t sizes[CIRCUIT_CONDITIONS_MAX] = {0};
    struct pending pending[2 * CIRCUIT_CONDITIONS_MAX];
    size_t count = 0;
    measure(rule, sizes);
    if (rule->condition_count > 0)
        pending[count++] = (struct pending){.condition = rule->condition_count - 1, .key = "if"};
    else
        json_write_null(writer, "if");
    while (count > 0) {
        struct pending next = pending[--count];
        const struct circuit_condition *condition = &all[next.condition];
        bool is_list =
            condition->kind == CIRCUIT_CONDITION_ALL || condition->kind == CIRCUIT_CONDITION_ANY;
        if (!next.is_end)
            json_write_object(writer, next.key);
        if (is_list && next.is_end)
            json_write_list_end(writer);
        else if (is_list)
            json_write_list(writer, condition->kind == CIRCUIT_CONDITION_ALL ? "all" : "any");
        else if (condition->kind != CIRCUIT_CONDITION_NOT)
            write_leaf(writer, options, condition);
        if (next.is_end || (!is_list && condition->kind != CIRCUIT_CONDITION_NOT))
            json_write_object_end(writer);
        else
            count = push_parts(pending, count, all, sizes, next.condition);
    }
}

static void write_parameter(struct json_writer *writer, const struct circuit_options *options,
                            const struct field *field, const struct command *command)
{
    const void *member = (const char *)command + field->offset;
    if (field->kind == &field_text && *(const char *)member)
        json_write_text(writer, field->name, member);
    else if (field->kind == &field_real)
        json_write_real(writer, field->name, *(const double *)member);
    else if (field->kind == &field_bool && *(const bool *)member)
        json_write_bool(writer, field->name, true);
    else if (field->kind == &field_reference)
        json_write_text(writer, field->name, field->names->at(options, command->line));
    else if ((field->kind == &field_integer || field->kind == &field_switch) &&
             (field->required || field_load(field, member) != 0))
        json_write_integer(writer, field->name, field_load(field, member));
}

static void write_do(struct json_writer *writer, const struct circuit_options *options,
                     const struct circuit_commands *commands)
{
    json_write_list(writer, "do");
    for (size_t i = 0; i < commands->count; i++) {
        const struct command *command = &commands->list[i];
        const struct verb *verb = verb_of(command->verb);
        json_write_object(writer, NULL);
        json_write_text(writer, "method", verb->name);
        for (size_t f = 0; f < verb->fields.count; f++)
            if (verb_takes_in_config(&verb->fields.fields[f]))
                write_parameter(writer, options, &verb->fields.fields[f], command);
        json_write_object_end(writer);
    }
    json_write_list_end(writer);
}

static void write_last(struct json_writer *writer, const struct rule_description *rule)
{
    json_write_time_or_null(writer, "last_at", rule->last_at_ns);
    if (rule->last_at_ns == 0)
        json_write_null(writer, "last_result");
    else if (rule->last_result == REFUSAL_NONE)
        json_write_text(writer, "last_result", "done");
    else
        json_write_text(writer, "last_result", problem_code_of(rule->last_result));
    if (rule->last_detail[0])
        json_write_text(writer, "last_detail", rule->last_detail);
    else
        json_write_null(writer, "last_detail");
}

void json_encode_rule(struct json_writer *writer, const struct circuit *circuit, size_t rule)
{
    struct rule_description described;
    circuit_rule(circuit, rule, &described);
    json_write_object(writer, NULL);
    json_write_text(writer, "name", described.options->name);
    json_write_bool(writer, "enabled", described.is_enabled);
    write_when(writer, circuit, &described.options->when);
    write_condition(writer, circuit_description(circuit), described.options);
    json_write_unsigned(writer, "after_ms", described.options->after_ms);
    write_do(writer, circuit_description(circuit), &described.options->commands);
    json_write_unsigned(writer, "waiting", described.waiting);
    json_write_time_or_null(writer, "due_at", described.due_at_ns);
    json_write_time_or_null(writer, "next_at", described.next_at_ns);
    write_last(writer, &described);
    json_write_object_end(writer);
}
