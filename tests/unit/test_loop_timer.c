#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "loop/heap.h"
#include "loop/loop.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TIMERS = 64, FIRED_MAX = 1000 };

struct rig;

struct alarm {
    struct loop_timer timer;
    struct rig *rig;
    int number;
    int64_t again_ns;    /* set itself to this time; 0 for not */
    struct alarm *other; /* stopped by this one */
};

struct rig {
    struct loop *loop;
    struct alarm alarms[TIMERS];
    int fired[FIRED_MAX];
    int count;
    int last;  /* ends the loop after so many */
    int asked; /* a hook, once before and once after every wait */
    struct loop_hook hook;
};

static void on_alarm(void *context)
{
    struct alarm *alarm = context;
    struct rig *rig = alarm->rig;
    if (rig->count < FIRED_MAX)
        rig->fired[rig->count] = alarm->number;
    rig->count++;
    if (rig->count > FIRED_MAX)
        exit(1); /* it would never end */
    if (alarm->again_ns)
        assert_int_equal(loop_timer_set(&alarm->timer, alarm->again_ns), 0);
    if (alarm->other)
        loop_timer_stop(&alarm->other->timer);
    if (rig->count >= rig->last)
        loop_stop(rig->loop);
}

static int64_t count_asked(void *context)
{
    struct rig *rig = context;
    rig->asked++;
    return LOOP_NEVER;
}

static void run_never(void *context)
{
    (void)context;
    fail_msg("a hook without a due time was run");
}

static int setup(void **state)
{
    struct rig *rig = calloc(1, sizeof *rig);
    if (!rig || loop_new(&rig->loop))
        return -1;
    for (int i = 0; i < TIMERS; i++) {
        rig->alarms[i] = (struct alarm){.rig = rig, .number = i};
        loop_timer_init(&rig->alarms[i].timer, rig->loop, on_alarm, &rig->alarms[i]);
    }
    rig->hook = (struct loop_hook){.due = count_asked, .run = run_never, .context = rig};
    *state = rig;
    return 0;
}

static int teardown(void **state)
{
    struct rig *rig = *state;
    loop_free(rig->loop);
    free(rig);
    return 0;
}

static void set(struct rig *rig, int number, int64_t due_ns)
{
    assert_int_equal(loop_timer_set(&rig->alarms[number].timer, due_ns), 0);
}

static void run_until(struct rig *rig, int last)
{
    rig->last = last;
    assert_int_equal(loop_run(rig->loop), 0);
}

static void timers_fire_in_the_order_of_their_time(void **state)
{
    struct rig *rig = *state;
    int64_t now_ns = clock_monotonic_ns();
    /* 37 and 64 have no common divisor: every time once, in no order. */
    for (int i = 0; i < TIMERS; i++)
        set(rig, i * 37 % TIMERS, now_ns + CLOCK_NS_PER_MS + i * 100000);
    run_until(rig, TIMERS);
    assert_int_equal(rig->count, TIMERS);
    for (int i = 0; i < TIMERS; i++)
        assert_int_equal(rig->fired[i], i * 37 % TIMERS);
}

static void timer_does_not_fire_before_its_time(void **state)
{
    struct rig *rig = *state;
    int64_t due_ns = clock_monotonic_ns() + 20 * CLOCK_NS_PER_MS;
    set(rig, 0, due_ns);
    run_until(rig, 1);
    assert_true(loop_now_ns(rig->loop) >= due_ns);
    assert_true(clock_monotonic_ns() < due_ns + 500 * CLOCK_NS_PER_MS);
}

static void timer_fires_once_and_at_the_time_it_was_set_to_last(void **state)
{
    struct rig *rig = *state;
    int64_t now_ns = clock_monotonic_ns();
    set(rig, 0, now_ns + 1000 * CLOCK_NS_PER_SECOND);
    set(rig, 0, now_ns + CLOCK_NS_PER_MS);
    set(rig, 1, now_ns + CLOCK_NS_PER_MS);
    set(rig, 1, now_ns + 5 * CLOCK_NS_PER_MS);
    set(rig, 2, now_ns + 3 * CLOCK_NS_PER_MS);
    run_until(rig, 3);
    static const int expected[] = {0, 2, 1};
    assert_memory_equal(rig->fired, expected, sizeof expected);
}

