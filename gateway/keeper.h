/* Stores what of the circuit outlives a run: commanded values soon after the command, counters of edges
 * within a minute, because a card wears out, and both at the end. The program has one more thread while
 * it does. */
#ifndef KEEPER_H
#define KEEPER_H

#include "circuit/circuit.h"

struct loop;
struct keeper;

/* Reads the store in `folder`. `loop` is borrowed. 0, -ENAMETOOLONG or -ENOMEM. */
int keeper_new(struct loop *loop, const char *folder, struct keeper **ret_keeper);

/* What a circuit_new() is told; valid as long as the keeper. */
struct circuit_memory keeper_memory(struct keeper *keeper);

/* From now on the counters of this circuit are stored; borrowed until keeper_free(). */
void keeper_follow(struct keeper *keeper, struct circuit *circuit);

/* Notes the counters as they are now: before a reload, which may take lines away. */
void keeper_note(struct keeper *keeper);

/* Stores what is not stored yet, and ends: call it before circuit_free(). NULL is legal; returns NULL. */
struct keeper *keeper_free(struct keeper *keeper);

#endif
