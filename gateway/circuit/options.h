/* What a circuit is made of, as the config describes it. Plain data, checked by config/. */
#ifndef CIRCUIT_OPTIONS_H
#define CIRCUIT_OPTIONS_H

#include "base/civil_time.h"
#include "circuit/command.h"
#include "circuit/sun.h"
#include "gpio/gpio.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CIRCUIT_LINES_MAX = GPIO_LINES_MAX,
    CIRCUIT_NAME_SIZE = 33, /* [a-z0-9][a-z0-9_-]{0,31} and a NUL */
    CIRCUIT_TEXT_SIZE = 97, /* a title, in bytes of UTF-8 */
    CIRCUIT_LANGUAGES_MAX = 4,
    CIRCUIT_COLOR_SIZE = 24,
    CIRCUIT_GROUP_CHARACTERS = 40,
    CIRCUIT_GROUP_SIZE = 4 * CIRCUIT_GROUP_CHARACTERS + 1, /* in UTF-8, with a NUL */
    CIRCUIT_INTERLOCKS_MAX = 32,
    CIRCUIT_SCENES_MAX = 64,
    CIRCUIT_STEPS_MAX = 64,    /* values and commands of a scene */
    CIRCUIT_REPEAT_MAX = 1000, /* rounds of a program that ends by itself */
    CIRCUIT_RULES_MAX = 128,
};

/* A text in one or several languages; `language` is "" for a text without one. */
/* What an MQTT broker may do with a line; DEFAULT: write an output, read an input. */
enum circuit_mqtt { CIRCUIT_MQTT_DEFAULT, CIRCUIT_MQTT_OFF, CIRCUIT_MQTT_READ, CIRCUIT_MQTT_WRITE };

/* What Home Assistant shows a line as; DEFAULT: what its part usually is. */
enum circuit_hub_part {
    CIRCUIT_HUB_DEFAULT,
    CIRCUIT_HUB_LIGHT,
    CIRCUIT_HUB_SWITCH,
    CIRCUIT_HUB_FAN,
    CIRCUIT_HUB_SIREN,
};

struct circuit_title {
    size_t count;
    struct {
        char language[9];
        char text[CIRCUIT_TEXT_SIZE];
    } texts[CIRCUIT_LANGUAGES_MAX];
};

enum circuit_part {
    CIRCUIT_PART_GENERIC,
    CIRCUIT_PART_LED,
    CIRCUIT_PART_BUTTON,
    CIRCUIT_PART_SWITCH,
    CIRCUIT_PART_RELAY,
    CIRCUIT_PART_BUZZER,
    CIRCUIT_PART_MOTOR,
    CIRCUIT_PART_MOTION,
    CIRCUIT_PART_DOOR,
};

enum circuit_initial {
    CIRCUIT_INITIAL_0,
    CIRCUIT_INITIAL_1,
    CIRCUIT_INITIAL_KEEP,
    CIRCUIT_INITIAL_LAST
};
enum circuit_safe { CIRCUIT_SAFE_0, CIRCUIT_SAFE_1, CIRCUIT_SAFE_HOLD };

enum { CIRCUIT_UNIT_SIZE = 17 }; /* of a counter: 16 bytes */

enum circuit_counter_edge { CIRCUIT_COUNTER_RISING, CIRCUIT_COUNTER_FALLING };

/* Counts pulses, one for each such edge. */
struct circuit_counter_options {
    bool counts;
    enum circuit_counter_edge edge;
    double per_pulse;
    char unit[CIRCUIT_UNIT_SIZE]; /* of which a pulse is `per_pulse`; "" for none */
};

struct circuit_line_options {
    char name[CIRCUIT_NAME_SIZE];
    char was[CIRCUIT_NAME_SIZE]; /* what the line was called before; "" for nothing */
    struct circuit_title title;
    enum circuit_part part;
    char color[CIRCUIT_COLOR_SIZE]; /* "" for the part's own */
    char group[CIRCUIT_GROUP_SIZE]; /* the room that people look for it in; "" for none */
    enum circuit_mqtt mqtt;         /* what a broker may do with it */
    enum circuit_hub_part hub_part; /* what it is in a home */
    struct gpio_line_config gpio;   /* `name`, `initial` and `pwm` are filled by the circuit */
    enum circuit_initial initial;
    enum circuit_safe safe;
    /* Outputs. The longest time on, 0 for no limit: setting it anew makes it no longer, and PWM is
     * one time on. The minimum off time, 0 for none. The lease of every command that
     * gives none or a longer one, 0 for none; when it ends, CIRCUIT_SAFE_HOLD counts as 0. */
    uint32_t max_on_ms;
    uint32_t min_off_ms;
    uint32_t lease_ms;
    /* Inputs: how long a change to 1, or to 0, must last where the two differ; both 0 where gpio.debounce_us
     * says it for both. */
    uint32_t debounce_on_us, debounce_off_us;
    struct circuit_counter_options counter; /* inputs */
    char pwm_channel[GPIO_PWM_SIZE]; /* "/sys/class/pwm/pwmchip0/pwm0"; "" for software PWM */
};

