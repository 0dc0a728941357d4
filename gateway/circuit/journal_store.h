/* The journal between two processes: after a hand-over the next one goes on with the same run, so that a
 * client that comes back with its cursor misses no event. */
#ifndef CIRCUIT_JOURNAL_STORE_H
#define CIRCUIT_JOURNAL_STORE_H

#include "base/buffer.h"
#include "circuit/journal.h"

struct json;

/* Events kept at most: a client that was gone for longer takes a snapshot, and text and tree stay below
 * 2 MB. */
enum { JOURNAL_STORE_EVENTS_MAX = 2048, JOURNAL_STORE_MAX_BYTES = 1024 * 1024 };

/* Appends the run and its newest events as JSON. What fails stays in `out->error`. */
void journal_print(const struct journal *journal, struct buffer *out);

/* Has a journal without events go on with what journal_print() stored. 0; -EBADMSG for anything else, and
 * then nothing has changed. */
int journal_restore(struct journal *journal, const struct json *stored);

#endif
