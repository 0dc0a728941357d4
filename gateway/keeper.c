#include "keeper.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "base/log.h"
#include "config/memory.h"
#include "loop/loop.h"
#include "protocol/service.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
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
    /* The disk is waited for in a thread: a card that syncs for half a second must not keep the pins
     * waiting. Until `has_written` only that thread touches `text` and `result`. */
    pthread_t writer;
    bool is_writing;
    atomic_bool has_written;
    struct buffer text;
    int result;
    struct journal_follower follower;
};

void keeper_note(struct keeper *keeper)
{
    struct timestamps now = service_now();
    struct line_state state;
    for (size_t i = 0; keeper->circuit && i < circuit_line_count(keeper->circuit); i++) {
        circuit_line(keeper->circuit, i, &now, &state);
        memory_count(keeper->memory, state.options->name, state.edges);
    }
}

static void tell(struct keeper *keeper, int error)
{
    if (error && error != keeper->error)
        log_warning("last values and counters not stored errno=%s", strerror(-error));
    keeper->error = error;
}

static void *write_out(void *context)
{
    struct keeper *keeper = context;
    keeper->result = memory_write(keeper->memory, &keeper->text);
    atomic_store(&keeper->has_written, true);
    return NULL;
}

/* False while the writer is at work; it is waited for when `wait`. */
static bool collect(struct keeper *keeper, bool wait)
{
    if (!keeper->is_writing)
        return true;
    if (!wait && !atomic_load(&keeper->has_written))
        return false;
    (void)pthread_join(keeper->writer, NULL);
    keeper->is_writing = false;
    buffer_done(&keeper->text);
    if (keeper->result)
        memory_failed(keeper->memory);
    tell(keeper, keeper->result);
    return true;
}

static void begin_writing(struct keeper *keeper)
{
    buffer_init(&keeper->text, MEMORY_FILE_MAX_BYTES);
    atomic_store(&keeper->has_written, false);
    int error = memory_print(keeper->memory, &keeper->text);
    if (!error)
        error = -pthread_create(&keeper->writer, NULL, write_out, keeper);
    keeper->is_writing = error == 0;
    if (error) {
        buffer_done(&keeper->text);
        memory_failed(keeper->memory);
        tell(keeper, error);
    }
}

static void store_within(struct keeper *keeper, int64_t delay_ms)
{
    int64_t due_ns = loop_now_ns(keeper->loop) + delay_ms * CLOCK_NS_PER_MS;
    if (keeper->timer.place == 0 || keeper->timer.due_ns > due_ns)
        (void)loop_timer_set(&keeper->timer, due_ns);
}

static void on_due(void *context)
{
    struct keeper *keeper = context;
    bool was_writing = keeper->is_writing;
    if (!collect(keeper, false)) {
        store_within(keeper, VALUES_DELAY_MS);
        return;
    }
    /* Told since the writing began; counters alone have time again. */
    bool is_urgent = memory_is_dirty(keeper->memory);
    keeper_note(keeper);
    if (!memory_is_dirty(keeper->memory))
        return;
    if (was_writing && (!is_urgent || keeper->error)) {
        store_within(keeper, EDGES_DELAY_MS);
        return;
    }
    begin_writing(keeper);
    store_within(keeper, keeper->is_writing ? VALUES_DELAY_MS : EDGES_DELAY_MS);
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
    keeper_note(keeper);
    (void)collect(keeper, true);
    tell(keeper, memory_save(keeper->memory));
    if (keeper->circuit)
        journal_unfollow(&keeper->follower);
    memory_free(keeper->memory);
    free(keeper);
    return NULL;
}
