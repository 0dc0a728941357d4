#include "mqtt/hub_line.h"

#include "base/json.h"

#include <stdio.h>
#include <string.h>

static const char *const component_names[HUB_COMPONENTS] = {
    [HUB_LIGHT] = "light", [HUB_SWITCH] = "switch", [HUB_FAN] = "fan",
    [HUB_SIREN] = "siren", [HUB_EVENT] = "event",   [HUB_BINARY_SENSOR] = "binary_sensor",
};

/* What a part is in a home, where the config does not say otherwise. */
static const struct {
    const char *part;
    enum hub_component output, input;
} parts[] = {
    {"led", HUB_LIGHT, HUB_BINARY_SENSOR},      {"buzzer", HUB_SIREN, HUB_BINARY_SENSOR},
    {"button", HUB_SWITCH, HUB_EVENT},          {"relay", HUB_SWITCH, HUB_BINARY_SENSOR},
    {"generic", HUB_SWITCH, HUB_BINARY_SENSOR},
};

const char *hub_component_name(enum hub_component component)
{
    return component_names[component];
}

/* HUB_COMPONENTS where there is none of that name. */
static enum hub_component component_of_name(const char *name)
{
    for (int i = 0; i < HUB_COMPONENTS; i++)
        if (strcmp(component_names[i], name) == 0)
            return (enum hub_component)i;
    return HUB_COMPONENTS;
}

static enum hub_component component_of_part(const char *part, bool is_output)
{
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (strcmp(parts[i].part, part) == 0)
            return is_output ? parts[i].output : parts[i].input;
    return is_output ? HUB_SWITCH : HUB_BINARY_SENSOR;
}

const char *hub_title(const struct json *title, const char *language, const char *name)
{
    const char *text = json_text(title);
    if (!text)
        text = json_text(json_get(title, language));
    if (!text)
        text = json_text(json_first(title));
    return text && *text ? text : name;
}

static enum hub_access access_of(const struct json *json, bool is_output)
{
    const char *access = json_text(json_get(json, "mqtt"));
    if (!access)
        return is_output ? HUB_WRITE : HUB_READ;
    if (strcmp(access, "off") == 0)
        return HUB_OFF;
    return strcmp(access, "write") == 0 && is_output ? HUB_WRITE : HUB_READ;
}

static void copy_text(char *to, size_t size, const char *text)
{
    (void)snprintf(to, size, "%s", text ? text : "");
}

bool hub_line_read(struct hub_line *line, const struct json *json, const char *language)
{
    const char *name = json_text(json_get(json, "name"));
    const char *direction = json_text(json_get(json, "direction"));
    const char *component = json_text(json_get(json, "ha"));
    int value = 0;
    int64_t seq = 0;
    if (!name || !direction)
        return false;
    *line = (struct hub_line){.is_output = strcmp(direction, "output") == 0};
    copy_text(line->name, sizeof line->name, name);
    copy_text(line->title, sizeof line->title, hub_title(json_get(json, "title"), language, name));
    copy_text(line->part, sizeof line->part, json_text(json_get(json, "part")));
    copy_text(line->unit, sizeof line->unit, json_text(json_get(json, "unit")));
    copy_text(line->cause, sizeof line->cause, "start");
    line->counts = json_get(json, "count") != NULL;
    line->access = access_of(json, line->is_output);
    line->component = component ? component_of_name(component) : HUB_COMPONENTS;
    if (line->component == HUB_COMPONENTS)
        line->component = component_of_part(line->part, line->is_output);
    (void)json_switch(json_get(json, "value"), &value);
    (void)json_integer(json_get(json, "seq"), 0, INT64_MAX, &seq);
    line->value = (uint8_t)value;
    line->seq = (uint64_t)seq;
    const char *source = json_text(json_get(json, "source"));
    line->by_mqtt = source && strncmp(source, "mqtt:", 5) == 0;
    line->is_dirty = line->access != HUB_OFF;
    return true;
}
