#include "mqtt/discovery.h"

#include "base/json.h"
#include "base/json_writer.h"

#include <stdio.h>
#include <string.h>

enum { TEXT_SIZE = 256 };

/* What one component of the document is written from. */
struct component {
    const struct discovery *discovery;
    struct json_writer *writer;
    const struct hub_line *line; /* NULL for those of the circuit */
    const char *key, *platform, *title;
};

/* "~/" + `folder` + `name` + `suffix`. */
static void put_topic(const struct component *component, const char *key, const char *folder,
                      const char *name, const char *suffix)
{
    char text[TEXT_SIZE];
    (void)snprintf(text, sizeof text, "~/%s%s%s", folder, name, suffix);
    json_write_text(component->writer, key, text);
}

/* Entity ids are ASCII, where titles may be Korean: <platform>.<circuit>_<key>. */
static void put_identity(const struct component *component)
{
    char text[TEXT_SIZE];
    json_write_text(component->writer, "p", component->platform);
    json_write_text(component->writer, "name", component->title);
    (void)snprintf(text, sizeof text, "gpio-gateway-%s-%s", component->discovery->id,
                   component->key);
    json_write_text(component->writer, "uniq_id", text);
    (void)snprintf(text, sizeof text, "%s.%s_%s", component->platform, component->discovery->name,
                   component->key);
    for (char *at = text; *at; at++)
        if (*at == '-')
            *at = '_';
    json_write_text(component->writer, "def_ent_id", text);
}

static void put_topics(const struct component *component)
{
    json_write_text(component->writer, "~", component->discovery->base);
    json_write_text(component->writer, "avty_t", "~/status");
    if (component->line)
        put_topic(component, "stat_t", "lines/", component->line->name, "/state");
}

static void put_command(const struct component *component)
{
    put_topic(component, "cmd_t", "lines/", component->line->name, "/set");
}

/* ---- one function for each platform ---- */

static void put_light(const struct component *component)
{
    json_write_text(component->writer, "schema", "json");
    put_command(component);
    json_write_list(component->writer, "sup_clrm");
    json_write_text(component->writer, NULL, "brightness");
    json_write_list_end(component->writer);
    json_write_integer(component->writer, "bri_scl", 255);
}

static void put_switch(const struct component *component)
{
    put_command(component);
    json_write_text(component->writer, "val_tpl", "{{ value_json.state }}");
}

static void put_fan(const struct component *component)
{
    put_command(component);
    json_write_text(component->writer, "stat_val_tpl", "{{ value_json.state }}");
    put_topic(component, "pct_cmd_t", "lines/", component->line->name, "/percentage");
    put_topic(component, "pct_stat_t", "lines/", component->line->name, "/state");
    json_write_text(component->writer, "pct_val_tpl", "{{ value_json.percentage }}");
}

static void put_siren(const struct component *component)
{
    put_command(component);
    json_write_text(component->writer, "stat_val_tpl", "{{ value_json.state }}");
    json_write_bool(component->writer, "sup_dur", true);
    json_write_bool(component->writer, "sup_vol", false);
}

static void put_binary_sensor(const struct component *component)
{
    const char *part = component->line->part;
    json_write_text(component->writer, "val_tpl", "{{ value_json.state }}");
    if (strcmp(part, "motion") == 0 || strcmp(part, "door") == 0)
        json_write_text(component->writer, "dev_cla", part);
}

/* Without availability: each return from "unavailable" would show the last press again. */
static void put_event(const struct component *component)
{
    char text[TEXT_SIZE];
    (void)snprintf(text, sizeof text, "%s/lines/%s/event", component->discovery->base,
                   component->line->name);
    json_write_text(component->writer, "stat_t", text);
    json_write_list(component->writer, "evt_typ");
    json_write_text(component->writer, NULL, "pressed");
    json_write_text(component->writer, NULL, "released");
    if (component->line->knows_double)
        json_write_text(component->writer, NULL, "double");
    if (component->line->held_ms > 0)
        json_write_text(component->writer, NULL, "held");
    json_write_list_end(component->writer);
    json_write_text(component->writer, "dev_cla", "button");
}

static void (*const writers[HUB_COMPONENTS])(const struct component *component) = {
    [HUB_LIGHT] = put_light, [HUB_SWITCH] = put_switch, [HUB_FAN] = put_fan,
    [HUB_SIREN] = put_siren, [HUB_EVENT] = put_event,   [HUB_BINARY_SENSOR] = put_binary_sensor,
};

