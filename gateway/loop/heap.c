#include "loop/heap.h"

#include "loop/loop.h"

#include <errno.h>
#include <stdlib.h>

enum { FIRST_CAPACITY = 16 };

static void put(struct heap *heap, size_t index, struct loop_timer *timer)
{
    heap->timers[index] = timer;
    timer->heap_slot = index + 1;
}

static void sift_up(struct heap *heap, size_t index)
{
    struct loop_timer *timer = heap->timers[index];
    while (index > 0) {
        size_t parent = (index - 1) / 2;
        if (heap->timers[parent]->due_ns <= timer->due_ns)
            break;
        put(heap, index, heap->timers[parent]);
        index = parent;
    }
    put(heap, index, timer);
}

static void sift_down(struct heap *heap, size_t index)
{
    struct loop_timer *timer = heap->timers[index];
    for (;;) {
        size_t child = 2 * index + 1;
        if (child >= heap->count)
            break;
        if (child + 1 < heap->count &&
            heap->timers[child + 1]->due_ns < heap->timers[child]->due_ns)
            child++;
        if (timer->due_ns <= heap->timers[child]->due_ns)
            break;
        put(heap, index, heap->timers[child]);
        index = child;
    }
    put(heap, index, timer);
}

int heap_push(struct heap *heap, struct loop_timer *timer)
{
    if (heap->count == heap->capacity) {
        size_t capacity = heap->capacity ? heap->capacity * 2 : FIRST_CAPACITY;
        struct loop_timer **timers = realloc(heap->timers, capacity * sizeof(struct loop_timer *));
        if (!timers)
            return -ENOMEM;
        heap->timers = timers;
        heap->capacity = capacity;
    }
    heap->timers[heap->count++] = timer;
    sift_up(heap, heap->count - 1);
    return 0;
}

void heap_moved(struct heap *heap, struct loop_timer *timer)
{
    sift_up(heap, timer->heap_slot - 1);
    sift_down(heap, timer->heap_slot - 1);
}

void heap_remove(struct heap *heap, struct loop_timer *timer)
{
    size_t index = timer->heap_slot - 1;
    struct loop_timer *last = heap->timers[--heap->count];
    timer->heap_slot = 0;
    if (last == timer)
        return;
    heap->timers[index] = last;
    last->heap_slot = index + 1;
    heap_moved(heap, last);
}

struct loop_timer *heap_first(const struct heap *heap)
{
    return heap->count > 0 ? heap->timers[0] : NULL;
}

void heap_done(struct heap *heap)
{
    free(heap->timers);
    *heap = (struct heap){0};
}
