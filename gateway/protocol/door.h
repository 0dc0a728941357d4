/* The ways in, as /metrics names them: the first word of a source, "http" of "http:192.168.1.7:51514". */
#ifndef PROTOCOL_DOOR_H
#define PROTOCOL_DOOR_H

#include <stddef.h>

enum door { DOOR_HTTP, DOOR_WEBSOCKET, DOOR_LINE, DOOR_DATAGRAM, DOOR_MQTT, DOOR_COUNT };

/* Of a source that a server has made; DOOR_HTTP for any other text. */
enum door door_of(const char *source);

const char *door_name(enum door door);

#endif