enum circuit_interlock_mode { CIRCUIT_INTERLOCK_REFUSE, CIRCUIT_INTERLOCK_BREAK };

/* At most one line of the group is on. BREAK switches the others off and waits gap_ms first. An input in
 * the group (a float switch, a door contact) cannot be switched off: as long as it is on the outputs beside
 * it are refused, and when it goes on they go off. */
struct circuit_interlock_options {
    char name[CIRCUIT_NAME_SIZE];
    enum circuit_interlock_mode mode;
    uint32_t gap_ms;
    size_t count;
    uint16_t lines[CIRCUIT_LINES_MAX]; /* indices into circuit_options.lines */
};

enum { CIRCUIT_DO_MAX = 8 }; /* commands that are executed in order, in one turn */

struct circuit_commands {
    size_t count;
    struct command list[CIRCUIT_DO_MAX]; /* their origins are filled by the circuit */
};

/* One value or one command of a scene. A step of the config is one or several of these. */
struct circuit_scene_step {
    uint32_t after_ms; /* since the step before, or since the start */
    uint8_t number;    /* of the step in the config, from 1 */
    uint16_t line;     /* a value: set together with the others of its step, all or none */
    uint8_t value;
    bool does;              /* a command instead of a value */
    struct command command; /* its origin is filled by the circuit */
};

/* What applying a program does while it runs. */
enum circuit_again { CIRCUIT_AGAIN_REFUSE, CIRCUIT_AGAIN_RESTART, CIRCUIT_AGAIN_IGNORE };

/* A named set of values; with `is_program` a program of steps. */
struct circuit_scene_options {
    char name[CIRCUIT_NAME_SIZE];
    struct circuit_title title;
    size_t count;
    struct circuit_scene_step steps[CIRCUIT_STEPS_MAX];
    bool is_program;
    enum circuit_again again;
    uint32_t repeat; /* how often the steps run: 1 to 1,000; 0 until it is stopped */
};

enum {
    CIRCUIT_RULE_LINES_MAX = 16,     /* lines that one rule watches */
    CIRCUIT_TIMES_MAX = 16,          /* times of day of one rule */
    CIRCUIT_CONDITIONS_MAX = 32,     /* parts of one condition */
    CIRCUIT_CONDITION_DEPTH_MAX = 4, /* the outermost is 1 */
    CIRCUIT_DELAYS_MAX = 16,         /* commands of one rule that wait at one time */
    CIRCUIT_OFFSET_MAX_MIN = 12 * 60,
    CIRCUIT_EVERY_MIN_MS = 10,
    CIRCUIT_DAYS_ALL = 0x7f,
};

enum circuit_trigger {
    CIRCUIT_TRIGGER_RISING,
    CIRCUIT_TRIGGER_FALLING,
    CIRCUIT_TRIGGER_BOTH,
    CIRCUIT_TRIGGER_HELD,         /* on for held_ms */
    CIRCUIT_TRIGGER_DOUBLE_PRESS, /* two rising edges within 400 ms */
    CIRCUIT_TRIGGER_PRESS, /* on, and neither of the two before where the line has rules for them */
    CIRCUIT_TRIGGER_TIME,  /* a time of day; from here on no line is watched */
    CIRCUIT_TRIGGER_SUN,
    CIRCUIT_TRIGGER_EVERY, /* an interval, from the start */
    CIRCUIT_TRIGGER_START, /* the start of the gateway */
};

enum circuit_sun { CIRCUIT_SUNRISE, CIRCUIT_SUNSET };

/* What sets a rule off. */
struct circuit_when {
    enum circuit_trigger trigger;
    size_t line_count; /* any of these lines */
    uint16_t lines[CIRCUIT_RULE_LINES_MAX];
    uint32_t held_ms;
    size_t time_count;
    int32_t times_s[CIRCUIT_TIMES_MAX]; /* TIME: since midnight */
    uint8_t days;                       /* TIME, SUN: bit 0 for Monday */
    enum circuit_sun sun;
    int32_t offset_min; /* SUN */
    uint32_t every_ms;
};

