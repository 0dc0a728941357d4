/* A struct line_record as JSON. */
#ifndef STATE_LINE_RECORD_H
#define STATE_LINE_RECORD_H

#include "circuit/circuit_store.h"

struct json;
struct json_writer;

/* Whether a stored record may stand for a new one: they say the same, but for ends that are less than a
 * second later now. */
bool record_is_same(const struct line_record *stored, const struct line_record *record);

/* Writes the record as the member `key`; a record of nothing writes nothing. */
void record_write(const struct line_record *record, const char *key, struct json_writer *writer);

/* Reads what record_write() wrote; NULL is a record of nothing. False for anything else. */
bool record_read(const struct json *object, struct line_record *ret_record);

#endif
