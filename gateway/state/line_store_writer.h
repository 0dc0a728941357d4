/* Stores what of the circuit outlives a run: commanded values soon after the command, counters of edges
 * within a minute, because a card wears out, and both at the end. The program has one more thread while
 * it does. */
#ifndef STATE_LINE_STORE_WRITER_H
#define STATE_LINE_STORE_WRITER_H

#include "circuit/circuit.h"

struct loop;
struct line_store_writer;

/* Reads the store in `folder`. `loop` is borrowed. 0, -ENAMETOOLONG or -ENOMEM. */
int line_store_writer_new(struct loop *loop, const char *folder,
                          struct line_store_writer **ret_writer);

/* What circuit_new() is given; valid as long as the writer. */
struct circuit_store line_store_writer_circuit_store(struct line_store_writer *line_store_writer);

/* From now on the counters of this circuit are stored; borrowed until line_store_writer_free(). */
void line_store_writer_follow(struct line_store_writer *line_store_writer, struct circuit *circuit);

/* Notes the counters as they are now: before a reload, which may take lines away. */
void line_store_writer_note(struct line_store_writer *line_store_writer);

/* Stores what is not stored yet, and ends: call it before circuit_free(). NULL is legal; returns NULL. */
struct line_store_writer *line_store_writer_free(struct line_store_writer *line_store_writer);

#endif
