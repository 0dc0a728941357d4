#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "loop/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

/* A pipe that is watched; `seen` counts calls. The deadline keeps a failing test from hanging. */
struct watch {
    struct loop *loop;
    struct loop_source *source;
    int ends[2];
    int seen;
    uint32_t events;
    struct watch *victim; /* whose source is freed by this one's callback */
    bool once;            /* ends the loop */
};

struct rig {
    struct loop *loop;
    struct loop_timer deadline;
    struct watch watches[3];
    bool late;
};

static void on_deadline(void *context)
{
    struct rig *rig = context;
    rig->late = true;
    loop_stop(rig->loop);
}

static int setup(void **state)
{
    struct rig *rig = calloc(1, sizeof *rig);
    if (!rig || loop_new(&rig->loop))
        return -1;
    *state = rig;
    loop_timer_init(&rig->deadline, rig->loop, on_deadline, rig);
    for (int i = 0; i < 3; i++) {
        rig->watches[i].loop = rig->loop;
        if (pipe2(rig->watches[i].ends, O_CLOEXEC | O_NONBLOCK) < 0)
            return -1;
    }
    return loop_timer_set(&rig->deadline, clock_monotonic_ns() + 200 * CLOCK_NS_PER_MS);
}

static int teardown(void **state)
{
    struct rig *rig = *state;
    rig->loop = loop_free(rig->loop);
    for (int i = 0; i < 3; i++) {
        close(rig->watches[i].ends[0]);
        close(rig->watches[i].ends[1]);
    }
    free(rig);
    return 0;
}

static void on_event(void *context, uint32_t events)
{
    struct watch *watch = context;
    watch->seen++;
    watch->events = events;
    if (watch->victim)
        watch->victim->source = loop_source_free(watch->victim->source);
    if (watch->once)
        loop_stop(watch->loop);
}

static void watch_start(struct watch *watch, uint32_t events)
{
    assert_int_equal(
        loop_watch(watch->loop, watch->ends[0], events, on_event, watch, &watch->source), 0);
}

static void fill(const struct watch *watch)
{
    assert_int_equal(write(watch->ends[1], "x", 1), 1);
}

static void source_is_called_while_its_descriptor_is_ready(void **state)
{
    struct rig *rig = *state;
    watch_start(&rig->watches[0], EPOLLIN);
    watch_start(&rig->watches[1], EPOLLIN);
    fill(&rig->watches[0]);
    assert_int_equal(loop_run(rig->loop), 0);
    assert_true(rig->watches[0].seen > 1); /* level-triggered: nobody read it */
    assert_true(rig->watches[0].events & EPOLLIN);
    assert_int_equal(rig->watches[1].seen, 0);
}

static void source_may_be_freed_inside_its_own_callback(void **state)
{
    struct rig *rig = *state;
    struct watch *watch = &rig->watches[0];
    watch_start(watch, EPOLLIN);
    watch->victim = watch;
    fill(watch);
    assert_int_equal(loop_run(rig->loop), 0);
    assert_int_equal(watch->seen, 1);
    assert_null(watch->source);
}

static void source_that_was_freed_misses_even_an_event_of_this_turn(void **state)
{
    struct rig *rig = *state;
    for (int i = 0; i < 3; i++)
        watch_start(&rig->watches[i], EPOLLIN);
    /* All are ready at once: whichever comes first frees the next, that one frees none any more. */
    for (int i = 0; i < 3; i++) {
        rig->watches[i].victim = &rig->watches[(i + 1) % 3];
        rig->watches[i].once = true;
        fill(&rig->watches[i]);
    }
    assert_int_equal(loop_run(rig->loop), 0);
    int seen = 0;
    for (int i = 0; i < 3; i++) {
        seen += rig->watches[i].seen;
        if (rig->watches[i].seen > 0)
            assert_int_equal(rig->watches[(i + 1) % 3].seen * rig->watches[i].seen,
                             rig->watches[(i + 1) % 3].seen);
    }
    assert_in_range(seen, 1, 2);
}

static void source_watches_for_what_it_was_told_last(void **state)
{
    struct rig *rig = *state;
    struct watch *watch = &rig->watches[0];
    watch_start(watch, EPOLLIN);
    assert_int_equal(loop_source_set(watch->source, 0), 0);
    fill(watch);
    assert_int_equal(loop_run(rig->loop), 0);
    assert_int_equal(watch->seen, 0);
    assert_int_equal(loop_source_set(watch->source, EPOLLIN), 0);
    watch->once = true;
    assert_int_equal(loop_run(rig->loop), 0);
    assert_int_equal(watch->seen, 1);
}

static void source_does_not_close_its_descriptor(void **state)
{
    struct rig *rig = *state;
    watch_start(&rig->watches[0], EPOLLIN);
    rig->watches[0].source = loop_source_free(rig->watches[0].source);
    fill(&rig->watches[0]);
    char byte;
    assert_int_equal(read(rig->watches[0].ends[0], &byte, 1), 1);
    assert_null(loop_source_free(NULL));
}

static void source_of_what_cannot_be_watched_is_refused(void **state)
{
    struct rig *rig = *state;
    struct loop_source *source = NULL;
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_int_equal(loop_watch(rig->loop, fd, EPOLLIN, on_event, NULL, &source), -EPERM);
    close(fd);
    assert_int_equal(loop_watch(rig->loop, fd, EPOLLIN, on_event, NULL, &source), -EBADF);
    assert_null(source);
}

static void loop_ends_after_the_turn_in_which_it_was_stopped(void **state)
{
    struct rig *rig = *state;
    for (int i = 0; i < 3; i++) {
        watch_start(&rig->watches[i], EPOLLIN);
        rig->watches[i].once = true;
        fill(&rig->watches[i]);
    }
    assert_int_equal(loop_run(rig->loop), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(rig->watches[i].seen, 1);
    assert_false(rig->late);
}

int main(void)
{
    const struct CMUnitTest rules[] = {
        cmocka_unit_test_setup_teardown(source_is_called_while_its_descriptor_is_ready, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(source_may_be_freed_inside_its_own_callback, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(source_that_was_freed_misses_even_an_event_of_this_turn,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(source_watches_for_what_it_was_told_last, setup, teardown),
        cmocka_unit_test_setup_teardown(source_does_not_close_its_descriptor, setup, teardown),
        cmocka_unit_test_setup_teardown(source_of_what_cannot_be_watched_is_refused, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(loop_ends_after_the_turn_in_which_it_was_stopped, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