static void timer_that_was_stopped_does_not_fire(void **state)
{
    struct rig *rig = *state;
    int64_t now_ns = clock_monotonic_ns();
    set(rig, 0, now_ns);
    set(rig, 1, now_ns + CLOCK_NS_PER_MS);
    set(rig, 2, now_ns + CLOCK_NS_PER_MS);
    loop_timer_stop(&rig->alarms[0].timer);
    loop_timer_stop(&rig->alarms[0].timer);
    set(rig, 1, LOOP_NEVER);
    run_until(rig, 1);
    assert_int_equal(rig->fired[0], 2);
}

static void timer_stopped_by_another_of_the_same_turn_does_not_fire(void **state)
{
    struct rig *rig = *state;
    int64_t now_ns = clock_monotonic_ns();
    set(rig, 0, now_ns - 3);
    set(rig, 1, now_ns - 2);
    set(rig, 2, now_ns - 1);
    rig->alarms[0].other = &rig->alarms[1];
    run_until(rig, 2);
    assert_int_equal(rig->fired[0], 0);
    assert_int_equal(rig->fired[1], 2);
}

static void timer_set_to_the_past_by_itself_fires_in_the_next_turn(void **state)
{
    struct rig *rig = *state;
    loop_hook_add(rig->loop, &rig->hook);
    rig->alarms[0].again_ns = 1;
    set(rig, 0, 1);
    set(rig, 1, 2);
    run_until(rig, 6);
    assert_int_equal(rig->fired[0], 0);
    assert_int_equal(rig->fired[1], 1); /* not kept waiting by the one that is always due */
    assert_int_equal(rig->fired[2], 0);
    assert_true(rig->asked >= 2 * 4); /* five turns, the last of them stopped */
    loop_hook_remove(&rig->hook);
}

static void idle_loop_does_not_wake_up(void **state)
{
    struct rig *rig = *state;
    loop_hook_add(rig->loop, &rig->hook);
    set(rig, 1, clock_monotonic_ns() + 10 * CLOCK_NS_PER_MS);
    loop_timer_stop(&rig->alarms[1].timer);
    set(rig, 0, clock_monotonic_ns() + 100 * CLOCK_NS_PER_MS);
    run_until(rig, 1);
    /* One wait to the end of which the only timer fires. */
    assert_in_range(rig->asked, 1, 2);
    loop_hook_remove(&rig->hook);
}

/* Times of a generator with a fixed seed, in and out at random, against a plain search. */
static void heap_always_knows_the_first(void **state)
{
    (void)state;
    static struct loop_timer timers[200];
    struct heap heap = {0};
    uint32_t random = 1;
    for (int step = 0; step < 20000; step++) {
        random = random * 1664525 + 1013904223;
        struct loop_timer *timer = &timers[(random >> 8) % 200];
        if (timer->heap_slot == 0) {
            timer->due_ns = random % 1000;
            assert_int_equal(heap_push(&heap, timer), 0);
        } else if (random & 0x40000000) {
            heap_remove(&heap, timer);
            assert_int_equal(timer->heap_slot, 0);
        } else {
            timer->due_ns = random % 1000;
            heap_moved(&heap, timer);
        }
        const struct loop_timer *first = heap_first(&heap);
        size_t count = 0;
        for (int i = 0; i < 200; i++) {
            count += timers[i].heap_slot > 0;
            assert_true(timers[i].heap_slot == 0 || first->due_ns <= timers[i].due_ns);
        }
        assert_int_equal(heap.count, count);
        assert_true((first == NULL) == (count == 0));
    }
    heap_done(&heap);
}

int main(void)
{
    const struct CMUnitTest rules[] = {
        cmocka_unit_test_setup_teardown(timers_fire_in_the_order_of_their_time, setup, teardown),
        cmocka_unit_test_setup_teardown(timer_does_not_fire_before_its_time, setup, teardown),
        cmocka_unit_test_setup_teardown(timer_fires_once_and_at_the_time_it_was_set_to_last, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(timer_that_was_stopped_does_not_fire, setup, teardown),
        cmocka_unit_test_setup_teardown(timer_stopped_by_another_of_the_same_turn_does_not_fire,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(timer_set_to_the_past_by_itself_fires_in_the_next_turn,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(idle_loop_does_not_wake_up, setup, teardown),
        cmocka_unit_test(heap_always_knows_the_first),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
