/* Methods for finding a pin: pins.list, pins.wiggle, pins.watch, simulator.pin. */
#include "base/field_reader.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "protocol/method/method.h"
#include "protocol/pin_finder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pin_params {
    char pin[PIN_NAME_SIZE];
    uint32_t ms;
    uint8_t value;
    bool anyway;
};
#define AT(member) FIELD_MEMBER(struct pin_params, member)
#define WATCH_AT(member) FIELD_MEMBER(struct pin_watch, member)
_Static_assert(sizeof(struct pin_watch) <= METHOD_PARAMS_BYTES, "METHOD_PARAMS_BYTES");

static const struct pin_finder *finder_of(struct method_call *call)
{
    const struct pin_finder *finder = call->service->pins;
    if (!finder)
        problem_set(&call->problem, PROBLEM_BUSY, "Pins cannot be tried now.");
    return finder;
}

/* ---- a list of names ---- */

static void pins_read(struct field_reader *reader, const struct field *field,
                      const struct json *value, void *member)
{
    struct pin_watch *watch = (void *)((char *)member - field->offset);
    if (!json_is(value, JSON_ARRAY)) {
        field_fail_type(reader, value, field->name, "a list of pins' names");
        return;
    }
    if (json_count(value) > PINS_NAMED_MAX) {
        field_fail(reader, value, field->name, "%zu is above the maximum %d (items)",
                   json_count(value), PINS_NAMED_MAX);
        return;
    }
    const struct json *item = json_first(value);
    for (; item && !field_is_over(reader); item = json_next(item)) {
        char leaf[FIELD_SHOWN_SIZE];
        (void)snprintf(leaf, sizeof leaf, "%s[%zu]", field->name, watch->pin_count);
        if (!field_check_text(reader, item, leaf, 1, PIN_NAME_SIZE - 1))
            return;
        (void)snprintf(watch->pins[watch->pin_count++], PIN_NAME_SIZE, "%s", json_text(item));
    }
}

static void pins_write_schema(const struct field *field, struct json_writer *writer)
{
    (void)field;
    json_write_text(writer, "type", "array");
    json_write_integer(writer, "maxItems", PINS_NAMED_MAX);
    json_write_object(writer, "items");
    json_write_text(writer, "type", "string");
    json_write_object_end(writer);
}

static const struct field_kind kind_pins = {
    .read = pins_read,
    .form = "list of names",
    .write_schema = pins_write_schema,
};

/* ---- handlers ---- */

static void write_list(const struct result *result, struct json_writer *writer)
{
    const struct pin_finder *finder = result->service->pins;
    json_write_object(writer, NULL);
    finder->list(finder->context, writer);
    json_write_object_end(writer);
}

static int pins_list(struct method_call *call)
{
    return finder_of(call) ? method_answer(call, write_list) : -1;
}

static void write_wiggle(const struct result *result, struct json_writer *writer)
{
    const struct pin_params *params = result->written.context;
    json_write_object(writer, NULL);
    json_write_text(writer, "pin", params->pin);
    json_write_unsigned(writer, "ms", params->ms);
    json_write_object_end(writer);
}

static void write_moved(const struct result *result, struct json_writer *writer)
{
    const struct pin_params *params = result->written.context;
    json_write_object(writer, NULL);
    json_write_text(writer, "pin", params->pin);
    json_write_unsigned(writer, "value", params->value);
    json_write_object_end(writer);
}

/* Answers with a copy of the parameters, which is how the answer names the pin. */
static int answer_params(struct method_call *call,
                         void (*write)(const struct result *result, struct json_writer *writer))
{
    struct pin_params *copy = malloc(sizeof *copy);
    if (!copy)
        return problem_set(&call->problem, PROBLEM_INTERNAL, "Out of memory.");
    memcpy(copy, call->params, sizeof *copy);
    call->result->written.context = copy;
    return method_answer(call, write);
}

