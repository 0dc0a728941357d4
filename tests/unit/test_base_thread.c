#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/thread.h"

#include <signal.h>

static void *read_mask(void *argument)
{
    sigset_t *mask = argument;
    (void)pthread_sigmask(SIG_SETMASK, NULL, mask);
    return NULL;
}

static void thread_blocks_every_signal_and_its_maker_those_of_before(void **state)
{
    static const int numbers[] = {SIGHUP, SIGINT, SIGTERM, SIGUSR2};
    pthread_t thread;
    sigset_t of_thread, of_maker;
    (void)state;
    assert_int_equal(thread_start(&thread, read_mask, &of_thread), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(pthread_sigmask(SIG_SETMASK, NULL, &of_maker), 0);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        assert_true(sigismember(&of_thread, numbers[i]));
        assert_false(sigismember(&of_maker, numbers[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thread_blocks_every_signal_and_its_maker_those_of_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
