/* The circuit as the broker's side knows it: lines, scenes and words, read from the gateway's own
 * JSON, and a line's place in Home Assistant's discovery (device-based discovery, 2025 and later). */
#ifndef MQTT_HUB_LINE_H
#define MQTT_HUB_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json;

enum {
    HUB_LINES_MAX = 256,
    HUB_SCENES_MAX = 64,
    HUB_NAME_SIZE = 33,
    HUB_TITLE_SIZE = 129,
    HUB_UNIT_SIZE = 17,
};

enum hub_access { HUB_WRITE, HUB_READ, HUB_OFF };

enum hub_component {
    HUB_LIGHT,
    HUB_SWITCH,
    HUB_FAN,
    HUB_SIREN,
    HUB_EVENT,
    HUB_BINARY_SENSOR,
    HUB_COMPONENTS
};

struct hub_line {
    char name[HUB_NAME_SIZE];
    char title[HUB_TITLE_SIZE];
    char part[HUB_NAME_SIZE];
    char unit[HUB_UNIT_SIZE];
    bool is_output, counts, was_in_document;
    enum hub_access access;
    enum hub_component component;
    uint8_t value;
    uint64_t seq; /* of the newest event that was received; of a button: of its last press */
    char cause[HUB_NAME_SIZE];
    bool by_mqtt;         /* it is away from its safe value because of a command over MQTT */
    bool knows_double;    /* of a button: a rule waits for two presses */
    uint32_t held_ms;     /* the shortest hold that a rule waits for; 0 for none */
    int64_t pressed_ns;   /* monotonic, of a press that may be the first of two; 0 for none */
    int64_t held_due_ns;  /* monotonic, while it is on; 0 for never */
    bool is_dirty;        /* its state is to be published */
    bool is_asked;        /* line.get is on its way */
    int64_t published_ns; /* monotonic */
};

struct hub_scene {
    char name[HUB_NAME_SIZE];
    char title[HUB_TITLE_SIZE];
};

/* The text of a title in `language`, else in the first one, else `name`. */
const char *hub_title(const struct json *title, const char *language, const char *name);

/* Reads one line of a snapshot. False where it has no name. */
bool hub_line_read(struct hub_line *line, const struct json *json, const char *language);

/* "light", "switch", … as Home Assistant calls the platform. */
const char *hub_component_name(enum hub_component component);

#endif