enum circuit_condition_kind {
    CIRCUIT_CONDITION_LINE, /* the line has the value */
    CIRCUIT_CONDITION_CLOCK, /* the time of day is in [from_s, to_s); over midnight when to is smaller */
    CIRCUIT_CONDITION_SCENE, /* the program runs (value 1), or does not */
    CIRCUIT_CONDITION_ALL,   /* of the `count` conditions before it */
    CIRCUIT_CONDITION_ANY,
    CIRCUIT_CONDITION_NOT, /* of the one before it */
};

struct circuit_condition {
    enum circuit_condition_kind kind;
    uint16_t index; /* of the line or scene */
    uint8_t value;
    uint8_t count;
    int32_t from_s, to_s;
};

/* What another trigger does while commands wait for their after_ms. */
enum circuit_delay_again { CIRCUIT_DELAY_RESTART, CIRCUIT_DELAY_IGNORE, CIRCUIT_DELAY_EACH };

/* "When this happens, if that is so, do these commands": needs no client. */
struct circuit_rule_options {
    char name[CIRCUIT_NAME_SIZE];
    struct circuit_when when;
    bool runs_missed; /* also when a step of the clock has passed its time */
    /* In postfix order: each stands behind what it combines, the whole last. */
    size_t condition_count;
    struct circuit_condition conditions[CIRCUIT_CONDITIONS_MAX];
    bool if_still; /* checked again when after_ms is over */
    uint32_t after_ms;
    enum circuit_delay_again again;
    bool gives_up; /* the opposite edge ends the delay */
    struct circuit_commands commands;
};

struct circuit_options {
    char name[CIRCUIT_NAME_SIZE];
    struct circuit_title title;
    struct circuit_line_options *lines; /* owned by the holder of this structure */
    size_t line_count;
    struct circuit_interlock_options *interlocks;
    size_t interlock_count;
    struct circuit_scene_options *scenes;
    size_t scene_count;
    struct circuit_rule_options *rules;
    size_t rule_count;
    char timezone[CIVIL_ZONE_SIZE]; /* IANA name; "" for the machine's */
    bool has_latitude, has_longitude;
    struct sun_place place;
    uint32_t journal_events; /* ring size: 16 to 1,048,576 */
    bool viewers_may_switch_off;
};

/* A copy with its own lines, interlocks, scenes and rules. 0 or -ENOMEM. */
int circuit_options_copy(struct circuit_options *ret_copy, const struct circuit_options *options);

/* Whether two descriptions request the same pin in the same way; whether they are the same altogether. */
bool circuit_line_same_request(const struct circuit_line_options *a,
                               const struct circuit_line_options *b);
bool circuit_line_same(const struct circuit_line_options *a, const struct circuit_line_options *b);

/* Index of a line, scene or rule by name, or -1. */
int circuit_options_find_line(const struct circuit_options *options, const char *name);
/* Index of the line of `before` that `line` is now, by its name or by what it was called; or -1. */
int circuit_options_find_before(const struct circuit_options *before,
                                const struct circuit_line_options *line);

/* The other way round: what line `old` of `before` is now, or -1. */
int circuit_options_find_after(const struct circuit_options *options,
                               const struct circuit_options *before, size_t old);

int circuit_options_find_scene(const struct circuit_options *options, const char *name);
int circuit_options_find_rule(const struct circuit_options *options, const char *name);

/* Whether the rule watches a line, and whether it is set off by the clock on the wall. */
bool circuit_rule_watches(const struct circuit_rule_options *rule, size_t line);
bool circuit_rule_is_by_clock(const struct circuit_rule_options *rule);

/* Whether any rule needs to know the time of day. */
bool circuit_options_need_clock(const struct circuit_options *options);

/* The steady value that a step leaves a line with: 0, 1, or -1 where the step says nothing of the line, or
 * nothing that lasts. */
int circuit_step_value(const struct circuit_options *options, const struct circuit_scene_step *step,
                       size_t line);

/* Whether two commands of a config are the same on lines and scenes of the same names. */
bool circuit_same_command(const struct circuit_options *is, const struct command *a,
                          const struct circuit_options *was, const struct command *b);

/* Frees what circuit_options_copy() made. */
void circuit_options_done(struct circuit_options *copy);

#endif
