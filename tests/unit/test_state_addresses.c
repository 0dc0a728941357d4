#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/file.h"
#include "state/addresses.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/addresses-XXXXXX";
static char path[sizeof folder + 16];

static int setup(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/addresses-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    (void)snprintf(path, sizeof path, "%s/addresses", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(folder);
}

static void addresses_come_back_as_they_were_stored(void **state)
{
    (void)state;
    struct addresses stored = {0};
    struct addresses loaded = {0};
    addresses_add(&stored, "http://192.168.1.7:8080/", true);
    addresses_add(&stored, "http://localhost:8080/", false);
    assert_int_equal(addresses_store(&stored, folder), 0);
    assert_int_equal(addresses_load(folder, &loaded), 0);
    assert_int_equal(loaded.count, 2);
    assert_string_equal(loaded.items[0].url, "http://192.168.1.7:8080/");
    assert_true(loaded.items[0].is_lan);
    assert_string_equal(loaded.items[1].url, "http://localhost:8080/");
    assert_false(loaded.items[1].is_lan);
}

static void addresses_are_kept_once_and_up_to_a_number(void **state)
{
    (void)state;
    struct addresses addresses = {0};
    for (unsigned i = 0; i < 2 * ADDRESSES_MAX; i++) {
        char url[ADDRESSES_URL_SIZE];
        (void)snprintf(url, sizeof url, "http://10.0.0.%u/", i);
        addresses_add(&addresses, url, true);
        addresses_add(&addresses, url, true);
    }
    assert_int_equal(addresses.count, ADDRESSES_MAX);
    assert_string_equal(addresses.items[1].url, "http://10.0.0.1/");
}

static void no_file_is_told_as_such(void **state)
{
    (void)state;
    struct addresses loaded;
    assert_int_equal(addresses_load(folder, &loaded), -ENOENT);
}

/* Opening a FIFO to read waits for a writer: nothing of the state folder may do that. */
static void a_file_that_is_none_is_refused_at_once(void **state)
{
    (void)state;
    struct addresses loaded;
    (void)alarm(5);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(addresses_load(folder, &loaded), -EBADMSG);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink("/etc/hostname", path), 0);
    assert_int_equal(addresses_load(folder, &loaded), -ELOOP);
    (void)alarm(0);
}

static void lines_that_make_no_sense_are_left_out(void **state)
{
    (void)state;
    static const char text[] = "lan http://10.0.0.1/\n\nrubbish\nhere http://localhost/\n";
    struct addresses loaded;
    assert_int_equal(file_write(path, text, strlen(text), 0600), 0);
    assert_int_equal(addresses_load(folder, &loaded), 0);
    assert_int_equal(loaded.count, 2);
}

#define RULE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest rules[] = {
        RULE(addresses_come_back_as_they_were_stored),
        RULE(addresses_are_kept_once_and_up_to_a_number),
        RULE(no_file_is_told_as_such),
        RULE(a_file_that_is_none_is_refused_at_once),
        RULE(lines_that_make_no_sense_are_left_out),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
