#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/folders.h"

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const variables[] = {"STATE_DIRECTORY", "XDG_STATE_HOME", "HOME",
                                        "RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR"};

static int clear(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        if (unsetenv(variables[i]) < 0)
            return -1;
    return 0;
}

static void set(const char *variable, const char *path)
{
    assert_int_equal(setenv(variable, path, 1), 0);
}

static void assert_state(const char *expected)
{
    char path[PATH_MAX];
    assert_int_equal(folder_state(path, sizeof path), 0);
    assert_string_equal(path, expected);
}

static void assert_runtime(const char *expected)
{
    char path[PATH_MAX];
    assert_int_equal(folder_runtime(path, sizeof path), 0);
    assert_string_equal(path, expected);
}

static void folder_of_the_service_manager_comes_first(void **state)
{
    (void)state;
    set("HOME", "/h");
    set("XDG_STATE_HOME", "/s");
    set("XDG_RUNTIME_DIR", "/r");
    set("STATE_DIRECTORY", "/var/lib/gpio-gateway:/var/lib/other");
    set("RUNTIME_DIRECTORY", "/run/gpio-gateway:/run/other");
    assert_state("/var/lib/gpio-gateway");
    assert_runtime("/run/gpio-gateway");
}

static void folder_of_the_desktop_comes_next(void **state)
{
    (void)state;
    set("HOME", "/h");
    set("XDG_STATE_HOME", "/s");
    set("XDG_RUNTIME_DIR", "/r");
    assert_state("/s/gpio-gateway");
    assert_runtime("/r/gpio-gateway");
}

static void folder_stands_in_the_home_folder_else(void **state)
{
    (void)state;
    set("HOME", "/h");
    assert_state("/h/.local/state/gpio-gateway");
    assert_runtime("/h/.local/state/gpio-gateway");
}

static void folder_of_sockets_is_the_state_folder_at_last(void **state)
{
    (void)state;
    set("STATE_DIRECTORY", "/var/lib/gpio-gateway");
    assert_runtime("/var/lib/gpio-gateway");
}

static void folder_without_home_comes_from_the_user_database(void **state)
{
    (void)state;
    char expected[PATH_MAX];
    const struct passwd *user = getpwuid(getuid());
    if (!user) {
        skip();
        return;
    }
    (void)snprintf(expected, sizeof expected, "%s/.local/state/gpio-gateway", user->pw_dir);
    assert_state(expected);
}

static void folder_in_a_variable_is_an_absolute_path(void **state)
{
    (void)state;
    set("HOME", "/h");
    set("STATE_DIRECTORY", "");
    set("XDG_STATE_HOME", "here");
    set("RUNTIME_DIRECTORY", "./here");
    set("XDG_RUNTIME_DIR", "");
    assert_state("/h/.local/state/gpio-gateway");
    assert_runtime("/h/.local/state/gpio-gateway");
}

static void folder_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    char path[8] = "before";
    set("STATE_DIRECTORY", "/1234567");
    assert_int_equal(folder_state(path, sizeof path), -ENAMETOOLONG);
    assert_string_equal(path, "before");
    set("STATE_DIRECTORY", "/123456");
    assert_int_equal(folder_state(path, sizeof path), 0);
    assert_string_equal(path, "/123456");
}

int main(void)
{
    const struct CMUnitTest rules[] = {
        cmocka_unit_test_setup(folder_of_the_service_manager_comes_first, clear),
        cmocka_unit_test_setup(folder_of_the_desktop_comes_next, clear),
        cmocka_unit_test_setup(folder_stands_in_the_home_folder_else, clear),
        cmocka_unit_test_setup(folder_of_sockets_is_the_state_folder_at_last, clear),
        cmocka_unit_test_setup(folder_without_home_comes_from_the_user_database, clear),
        cmocka_unit_test_setup(folder_in_a_variable_is_an_absolute_path, clear),
        cmocka_unit_test_setup(folder_that_does_not_fit_is_refused, clear),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
