/* Between the circuit and JSON: lines, events and snapshots in the shapes of the interface, each one
 * value for a writer that stands where a value may stand. */
#ifndef PROTOCOL_JSON_ENCODE_H
#define PROTOCOL_JSON_ENCODE_H

#include "base/json_writer.h"
#include "circuit/circuit.h"
#include "protocol/service.h"

struct line_texts;

/* A line as it is now, with its description. */
void json_encode_line(struct json_writer *writer, const struct line_state *state);

/* `{"boot":…,"seq":…,"lines":[…]}` */
void json_encode_lines(struct json_writer *writer, struct line_texts *texts,
                       const struct timestamps *now);

/* Everything: name, title, backend, version, role, boot, seq, lines, scenes. The `snapshot` of a
 * WebSocket and the answer of circuit.get. */
void json_encode_circuit(struct json_writer *writer, struct line_texts *texts, enum role role,
                         const struct timestamps *now);

/* An event. For a client that follows (`live`) it also carries what else it changed of the line, as
 * the line is by now. */
void json_encode_event(struct json_writer *writer, struct circuit *circuit,
                       const struct event *event, bool live);

/* `{"line":"red","was":0,"value":1,"seq":43}` */
void json_encode_outcome(struct json_writer *writer, const struct circuit *circuit,
                         const struct outcome *outcome);

/* `{"seq":45,"changed":["red"]}`; `lines` are indices. `running` of a program is written, too; NULL for none. */
void json_encode_changed(struct json_writer *writer, const struct circuit *circuit, uint64_t seq,
                         const uint16_t *lines, size_t count, const bool *running);

/* `{"name":…,"title":…,"running":…,"step":…,"steps":…,"started_at":…,"ends_at":…}` */
void json_encode_scene(struct json_writer *writer, const struct circuit *circuit, size_t scene,
                       const struct timestamps *now);

/* Begins a JSON-RPC notification of `method` up to its params, which follow as one value; then the
 * object is ended. */
struct json_writer json_encode_notification(struct buffer *buffer, const char *method);

/* The notifications `event` and `snapshot`, as encoders of a feed: 0 or the buffer's error. */
int json_encode_event_notification(struct buffer *buffer, struct circuit *circuit,
                                   const struct event *event);
int json_encode_snapshot_notification(struct buffer *buffer, struct line_texts *texts,
                                      enum role role);

/* The part's name in the config, as "led"; NULL after the last. */
const char *json_encode_part_name(enum circuit_part part);

#endif
