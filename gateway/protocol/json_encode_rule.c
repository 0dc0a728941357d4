#include "protocol/json_encode_rule.h"

#include "base/owner.h"
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

static void write_times(struct json_writer *writer, const struct circuit_when *when)
{
    json_write_list(writer, "time");
    for (size_t i = 0; i < when->time_count; i++) {
        char text[16];
        int time_s = when->times_s[i];
        (void)snprintf(text, sizeof text, time_s % 60 ? "%02d:%02d:%02d" : "%02d:%02d",
                       time_s / 3600, time_s / 60 % 60, time_s % 60);
        json_write_text(writer, NULL, text);
    }
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
    json_write_unsigned(writer, "waiting", described.waiting);
    json_write_time_or_null(writer, "due_at", described.due_at_ns);
    json_write_time_or_null(writer, "next_at", described.next_at_ns);
    write_last(writer, &described);
    json_write_object_end(writer);
}
