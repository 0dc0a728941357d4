#include "protocol/door.h"

#include <string.h>

static const struct {
    const char *name;
    size_t length;
} doors[DOOR_COUNT] = {
    [DOOR_HTTP] = {"http", 4}, [DOOR_WEBSOCKET] = {"websocket", 9},
    [DOOR_LINE] = {"line", 4}, [DOOR_DATAGRAM] = {"datagram", 8},
    [DOOR_MQTT] = {"mqtt", 4},
};

enum door door_of(const char *source)
{
    for (enum door door = DOOR_HTTP; door < DOOR_COUNT; door++)
        if (strncmp(source, doors[door].name, doors[door].length) == 0)
            return door;
    return DOOR_HTTP;
}

const char *door_name(enum door door)
{
    return doors[door].name;
}