static void write_line(const struct component *component)
{
    json_write_object(component->writer, component->key);
    put_identity(component);
    if (component->line->component != HUB_EVENT)
        put_topics(component);
    writers[component->line->component](component);
    json_write_object_end(component->writer);
}

/* ---- sensors and triggers of a line ---- */

static void write_edges(const struct component *component)
{
    json_write_object(component->writer, component->key);
    put_identity(component);
    put_topics(component);
    json_write_text(component->writer, "val_tpl", "{{ value_json.edges }}");
    json_write_text(component->writer, "stat_cla", "total_increasing");
    json_write_text(component->writer, "ent_cat", "diagnostic");
    json_write_bool(component->writer, "en", false);
    json_write_object_end(component->writer);
}

static void write_count(const struct component *component)
{
    json_write_object(component->writer, component->key);
    put_identity(component);
    put_topics(component);
    json_write_text(component->writer, "val_tpl", "{{ value_json.total }}");
    json_write_text(component->writer, "stat_cla", "total_increasing");
    if (component->line->unit[0])
        json_write_text(component->writer, "unit_of_meas", component->line->unit);
    json_write_object_end(component->writer);
}

static void write_trigger(const struct component *component, const char *type, const char *payload)
{
    char topic[TEXT_SIZE];
    (void)snprintf(topic, sizeof topic, "%s/lines/%s/event", component->discovery->base,
                   component->line->name);
    json_write_object(component->writer, component->key);
    json_write_text(component->writer, "p", component->platform);
    json_write_text(component->writer, "atype", "trigger");
    json_write_text(component->writer, "type", type);
    json_write_text(component->writer, "stype", component->line->name);
    json_write_text(component->writer, "t", topic);
    json_write_text(component->writer, "pl", payload);
    json_write_text(component->writer, "val_tpl", "{{ value_json.event_type }}");
    json_write_object_end(component->writer);
}

static void write_pressed(const struct component *component)
{
    write_trigger(component, "button_short_press", "pressed");
}

static void write_released(const struct component *component)
{
    write_trigger(component, "button_short_release", "released");
}

static void write_double(const struct component *component)
{
    write_trigger(component, "button_double_press", "double");
}

static void write_held(const struct component *component)
{
    write_trigger(component, "button_long_press", "held");
}

/* ---- components of the circuit ---- */

static void write_all_off(const struct component *component)
{
    json_write_object(component->writer, component->key);
    put_identity(component);
    put_topics(component);
    json_write_text(component->writer, "cmd_t", "~/off");
    json_write_object_end(component->writer);
}

static void write_scene(const struct component *component)
{
    json_write_object(component->writer, component->key);
    put_identity(component);
    put_topics(component);
    put_topic(component, "cmd_t", "scenes/", component->key + strlen("scene-"), "");
    json_write_text(component->writer, "pl_on", "ON");
    json_write_object_end(component->writer);
}

/* ---- which components there are ---- */

typedef void (*component_visitor)(void *context, const struct component *component,
                                  void (*write)(const struct component *));

static void visit_more(const struct discovery *discovery, const struct hub_line *line,
                       const char *suffix, const char *platform, const char *title_suffix,
                       void (*write)(const struct component *), component_visitor visit,
                       void *context)
{
    char key[DISCOVERY_KEY_SIZE];
    char title[HUB_TITLE_SIZE + 16];
    (void)snprintf(key, sizeof key, "%s-%s", line->name, suffix);
    (void)snprintf(title, sizeof title, "%s%s", line->title, title_suffix);
    visit(
        context,
        &(struct component){
            .discovery = discovery, .line = line, .key = key, .platform = platform, .title = title},
        write);
}

static void visit_line(const struct discovery *discovery, const struct hub_line *line,
                       component_visitor visit, void *context)
{
    visit(context,
          &(struct component){.discovery = discovery,
                              .line = line,
                              .key = line->name,
                              .platform = hub_component_name(line->component),
                              .title = line->title},
          write_line);
    if (line->counts)
        visit_more(discovery, line, "count", "sensor", "", write_count, visit, context);
    if (line->is_output)
        return;
    visit_more(discovery, line, "edges", "sensor", " edges", write_edges, visit, context);
    if (line->component != HUB_EVENT)
        return;
    visit_more(discovery, line, "pressed", "device_automation", "", write_pressed, visit, context);
    visit_more(discovery, line, "released", "device_automation", "", write_released, visit,
               context);
    if (line->knows_double)
        visit_more(discovery, line, "double", "device_automation", "", write_double, visit,
                   context);
    if (line->held_ms > 0)
        visit_more(discovery, line, "held", "device_automation", "", write_held, visit, context);
}

