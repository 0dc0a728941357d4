#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "state/config_versions.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/versions-XXXXXX";

static int set_up(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/versions-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *location)
{
    (void)status, (void)kind, (void)location;
    return remove(path);
}

static int tear_down(void **state)
{
    (void)state;
    return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void keep(const char *text, int64_t wall_ns)
{
    struct config_version version = {.wall_ns = wall_ns, .source = "test", .role = "operator"};
    (void)snprintf(version.summary, sizeof version.summary, "%s changed", text);
    assert_int_equal(config_versions_keep(folder, &version, text, strlen(text)), 0);
}

static void assert_newest(const char *text)
{
    struct buffer found;
    buffer_init(&found, CONFIG_VERSION_TEXT_MAX_BYTES);
    assert_int_equal(config_versions_newest(folder, &found), 0);
    assert_string_equal(buffer_text(&found), text);
    buffer_done(&found);
}

static void versions_come_back_newest_first(void **state)
{
    (void)state;
    struct config_version versions[CONFIG_VERSIONS_MAX];
    keep("first", 1000000);
    keep("second", 2000000);
    assert_newest("second");
    assert_int_equal(config_versions_list(folder, versions), 2);
    assert_string_equal(versions[0].summary, "second changed");
    assert_int_equal(versions[0].bytes, 6);
    assert_int_equal(versions[1].wall_ns, 1000000);
    assert_string_equal(versions[1].role, "operator");
}

static void version_is_tagged_by_its_bytes(void **state)
{
    (void)state;
    char a[CONFIG_ETAG_SIZE];
    char b[CONFIG_ETAG_SIZE];
    config_etag("one", 3, a);
    config_etag("one", 3, b);
    assert_string_equal(a, b);
    config_etag("two", 3, b);
    assert_string_not_equal(a, b);
    assert_int_equal(a[0], '"');
    assert_int_equal(a[strlen(a) - 1], '"');
}

static void oldest_versions_go(void **state)
{
    (void)state;
    struct config_version versions[CONFIG_VERSIONS_MAX];
    char text[8];
    for (int i = 0; i < CONFIG_VERSIONS_MAX + 3; i++) {
        (void)snprintf(text, sizeof text, "t%d", i);
        keep(text, 1000 * (i + 1));
    }
    assert_int_equal(config_versions_list(folder, versions), CONFIG_VERSIONS_MAX);
    assert_string_equal(versions[CONFIG_VERSIONS_MAX - 1].summary, "t3 changed");
}

static void version_of_a_clock_that_was_set_back_is_still_the_newest(void **state)
{
    (void)state;
    keep("late", INT64_C(5000000000));
    keep("early", 1000);
    assert_newest("early");
}

static void version_before_the_newest_is_forgotten_on_demand(void **state)
{
    (void)state;
    struct config_version versions[CONFIG_VERSIONS_MAX];
    keep("first", 1000);
    assert_int_equal(config_versions_drop_second(folder), -ENOENT);
    keep("second", 2000);
    keep("third", 3000);
    assert_int_equal(config_versions_drop_second(folder), 0);
    assert_int_equal(config_versions_list(folder, versions), 2);
    assert_string_equal(versions[0].summary, "third changed");
    assert_string_equal(versions[1].summary, "first changed");
}

static void no_version_is_no_error(void **state)
{
    (void)state;
    struct config_version versions[CONFIG_VERSIONS_MAX];
    struct buffer text;
    buffer_init(&text, CONFIG_VERSION_TEXT_MAX_BYTES);
    assert_int_equal(config_versions_list(folder, versions), 0);
    assert_int_equal(config_versions_newest(folder, &text), -ENOENT);
    buffer_done(&text);
}

static void version_that_cannot_be_kept_is_said(void **state)
{
    (void)state;
    struct config_version version = {.wall_ns = 1};
    assert_true(config_versions_keep("/proc/no-such-place", &version, "x", 1) < 0);
}

#define VERSION_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        VERSION_TEST(versions_come_back_newest_first),
        VERSION_TEST(version_is_tagged_by_its_bytes),
        VERSION_TEST(oldest_versions_go),
        VERSION_TEST(version_of_a_clock_that_was_set_back_is_still_the_newest),
        VERSION_TEST(version_before_the_newest_is_forgotten_on_demand),
        VERSION_TEST(no_version_is_no_error),
        VERSION_TEST(version_that_cannot_be_kept_is_said),
    };
    return cmocka_run_group_tests_name("state_config_versions", tests, NULL, NULL);
}
