/* What a message on one of our topics asks for, as a JSON-RPC call. */
#ifndef MQTT_MQTT_COMMAND_H
#define MQTT_MQTT_COMMAND_H

#include "mqtt/hub_line.h"

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>

enum { MQTT_DETAIL_SIZE = 200, MQTT_TOPIC_SIZE = 256 };

/* A word below a line's topic and its method, learnt from the gateway's own table. */
struct hub_word {
    char word[HUB_NAME_SIZE];
    char method[HUB_NAME_SIZE + 8];
};

enum { HUB_WORDS_MAX = 32 };

/* What commands may be about; borrowed. */
struct hub_directory {
    const struct hub_line *lines;
    size_t line_count;
    const struct hub_scene *scenes;
    size_t scene_count;
    const struct hub_word *words;
    size_t word_count;
};

struct mqtt_refusal {
    const char *code; /* as the interface names them: "no-such-line"; a literal */
    char detail[MQTT_DETAIL_SIZE];
};

/* Translates a message on `topic` (what stands behind "<prefix>/<id>/": "lines/red/set", "off",
 * "scenes/evening") with its payload (followed by a NUL) into a call: method and params are appended to
 * `call` as members, `"method":"line.set","params":{…}`. `*ret_line` is the index of the line, or -1.
 * 0, or -1 with `refusal`. */
int mqtt_command_read(const struct hub_directory *directory, const char *topic, const char *payload,
                      size_t length, struct buffer *call, int *ret_line,
                      struct mqtt_refusal *refusal);

#endif