static int pins_wiggle(struct method_call *call)
{
    const struct pin_params *params = call->params;
    const struct pin_finder *finder = finder_of(call);
    if (!finder ||
        finder->wiggle(finder->context, params->pin, params->ms, params->anyway, &call->problem))
        return -1;
    return answer_params(call, write_wiggle);
}

static int simulator_pin(struct method_call *call)
{
    const struct pin_params *params = call->params;
    const struct pin_finder *finder = finder_of(call);
    if (!finder || finder->simulate(finder->context, params->pin, params->value, &call->problem))
        return -1;
    return answer_params(call, write_moved);
}

static void write_watch(const struct result *result, struct json_writer *writer)
{
    const struct pin_finder *finder = result->service->pins;
    json_write_object(writer, NULL);
    finder->write_watch(finder->context, writer);
    json_write_object_end(writer);
}

static int pins_watch(struct method_call *call)
{
    const struct pin_finder *finder = finder_of(call);
    if (!finder || finder->watch(finder->context, call->params, &call->problem))
        return -1;
    return method_answer(call, write_watch);
}

/* ---- the table ---- */

#define PIN                                                                                        \
    {                                                                                              \
        "pin", &field_text, AT(pin), .min = 1, .max = PIN_NAME_SIZE - 1, .required = true,         \
                                     .doc = "the pin's name, as GPIO17"                            \
    }

static const struct field wiggle_fields[] = {
    PIN,
    {"ms", &field_integer, AT(ms), .min = PIN_WIGGLE_MIN_MS, .max = PIN_WIGGLE_MAX_MS,
     .fallback = 1000, .unit = "ms", .doc = "how long it blinks"},
    {"anyway", &field_bool, AT(anyway), .doc = "also a pin that a bus is busy on"},
};

static const struct field watch_fields[] = {
    {"seconds", &field_integer, WATCH_AT(seconds), .min = 1, .max = PIN_WATCH_MAX_S, .fallback = 20,
     .unit = "s", .doc = "how long to watch"},
    {"bias", &field_choice, WATCH_AT(bias), .choices = pin_bias_names,
     .doc = "how the pins are pulled meanwhile"},
    {"pins", &kind_pins, WATCH_AT(pins),
     .doc = "these alone, also where a bus is; else every free pin that carries none"},
};

static const struct field simulate_fields[] = {
    PIN,
    {"value", &field_switch, AT(value), .required = true, .doc = "the level of the pin"},
};

static const struct method rows[] = {
    {{"pins.list", .role = ROLE_VIEWER,
      .summary = "The pins: the header's, or the chips' named lines", .rest = "GET",
      .path = "/api/v1/pins", .answers = "pins"},
     pins_list},
    {{"pins.wiggle", .role = ROLE_ADMIN,
      .summary = "A free pin goes on and off for a moment: which wire is it?",
      .fields = {FIELD_TABLE(wiggle_fields), .item_size = sizeof(struct pin_params)},
      .rest = "POST", .path = "/api/v1/pins/{pin}/wiggle", .body = VERB_BODY_MEMBERS,
      .answers = "pin_wiggle"},
     pins_wiggle},
    {{"pins.watch", .role = ROLE_ADMIN,
      .summary = "Free pins are read for a while; the notification pins.moved names one that moves",
      .fields = {FIELD_TABLE(watch_fields), .item_size = sizeof(struct pin_watch)}, .rest = "POST",
      .path = "/api/v1/pins/watch", .body = VERB_BODY_MEMBERS, .answers = "pin_watch"},
     pins_watch},
    {{"simulator.pin", .role = ROLE_ADMIN, .summary = "Move a free pin of the simulator",
      .fields = {FIELD_TABLE(simulate_fields), .item_size = sizeof(struct pin_params)},
      .rest = "POST", .path = "/api/v1/simulator/pins/{pin}", .body = VERB_BODY_VALUE,
      .answers = "pin_moved"},
     simulator_pin},
};

const struct method_table pin_methods = {rows, sizeof rows / sizeof rows[0]};
