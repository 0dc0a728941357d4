#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "loop/loop.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct guest {
    struct loop_hook hook;
    struct loop *loop;
    int64_t due_ns;
    int asked, ran;
    int last;             /* ends the loop after so many runs; 0 for never */
    struct guest *remove; /* taken out by this one's run */
    struct guest *add;
};

static int64_t guest_due(void *context)
{
    struct guest *guest = context;
    guest->asked++;
    return guest->due_ns;
}

static void guest_run(void *context)
{
    struct guest *guest = context;
    guest->ran++;
    if (guest->ran > 1000)
        exit(1); /* it would never end */
    if (guest->remove)
        loop_hook_remove(&guest->remove->hook);
    if (guest->add)
        loop_hook_add(guest->loop, &guest->add->hook);
    guest->add = NULL;
    if (guest->last && guest->ran >= guest->last)
        loop_stop(guest->loop);
}

static struct guest guest_of(struct loop *loop, int64_t due_ns)
{
    return (struct guest){.loop = loop, .due_ns = due_ns};
}

static void guest_enter(struct guest *guest)
{
    guest->hook = (struct loop_hook){.due = guest_due, .run = guest_run, .context = guest};
    loop_hook_add(guest->loop, &guest->hook);
}

static void on_deadline(void *context)
{
    loop_stop(context);
}

struct rig {
    struct loop *loop;
    struct loop_timer deadline;
};

static int setup(void **state)
{
    struct rig *rig = calloc(1, sizeof *rig);
    if (!rig || loop_new(&rig->loop))
        return -1;
    loop_timer_init(&rig->deadline, rig->loop, on_deadline, rig->loop);
    *state = rig;
    return loop_timer_set(&rig->deadline, clock_monotonic_ns() + 100 * CLOCK_NS_PER_MS);
}

static int teardown(void **state)
{
    struct rig *rig = *state;
    loop_free(rig->loop);
    free(rig);
    return 0;
}

static void hook_without_a_time_is_asked_but_never_run(void **state)
{
    struct rig *rig = *state;
    struct guest guest = guest_of(rig->loop, LOOP_NEVER);
    guest_enter(&guest);
    assert_int_equal(loop_run(rig->loop), 0);
    assert_true(guest.asked > 0);
    assert_int_equal(guest.ran, 0);
    loop_hook_remove(&guest.hook);
}

static void hook_that_is_due_now_runs_in_every_turn(void **state)
{
    struct rig *rig = *state;
    struct guest guest = guest_of(rig->loop, 0);
    guest.last = 5;
    guest_enter(&guest);
    int64_t before_ns = clock_monotonic_ns();
    assert_int_equal(loop_run(rig->loop), 0);
    assert_int_equal(guest.ran, 5);
    assert_true(clock_monotonic_ns() - before_ns < 50 * CLOCK_NS_PER_MS);
    loop_hook_remove(&guest.hook);
}

static void hook_runs_when_its_time_has_come_and_not_before(void **state)
{
    struct rig *rig = *state;
    int64_t due_ns = clock_monotonic_ns() + 20 * CLOCK_NS_PER_MS;
    struct guest guest = guest_of(rig->loop, due_ns);
    guest.last = 1;
    guest_enter(&guest);
    assert_int_equal(loop_run(rig->loop), 0);
    assert_int_equal(guest.ran, 1);
    assert_true(loop_now_ns(rig->loop) >= due_ns);
    assert_true(clock_monotonic_ns() < due_ns + 50 * CLOCK_NS_PER_MS);
    loop_hook_remove(&guest.hook);
}

static void hook_that_is_first_due_ends_the_wait(void **state)
{
    struct rig *rig = *state;
    int64_t now_ns = clock_monotonic_ns();
    struct guest late = guest_of(rig->loop, now_ns + 10 * CLOCK_NS_PER_SECOND);
    struct guest early = guest_of(rig->loop, now_ns + 5 * CLOCK_NS_PER_MS);
    struct guest never = guest_of(rig->loop, LOOP_NEVER);
    early.last = 1;
    guest_enter(&late);
    guest_enter(&early);
    guest_enter(&never);
    assert_int_equal(loop_run(rig->loop), 0);
    assert_int_equal(early.ran, 1);
    assert_int_equal(late.ran + never.ran, 0);
    loop_hook_remove(&late.hook);
    loop_hook_remove(&early.hook);
    loop_hook_remove(&never.hook);
}

