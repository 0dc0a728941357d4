/* The loop's timers in order of their due time: a binary heap that stores each timer's slot in the timer. */
#ifndef LOOP_HEAP_H
#define LOOP_HEAP_H

#include <stddef.h>

struct loop_timer;

struct heap {
    struct loop_timer **timers; /* owned array of borrowed timers */
    size_t count;
    size_t capacity;
};

/* Adds a timer whose `heap_slot` is 0. 0 or -ENOMEM. */
int heap_push(struct heap *heap, struct loop_timer *timer);

/* Moves a timer to its slot after its `due_ns` was changed. */
void heap_moved(struct heap *heap, struct loop_timer *timer);

/* Removes a timer; its `heap_slot` is 0 afterwards. */
void heap_remove(struct heap *heap, struct loop_timer *timer);

/* The timer that is due first, or NULL. */
struct loop_timer *heap_first(const struct heap *heap);

void heap_done(struct heap *heap);

#endif
