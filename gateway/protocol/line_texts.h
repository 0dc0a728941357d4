/* The lines as JSON, each kept as text until it changes. A text is kept by the seq of its line's newest event:
 * every change of a line appends one. It keeps no text that depends on the moment: of inputs, whose
 * frequency and rate move without an event, and of outputs with an action or a lease, whose end is written
 * in the time of a wall clock that may be set. */
#ifndef PROTOCOL_LINE_TEXTS_H
#define PROTOCOL_LINE_TEXTS_H

#include <stddef.h>

struct circuit;
struct json_writer;
struct line_texts;
struct timestamps;

/* Of the lines of `circuit` (borrowed). 0 or -ENOMEM. */
int line_texts_new(struct circuit *circuit, struct line_texts **ret_texts);
struct line_texts *line_texts_free(struct line_texts *texts);

struct circuit *line_texts_circuit(const struct line_texts *texts);

/* The circuit was described anew: no text is right any more. */
void line_texts_renew(struct line_texts *texts);

/* Writes what json_encode_line() would, from the kept text where there is one. */
void line_texts_write(struct line_texts *texts, struct json_writer *writer, size_t line,
                      const struct timestamps *now);

#endif
