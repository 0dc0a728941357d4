#include "keeper.h"

#include "base/clock.h"
#include "base/log.h"
#include "config/memory.h"
#include "loop/loop.h"
#include "protocol/service.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    VALUES_DELAY_MS = 1000,
    EDGES_DELAY_MS = 60 * 1000,
};

struct keeper {
    struct loop *loop;
    struct loop_timer timer;
    struct memory *memory;
    struct circuit *circuit; /* NULL until one is followed */
    int error;               /* of the newest try to store; told once */
    struct journal_follower follower;
};

void keeper_note(struct keeper *keeper)
{
    struct moment now = service_now();
    struct line_state state;
    for (size_t i = 0; keeper->circuit && i < circuit_line_count(keeper->circuit); i++) {
        circuit_line(keeper->circuit, i, &now, &state);
        memory_count(keeper->memory, state.options->name, state.edges);
    }
}

static void on_due(void *context)
{
    struct keeper *keeper = context;
    keeper_note(keeper);
    int error = memory_save(keeper->memory);
    if (error && error != keeper->error)
        log_warning("last values and counters not stored errno=%s", strerror(-error));
    keeper->error = error;
}

static void store_within(struct keeper *keeper, int64_t delay_ms)
{
    int64_t due_ns = loop_now_ns(keeper->loop) + delay_ms * CLOCK_NS_PER_MS;
    if (keeper->timer.place == 0 || keeper->timer.due_ns > due_ns)
        (void)loop_timer_set(&keeper->timer, due_ns);
}

static void on_event(void *context)
{
    store_within(context, EDGES_DELAY_MS);
}

/* ---- struct circuit_memory ---- */

static int recall(void *context, const char *line)
{
    const struct keeper *keeper = context;
    return memory_recall(keeper->memory, line);
}

static void remember(void *context, const char *line, int value)
{
    struct keeper *keeper = context;
    memory_remember(keeper->memory, line, value);
    if (memory_is_dirty(keeper->memory))
        store_within(keeper, VALUES_DELAY_MS);
}

static uint64_t recall_edges(void *context, const char *line)
{
    const struct keeper *keeper = context;
    return memory_recall_edges(keeper->memory, line);
}

struct circuit_memory keeper_memory(struct keeper *keeper)
{
    return (struct circuit_memory){
        .context = keeper, .recall = recall, .remember = remember, .recall_edges = recall_edges};
}

/* ---- life ---- */

int keeper_new(struct loop *loop, const char *folder, struct keeper **ret_keeper)
{
    struct keeper *keeper = calloc(1, sizeof *keeper);
    if (!keeper)
        return -ENOMEM;
    int error = memory_new(folder, &keeper->memory);
    if (error) {
        free(keeper);
        return error;
    }
    keeper->loop = loop;
    loop_timer_init(&keeper->timer, loop, on_due, keeper);
    *ret_keeper = keeper;
    return 0;
}

void keeper_follow(struct keeper *keeper, struct circuit *circuit)
{
    keeper->circuit = circuit;
    keeper->follower = (struct journal_follower){.appended = on_event, .context = keeper};
    journal_follow(circuit_journal(circuit), &keeper->follower);
}

struct keeper *keeper_free(struct keeper *keeper)
{
    if (!keeper)
        return NULL;
    loop_timer_stop(&keeper->timer);
    on_due(keeper);
    if (keeper->circuit)
        journal_unfollow(&keeper->follower);
    memory_free(keeper->memory);
    free(keeper);
    return NULL;
}
