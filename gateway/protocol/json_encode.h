/* Between the circuit and JSON: lines, events and snapshots in the shapes of the interface. */
#ifndef PROTOCOL_JSON_ENCODE_H
#define PROTOCOL_JSON_ENCODE_H

#include "circuit/circuit.h"
#include "protocol/service.h"

struct json;

/* A line as it is now, with its description; owned by the caller. */
struct json *json_encode_line(const struct circuit *circuit, size_t line,
                              const struct timestamps *now);

/* Adds `boot` and `seq`, then the list of all lines, to an object. */
void json_encode_add_lines(struct json *object, struct circuit *circuit,
                           const struct timestamps *now);

/* Everything: name, title, backend, version, role, boot, seq, lines. The `snapshot` of a WebSocket
 * and the answer of circuit.get. Owned by the caller. */
struct json *json_encode_circuit(struct circuit *circuit, enum role role,
                                 const struct timestamps *now);

/* An event. For a client that follows (`live`) it also carries what else it changed of the line, as
 * the line is by now. Owned by the caller. */
struct json *json_encode_event(struct circuit *circuit, const struct event *event, bool live);

/* `{"line":"red","was":0,"value":1,"seq":43}` */
struct json *json_encode_outcome(const struct circuit *circuit, const struct outcome *outcome);

/* The part's name in the config, as "led"; NULL after the last. */
const char *json_encode_part_name(enum circuit_part part);

#endif