static void visit_all(const struct discovery *discovery, component_visitor visit, void *context)
{
    for (size_t i = 0; i < discovery->line_count; i++)
        if (discovery->lines[i].access != HUB_OFF)
            visit_line(discovery, &discovery->lines[i], visit, context);
    visit(context,
          &(struct component){
              .discovery = discovery, .key = "all-off", .platform = "button", .title = "All off"},
          write_all_off);
    for (size_t i = 0; i < discovery->scene_count; i++) {
        char key[DISCOVERY_KEY_SIZE];
        (void)snprintf(key, sizeof key, "scene-%s", discovery->scenes[i].name);
        visit(context,
              &(struct component){.discovery = discovery,
                                  .key = key,
                                  .platform = "scene",
                                  .title = discovery->scenes[i].title},
              write_scene);
    }
}

/* ---- the document ---- */

struct writing {
    struct json_writer *writer;
    const struct discovery_key *removed;
    size_t removed_count;
};

/* A key stands once in the document: what is to be removed comes back with the next one. */
static void write_one(void *context, const struct component *component,
                      void (*write)(const struct component *))
{
    const struct writing *writing = context;
    struct component with_writer = *component;
    for (size_t i = 0; i < writing->removed_count; i++)
        if (strcmp(writing->removed[i].key, component->key) == 0)
            return;
    with_writer.writer = writing->writer;
    write(&with_writer);
}

static void write_device(const struct discovery *discovery, struct json_writer *writer)
{
    char text[TEXT_SIZE];
    (void)snprintf(text, sizeof text, "gpio-gateway-%s", discovery->id);
    json_write_object(writer, "dev");
    json_write_list(writer, "ids");
    json_write_text(writer, NULL, text);
    json_write_list_end(writer);
    json_write_text(writer, "name", discovery->title);
    json_write_text(writer, "mf", "gpio-gateway");
    json_write_text(writer, "mdl", discovery->model);
    json_write_text(writer, "sw", discovery->version);
    if (strncmp(discovery->url, "http://", 7) == 0 || strncmp(discovery->url, "https://", 8) == 0)
        json_write_text(writer, "cu", discovery->url);
    json_write_object_end(writer);
    json_write_object(writer, "o");
    json_write_text(writer, "name", "gpio-gateway");
    json_write_text(writer, "sw", discovery->version);
    json_write_object_end(writer);
}

int discovery_write(const struct discovery *discovery, const struct discovery_key *removed,
                    size_t removed_count, struct buffer *buffer)
{
    struct json_writer writer = json_writer_begin(buffer);
    struct writing writing = {
        .writer = &writer, .removed = removed, .removed_count = removed_count};
    json_write_object(&writer, NULL);
    write_device(discovery, &writer);
    json_write_integer(&writer, "qos", 0);
    json_write_object(&writer, "cmps");
    for (size_t i = 0; i < removed_count; i++) {
        json_write_object(&writer, removed[i].key);
        json_write_text(&writer, "p", removed[i].platform);
        json_write_object_end(&writer);
    }
    visit_all(discovery, write_one, &writing);
    json_write_object_end(&writer);
    json_write_object_end(&writer);
    return buffer->error;
}

/* ---- what went ---- */

struct search {
    const char *key, *platform;
    bool found;
};

static void match(void *context, const struct component *component,
                  void (*write)(const struct component *))
{
    struct search *search = context;
    (void)write;
    search->found = search->found || (strcmp(search->key, component->key) == 0 &&
                                      strcmp(search->platform, component->platform) == 0);
}

size_t discovery_find_removed(const struct discovery *discovery, const char *text, size_t length,
                              struct discovery_key *removed)
{
    struct json *document = NULL;
    size_t count = 0;
    if (json_parse_keeping_duplicates(text, length, &document, NULL) != 0)
        return 0; /* not ours, or damaged: the new one replaces it */
    const struct json *components = json_get(document, "cmps");
    for (const struct json *old = json_first(components); old && count < DISCOVERY_KEYS_MAX;
         old = json_next(old)) {
        struct search search = {.key = json_key(old), .platform = json_text(json_get(old, "p"))};
        if (!search.key || !search.platform || strlen(search.key) >= DISCOVERY_KEY_SIZE)
            continue;
        visit_all(discovery, match, &search);
        if (search.found)
            continue;
        (void)snprintf(removed[count].key, sizeof removed[count].key, "%s", search.key);
        (void)snprintf(removed[count].platform, sizeof removed[count].platform, "%s",
                       search.platform);
        count++;
    }
    json_free(document);
    return count;
}
