#include "mqtt/mqtt_command.h"

#include "base/json.h"
#include "base/json_writer.h"
#include "base/nearest.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { BRIGHTNESS_MAX = 255, DURATION_MAX_S = 24 * 60 * 60 };

static int refuse(struct mqtt_refusal *refusal, const char *code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static int refuse(struct mqtt_refusal *refusal, const char *code, const char *format, ...)
{
    va_list arguments;
    refusal->code = code;
    va_start(arguments, format);
    (void)vsnprintf(refusal->detail, sizeof refusal->detail, format, arguments);
    va_end(arguments);
    return -1;
}

static int refuse_unknown(struct mqtt_refusal *refusal, const char *code, const char *kind,
                          const char *name, const char *const *names, size_t count)
{
    const char *nearest = nearest_name(name, names, count);
    if (nearest)
        return refuse(refusal, code, "There is no %s \"%.40s\". Did you mean \"%s\"?", kind, name,
                      nearest);
    return refuse(refusal, code, "There is no %s \"%.40s\".", kind, name);
}

/* ---- calls ---- */

static void begin_call(struct json_writer *writer, struct buffer *call, const char *method)
{
    (void)buffer_printf(call, "\"method\":\"%s\",\"params\":", method);
    *writer = json_writer_begin(call);
    json_write_object(writer, NULL);
}

static void call_line(struct buffer *call, const char *method, const struct hub_line *line)
{
    struct json_writer writer;
    begin_call(&writer, call, method);
    json_write_text(&writer, "line", line->name);
    json_write_object_end(&writer);
}

static void call_set(struct buffer *call, const struct hub_line *line, int value)
{
    struct json_writer writer;
    begin_call(&writer, call, "line.set");
    json_write_text(&writer, "line", line->name);
    json_write_integer(&writer, "value", value);
    json_write_object_end(&writer);
}

static void call_share(struct buffer *call, const struct hub_line *line, double share)
{
    struct json_writer writer;
    if (share <= 0 || share >= 1) {
        call_set(call, line, share > 0);
        return;
    }
    begin_call(&writer, call, "line.pwm");
    json_write_text(&writer, "line", line->name);
    json_write_real(&writer, "duty", share);
    json_write_object_end(&writer);
}

/* The members of `body` beside the name of what the topic names. */
static int call_with_body(struct buffer *call, const char *method, const char *what,
                          const char *name, const struct json *body, struct mqtt_refusal *refusal)
{
    struct json_writer writer;
    if (json_get(body, what))
        return refuse(refusal, "bad-request", "\"%s\" stands in the topic already.", what);
    begin_call(&writer, call, method);
    json_write_text(&writer, what, name);
    for (const struct json *member = json_first(body); member; member = json_next(member))
        json_write_copy(&writer, json_key(member), member);
    json_write_object_end(&writer);
    return 0;
}

/* ---- payloads of lines/NAME/set ---- */

static int set_hub_state(const struct hub_line *line, const struct json *body, struct buffer *call,
                         struct mqtt_refusal *refusal)
{
    const char *state = json_text(json_get(body, "state"));
    const struct json *brightness = json_get(body, "brightness");
    const struct json *duration = json_get(body, "duration");
    double number = 0;
    bool on = state && strcasecmp(state, "on") == 0;
    if (!state || (!on && strcasecmp(state, "off") != 0))
        return refuse(refusal, "bad-request", "state: \"ON\" or \"OFF\" is needed.");
    if (!on) {
        call_set(call, line, 0);
    } else if (duration) {
        struct json_writer writer;
        if (json_real(duration, 0.001, DURATION_MAX_S, &number))
            return refuse(refusal, "bad-request", "duration: 0.001 to %d s is needed.",
                          DURATION_MAX_S);
        begin_call(&writer, call, "line.pulse");
        json_write_text(&writer, "line", line->name);
        json_write_integer(&writer, "ms", (int64_t)(number * 1000 + 0.5));
        json_write_object_end(&writer);
    } else if (brightness) {
        if (json_real(brightness, 0, BRIGHTNESS_MAX, &number))
            return refuse(refusal, "bad-request", "brightness: 0 to %d is needed.", BRIGHTNESS_MAX);
        call_share(call, line, number / BRIGHTNESS_MAX);
    } else {
        call_set(call, line, 1);
    }
    return 0;
}

static int set_json(const struct hub_line *line, const char *payload, size_t length,
                    struct buffer *call, struct mqtt_refusal *refusal)
{
    struct json *body = NULL;
    struct json_error where;
    if (json_parse(payload, length, &body, &where))
        return refuse(refusal, "bad-request", "The payload is not JSON: column %zu: %s",
                      where.column, where.text);
    int error = json_get(body, "state")
                    ? set_hub_state(line, body, call, refusal)
                    : call_with_body(call, "line.set", "line", line->name, body, refusal);
    json_free(body);
    return error;
}

static int set_line(const struct hub_line *line, const char *payload, size_t length,
                    struct buffer *call, struct mqtt_refusal *refusal)
{
    static const struct {
        const char *word;
        int value;
    } words[] = {{"on", 1}, {"off", 0}, {"1", 1}, {"0", 0}, {"true", 1}, {"false", 0}};
    if (*payload == '{')
        return set_json(line, payload, length, call, refusal);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strlen(words[i].word) == length && strcasecmp(words[i].word, payload) == 0) {
            call_set(call, line, words[i].value);
            return 0;
        }
    if (length == 6 && strcasecmp(payload, "toggle") == 0) {
        call_line(call, "line.toggle", line);
        return 0;
    }
    return refuse(refusal, "bad-request",
                  "Send ON, OFF, 1, 0, true, false, toggle, or an object such as {\"value\":1}.");
}