static void hook_may_remove_itself_while_it_runs(void **state)
{
    struct rig *rig = *state;
    struct guest guest = guest_of(rig->loop, 0);
    struct guest next = guest_of(rig->loop, 0);
    guest.remove = &guest;
    next.last = 3;
    guest_enter(&guest);
    guest_enter(&next);
    assert_int_equal(loop_run(rig->loop), 0);
    assert_int_equal(guest.ran, 1);
    assert_int_equal(next.ran, 3);
    loop_hook_remove(&next.hook);
}

static void hook_may_remove_the_next_one_which_then_does_not_run(void **state)
{
    struct rig *rig = *state;
    struct guest guest = guest_of(rig->loop, 0);
    struct guest next = guest_of(rig->loop, 0);
    struct guest third = guest_of(rig->loop, 0);
    guest.remove = &next;
    guest.last = 3;
    guest_enter(&guest);
    guest_enter(&next);
    guest_enter(&third);
    assert_int_equal(loop_run(rig->loop), 0);
    assert_int_equal(guest.ran, 3);
    assert_int_equal(next.ran, 0);
    assert_int_equal(third.ran, 3);
    loop_hook_remove(&guest.hook);
    loop_hook_remove(&third.hook);
}

static void hook_may_add_another(void **state)
{
    struct rig *rig = *state;
    struct guest guest = guest_of(rig->loop, 0);
    struct guest added = guest_of(rig->loop, 0);
    added.hook = (struct loop_hook){.due = guest_due, .run = guest_run, .context = &added};
    guest.add = &added;
    added.last = 2;
    guest_enter(&guest);
    assert_int_equal(loop_run(rig->loop), 0);
    assert_int_equal(added.ran, 2);
    loop_hook_remove(&guest.hook);
    loop_hook_remove(&added.hook);
}

static int told;

static void on_signal(void *context, int number)
{
    told = told * 100 + number;
    if (number == SIGUSR2)
        loop_stop(context);
}

static void signal_arrives_inside_the_loop(void **state)
{
    struct rig *rig = *state;
    sigset_t signals;
    sigset_t before;
    told = 0;
    sigemptyset(&signals);
    sigaddset(&signals, SIGUSR1);
    sigaddset(&signals, SIGUSR2);
    assert_int_equal(sigprocmask(SIG_BLOCK, NULL, &before), 0);
    assert_int_equal(loop_signals(rig->loop, &signals, on_signal, rig->loop), 0);
    assert_int_equal(raise(SIGUSR1), 0);
    assert_int_equal(told, 0); /* not before the loop runs */
    assert_int_equal(raise(SIGUSR2), 0);
    assert_int_equal(loop_run(rig->loop), 0);
    assert_int_equal(told, SIGUSR1 * 100 + SIGUSR2);
    assert_int_equal(sigprocmask(SIG_SETMASK, &before, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest rules[] = {
        cmocka_unit_test_setup_teardown(hook_without_a_time_is_asked_but_never_run, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(hook_that_is_due_now_runs_in_every_turn, setup, teardown),
        cmocka_unit_test_setup_teardown(hook_runs_when_its_time_has_come_and_not_before, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(hook_that_is_first_due_ends_the_wait, setup, teardown),
        cmocka_unit_test_setup_teardown(hook_may_remove_itself_while_it_runs, setup, teardown),
        cmocka_unit_test_setup_teardown(hook_may_remove_the_next_one_which_then_does_not_run, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(hook_may_add_another, setup, teardown),
        cmocka_unit_test_setup_teardown(signal_arrives_inside_the_loop, setup, teardown),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
