#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/random.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_SIZE = 4096 };

/* What log_write() puts on standard error. */
static void capture(char text[TEXT_SIZE], enum log_level level, const char *message)
{
    int ends[2];
    int kept = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
    close(ends[1]);
    log_write(level, "%s", message);
    assert_true(dup2(kept, STDERR_FILENO) >= 0);
    close(kept);
    ssize_t got = read(ends[0], text, TEXT_SIZE - 1);
    close(ends[0]);
    assert_true(got >= 0);
    text[got] = '\0';
}

static int setup(void **state)
{
    (void)state;
    log_set_level(LOG_LEVEL_INFO);
    return unsetenv("JOURNAL_STREAM");
}

static void log_drops_what_is_above_its_level(void **state)
{
    (void)state;
    char text[TEXT_SIZE];
    capture(text, LOG_LEVEL_DEBUG, "hidden");
    assert_string_equal(text, "");
    capture(text, LOG_LEVEL_INFO, "shown");
    assert_non_null(strstr(text, "info"));
    assert_non_null(strstr(text, " shown\n"));
    log_set_level(LOG_LEVEL_ERROR);
    capture(text, LOG_LEVEL_WARNING, "hidden");
    assert_string_equal(text, "");
}

static void log_line_cannot_be_forged(void **state)
{
    (void)state;
    char text[TEXT_SIZE];
    capture(text, LOG_LEVEL_ERROR, "a\nb\r\x1b[0m\x7f");
    assert_non_null(strstr(text, "a?b??[0m?\n"));
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
}

static void log_line_is_cut_and_still_a_line(void **state)
{
    (void)state;
    char text[TEXT_SIZE];
    char message[3000];
    memset(message, 'x', sizeof message);
    message[sizeof message - 1] = '\0';
    capture(text, LOG_LEVEL_ERROR, message);
    assert_true(strlen(text) <= 1024);
    assert_int_equal(text[strlen(text) - 1], '\n');
}

static void log_line_begins_with_a_priority_under_systemd(void **state)
{
    (void)state;
    char text[TEXT_SIZE];
    assert_int_equal(setenv("JOURNAL_STREAM", "8:1", 1), 0);
    capture(text, LOG_LEVEL_WARNING, "m");
    assert_string_equal(text, "<4>m\n");
    unsetenv("JOURNAL_STREAM");
}

static void log_leaves_errno_alone(void **state)
{
    (void)state;
    char text[TEXT_SIZE];
    errno = EXDEV;
    log_write(LOG_LEVEL_DEBUG, "x");
    assert_int_equal(errno, EXDEV);
    capture(text, LOG_LEVEL_INFO, "x");
}

static void random_hex_is_hex_and_never_the_same(void **state)
{
    (void)state;
    char texts[64][33];
    for (int i = 0; i < 64; i++) {
        assert_int_equal(random_hex(16, texts[i]), 0);
        assert_int_equal(strspn(texts[i], "0123456789abcdef"), 32);
        assert_int_equal(texts[i][32], '\0');
        for (int j = 0; j < i; j++)
            assert_string_not_equal(texts[i], texts[j]);
    }
}

int main(void)
{
    const struct CMUnitTest rules[] = {
        cmocka_unit_test_setup(log_drops_what_is_above_its_level, setup),
        cmocka_unit_test_setup(log_line_cannot_be_forged, setup),
        cmocka_unit_test_setup(log_line_is_cut_and_still_a_line, setup),
        cmocka_unit_test_setup(log_line_begins_with_a_priority_under_systemd, setup),
        cmocka_unit_test_setup(log_leaves_errno_alone, setup),
        cmocka_unit_test(random_hex_is_hex_and_never_the_same),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