static int set_percentage(const struct hub_line *line, const char *payload, struct buffer *call,
                          struct mqtt_refusal *refusal)
{
    struct json *number = NULL;
    double percentage = -1;
    if (json_parse(payload, strlen(payload), &number, NULL) == 0)
        (void)json_real(number, 0, 100, &percentage);
    json_free(number);
    if (percentage < 0)
        return refuse(refusal, "bad-request", "A number from 0 to 100 is needed.");
    call_share(call, line, percentage / 100);
    return 0;
}

/* ---- topics ---- */

static int find_line(const struct hub_directory *directory, const char *name,
                     struct mqtt_refusal *refusal)
{
    const char *names[HUB_LINES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < directory->line_count; i++) {
        if (directory->lines[i].access == HUB_OFF)
            continue;
        if (strcmp(directory->lines[i].name, name) == 0)
            return (int)i;
        names[count++] = directory->lines[i].name;
    }
    return refuse_unknown(refusal, "no-such-line", "line", name, names, count);
}

static int word_of_line(const struct hub_directory *directory, const struct hub_line *line,
                        const char *word, const char *payload, size_t length, struct buffer *call,
                        struct mqtt_refusal *refusal)
{
    const char *names[HUB_WORDS_MAX];
    struct json *body = NULL;
    for (size_t i = 0; i < directory->word_count; i++) {
        names[i] = directory->words[i].word;
        if (strcmp(word, directory->words[i].word) != 0)
            continue;
        bool is_object = *payload == '{';
        struct json_error where = {0};
        if (is_object && json_parse(payload, length, &body, &where))
            return refuse(refusal, "bad-request", "The payload is not JSON: column %zu: %s",
                          where.column, where.text);
        if (!is_object && length > 0 && strcasecmp(payload, "PRESS") != 0)
            return refuse(refusal, "bad-request",
                          "An object is needed, as {\"ms\":500}, or nothing.");
        int error =
            call_with_body(call, directory->words[i].method, "line", line->name, body, refusal);
        json_free(body);
        return error;
    }
    return refuse_unknown(refusal, "no-such-method", "word", word, names, directory->word_count);
}

static int read_line_topic(const struct hub_directory *directory, const char *rest,
                           const char *payload, size_t length, struct buffer *call, int *ret_line,
                           struct mqtt_refusal *refusal)
{
    char name[MQTT_TOPIC_SIZE];
    size_t name_length = strcspn(rest, "/");
    const char *word = rest[name_length] ? rest + name_length + 1 : "";
    (void)snprintf(name, sizeof name, "%.*s", (int)name_length, rest);
    int index = find_line(directory, name, refusal);
    if (index < 0)
        return -1;
    const struct hub_line *line = &directory->lines[index];
    *ret_line = index;
    if (line->access != HUB_WRITE)
        return refuse(refusal, "forbidden", "Line %s may only be read over MQTT.", line->name);
    if (strcmp(word, "set") == 0)
        return set_line(line, payload, length, call, refusal);
    if (strcmp(word, "percentage") == 0)
        return set_percentage(line, payload, call, refusal);
    return word_of_line(directory, line, word, payload, length, call, refusal);
}

static int read_scene_topic(const struct hub_directory *directory, const char *name,
                            const char *payload, size_t length, struct buffer *call,
                            struct mqtt_refusal *refusal)
{
    const char *names[HUB_SCENES_MAX];
    for (size_t i = 0; i < directory->scene_count; i++) {
        names[i] = directory->scenes[i].name;
        if (strcmp(name, directory->scenes[i].name) != 0)
            continue;
        struct json *body = NULL;
        bool stops = length == 4 && strcasecmp(payload, "stop") == 0;
        if (*payload == '{' && json_parse(payload, length, &body, NULL))
            return refuse(refusal, "bad-request", "The payload is not JSON.");
        int error = call_with_body(call, stops ? "scene.stop" : "scene.apply", "scene", name, body,
                                   refusal);
        json_free(body);
        return error;
    }
    return refuse_unknown(refusal, "no-such-scene", "scene", name, names, directory->scene_count);
}

int mqtt_command_read(const struct hub_directory *directory, const char *topic, const char *payload,
                      size_t length, struct buffer *call, int *ret_line,
                      struct mqtt_refusal *refusal)
{
    *ret_line = -1;
    if (strlen(payload) != length)
        return refuse(refusal, "bad-request", "There is a NUL in the payload.");
    if (strncmp(topic, "lines/", 6) == 0)
        return read_line_topic(directory, topic + 6, payload, length, call, ret_line, refusal);
    if (strncmp(topic, "scenes/", 7) == 0)
        return read_scene_topic(directory, topic + 7, payload, length, call, refusal);
    if (strcmp(topic, "off") == 0) {
        (void)buffer_append_text(call, "\"method\":\"circuit.off\",\"params\":{}");
        return call->error;
    }
    return refuse(refusal, "no-such-method", "There is no topic \"%.60s\".", topic);
}
