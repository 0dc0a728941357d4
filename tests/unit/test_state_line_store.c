#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/log.h"
#include "state/line_store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_SIZE = 64 };

/* The state is the path of a folder that does not exist yet. */
static int setup(void **state)
{
    char *folder = strdup("/tmp/memory-XXXXXX");
    *state = folder;
    return folder && mkdtemp(folder) && rmdir(folder) == 0 ? 0 : -1;
}

static void put_path(char path[PATH_SIZE], const char *folder)
{
    (void)snprintf(path, PATH_SIZE, "%s/lines.json", folder);
}

static int teardown(void **state)
{
    char path[PATH_SIZE];
    put_path(path, *state);
    (void)remove(path);
    (void)remove(*state);
    free(*state);
    return 0;
}

static struct line_store *open_memory(const char *folder)
{
    struct line_store *line_store = NULL;
    assert_int_equal(line_store_new(folder, &line_store), 0);
    return line_store;
}

static void line_store_recalls_nothing_at_the_first_start(void **state)
{
    struct line_store *line_store = open_memory(*state);
    assert_int_equal(line_store_recall(line_store, "red"), -1);
    assert_false(line_store_is_dirty(line_store));
    assert_int_equal(line_store_save(line_store), 0);
    assert_int_equal(access(*state, F_OK), -1); /* nothing to write, nothing made */
    line_store_free(line_store);
}

static void line_store_keeps_values_from_run_to_run(void **state)
{
    struct stat status;
    char path[PATH_SIZE];
    put_path(path, *state);
    struct line_store *line_store = open_memory(*state);
    line_store_remember(line_store, "red", 1);
    line_store_remember(line_store, "green", 0);
    line_store_remember(line_store, "relay", 0);
    line_store_remember(line_store, "relay", 1);
    assert_int_equal(line_store_save(line_store), 0);
    line_store_free(line_store);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    line_store = open_memory(*state);
    assert_int_equal(line_store_recall(line_store, "red"), 1);
    assert_int_equal(line_store_recall(line_store, "green"), 0);
    assert_int_equal(line_store_recall(line_store, "relay"), 1);
    assert_int_equal(line_store_recall(line_store, "blue"), -1);
    assert_false(line_store_is_dirty(line_store));
    line_store_free(line_store);
}

static void line_store_keeps_counters_from_run_to_run(void **state)
{
    struct line_store *line_store = open_memory(*state);
    assert_int_equal(line_store_recall_edges(line_store, "door"), 0);
    line_store_count(line_store, "door", 0);
    assert_false(line_store_is_dirty(line_store));
    line_store_count(line_store, "door", UINT64_C(9007199254740991));
    assert_true(line_store_is_dirty(line_store));
    line_store_remember(line_store, "red", 1);
    line_store_count(line_store, "red", 7);
    assert_int_equal(line_store_save(line_store), 0);
    line_store_free(line_store);
    line_store = open_memory(*state);
    assert_int_equal(line_store_recall_edges(line_store, "door"), UINT64_C(9007199254740991));
    assert_int_equal(line_store_recall(line_store, "door"), -1);
    assert_int_equal(line_store_recall_edges(line_store, "red"), 7);
    assert_int_equal(line_store_recall(line_store, "red"), 1);
    line_store_count(line_store, "red", 7);
    assert_false(line_store_is_dirty(line_store));
    line_store_free(line_store);
}

static void expect_counter(const struct line_store *line_store, const char *line, uint64_t count,
                           uint8_t value)
{
    uint64_t stored_count;
    uint8_t stored_value;
    assert_true(line_store_recall_counter(line_store, line, &stored_count, &stored_value));
    assert_true(stored_count == count && stored_value == value);
}

static void line_store_keeps_pulses_and_the_value_that_the_input_had(void **state)
{
    uint64_t count;
    uint8_t value;
    struct line_store *line_store = open_memory(*state);
    line_store_note_counter(line_store, "water", UINT64_C(9007199254740991), 1);
    line_store_note_counter(line_store, "door", 0, 0);
    line_store_count(line_store, "button", 3);
    assert_int_equal(line_store_save(line_store), 0);
    line_store_note_counter(line_store, "door", 0, 0);
    assert_false(line_store_is_dirty(line_store));
    line_store_note_counter(line_store, "door", 0, 1);
    assert_true(line_store_is_dirty(line_store));
    line_store_free(line_store);
    line_store = open_memory(*state);
    expect_counter(line_store, "water", UINT64_C(9007199254740991), 1);
    expect_counter(line_store, "door", 0, 0);
    assert_false(line_store_recall_counter(line_store, "button", &count, &value));
    assert_false(line_store_recall_counter(line_store, "nobody", &count, &value));
    line_store_free(line_store);
}

static void line_store_moves_everything_to_a_new_name(void **state)
{
    struct line_record record = {.lock_reason = "repair"};
    struct line_record stored;
    struct line_store *line_store = open_memory(*state);
    line_store_remember(line_store, "light", 1);
    line_store_count(line_store, "light", 20);
    line_store_note_counter(line_store, "light", 7, 1);
    line_store_note_record(line_store, "light", &record);
    line_store_remember(line_store, "licht", 0); /* of an earlier life */
    assert_int_equal(line_store_save(line_store), 0);
    line_store_rename(line_store, "light", "licht");
    assert_true(line_store_is_dirty(line_store));
    assert_int_equal(line_store_save(line_store), 0);
    line_store_rename(line_store, "light", "licht"); /* the config still says so */
    assert_false(line_store_is_dirty(line_store));
    line_store_free(line_store);
    line_store = open_memory(*state);
    assert_int_equal(line_store_recall(line_store, "light"), -1);
    assert_int_equal(line_store_recall(line_store, "licht"), 1);
    assert_int_equal(line_store_recall_edges(line_store, "licht"), 20);
    expect_counter(line_store, "licht", 7, 1);
    assert_true(line_store_recall_record(line_store, "licht", &stored));
    assert_string_equal(stored.lock_reason, "repair");
    line_store_free(line_store);
}

static void line_store_reads_a_file_of_the_first_version(void **state)
{
    static const char first[] = "{\"version\":{\"value\":1,\"edges\":3}}"; /* a line of that name */
    char path[PATH_SIZE];
    put_path(path, *state);
    assert_int_equal(mkdir(*state, 0700), 0);
    assert_int_equal(file_write(path, first, strlen(first), 0600), 0);
    struct line_store *line_store = open_memory(*state);
    assert_int_equal(line_store_recall(line_store, "version"), 1);
    assert_int_equal(line_store_recall_edges(line_store, "version"), 3);
    line_store_free(line_store);
}

static void line_store_keeps_what_an_output_did(void **state)
{
    static const struct line_record records[] = {
        {.action = CIRCUIT_ACTION_PULSE, .value = 1, .action_ends_ms = 1792231200123},
        {.action = CIRCUIT_ACTION_FOR, .back = 1, .action_ends_ms = 1792231200123},
        {.action = CIRCUIT_ACTION_BLINK, .on_ms = 100, .off_ms = 200, .count = 7},
        {.action = CIRCUIT_ACTION_PWM, .value = 1, .duty = 0.4, .hz = 100},
        {.has_lease = true, .lease_ms = 5000, .lease_ends_ms = 1792231200123},
        {.has_lease = true, .lease_on_connection = true},
        {.has_run = true, .run_value = 1},
        {.lock_reason = "repairing \"it\"", .locker = {"http:192.168.1.7:51514", ROLE_ADMIN}},
        {.action = CIRCUIT_ACTION_NONE},
    };
    struct line_record record;
    for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
        struct line_store *line_store = open_memory(*state);
        line_store_note_record(line_store, "red", &records[i]);
        assert_true(line_store_is_dirty(line_store));
        assert_int_equal(line_store_save(line_store), 0);
        line_store_free(line_store);
        line_store = open_memory(*state);
        assert_true(line_store_recall_record(line_store, "red", &record));
        line_store_note_record(line_store, "red", &records[i]);
        assert_false(line_store_is_dirty(line_store));
        assert_memory_equal(&record.locker, &records[i].locker, sizeof record.locker);
        line_store_free(line_store);
    }
}

static void line_store_spares_the_card_when_an_end_moves_a_little(void **state)
{
    struct line_record record = {.has_lease = true, .lease_ms = 60000, .lease_ends_ms = 100000};
    struct line_store *line_store = open_memory(*state);
    line_store_note_record(line_store, "red", &record);
    assert_int_equal(line_store_save(line_store), 0);
    record.lease_ends_ms += 999;
    line_store_note_record(line_store, "red", &record);
    assert_false(line_store_is_dirty(line_store));
    record.lease_ends_ms += 1;
    line_store_note_record(line_store, "red", &record);
    assert_true(line_store_is_dirty(line_store));
    assert_int_equal(line_store_save(line_store), 0);
    record.lease_ends_ms -= 1; /* an end that is too late would keep it on */
    line_store_note_record(line_store, "red", &record);
    assert_true(line_store_is_dirty(line_store));
    line_store_free(line_store);
}

static void line_store_is_dirty_only_after_a_change(void **state)
{
    struct line_store *line_store = open_memory(*state);
    line_store_remember(line_store, "red", 1);
    assert_true(line_store_is_dirty(line_store));
    assert_int_equal(line_store_save(line_store), 0);
    assert_false(line_store_is_dirty(line_store));
    line_store_remember(line_store, "red", 1);
    assert_false(line_store_is_dirty(line_store));
    line_store_remember(line_store, "red", 0);
    assert_true(line_store_is_dirty(line_store));
    line_store_free(line_store);
}

static void line_store_stays_dirty_when_it_cannot_be_saved(void **state)
{
    (void)state;
    struct line_store *line_store = open_memory("/proc/none");
    line_store_remember(line_store, "red", 1);
    assert_int_equal(line_store_save(line_store), -ENOENT);
    assert_true(line_store_is_dirty(line_store));
    line_store_free(line_store);
}

static void line_store_ignores_a_damaged_file_and_replaces_it(void **state)
{
    static const char *const wrong[] = {
        "",
        "{\"red\":{\"value\":1}",
        "[]",
        "{\"red\":1}",
        "{\"red\":{\"value\":2}}",
        "{\"red\":{\"edges\":-1}}",
        "{\"red\":{\"edges\":1.5}}",
        "{\"Red!\":{\"value\":1}}",
        "{\"red\":{\"value\":1},\"red\":{\"value\":1}}",
        "{\"a\":{\"value\":1},\"red\":null}",
        "\xff",
        "{\"version\":3,\"lines\":{\"red\":{\"value\":1}}}",
        "{\"version\":2}",
        "{\"red\":{\"does\":{\"action\":\"dance\"}}}",
        "{\"red\":{\"does\":{\"action\":\"pwm\",\"duty\":2,\"hz\":1}}}",
        "{\"red\":{\"does\":{\"action\":\"blink\",\"on_ms\":0,\"off_ms\":1}}}",
    };
    char path[PATH_SIZE];
    char beside[PATH_SIZE + 8];
    put_path(path, *state);
    assert_int_equal(mkdir(*state, 0700), 0);
    log_set_level(LOG_LEVEL_ERROR); /* each of them is one warning */
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(file_write(path, wrong[i], strlen(wrong[i]), 0600), 0);
        struct line_store *line_store = open_memory(*state);
        assert_int_equal(line_store_recall(line_store, "red"), -1);
        assert_int_equal(line_store_recall(line_store, "a"), -1);
        (void)snprintf(beside, sizeof beside, "%s.bad", path);
        assert_int_equal(unlink(beside), 0);
        line_store_remember(line_store, "red", 1);
        assert_int_equal(line_store_save(line_store), 0);
        line_store_free(line_store);
        line_store = open_memory(*state);
        assert_int_equal(line_store_recall(line_store, "red"), 1);
        line_store_free(line_store);
    }
    log_set_level(LOG_LEVEL_INFO);
}

/* Its writer was killed between the last byte and the renaming; or before the last byte. */
static void line_store_takes_the_next_content_that_was_not_renamed_yet(void **state)
{
    static const char whole[] = "{\"version\":2,\"lines\":{\"red\":{\"value\":0}},\"rules\":{}}";
    char path[PATH_SIZE];
    char beside[PATH_SIZE + 8];
    put_path(path, *state);
    (void)snprintf(beside, sizeof beside, "%s.new", path);
    for (size_t length = 0; length < sizeof whole; length++) {
        struct line_store *line_store = open_memory(*state);
        line_store_remember(line_store, "red", 1);
        line_store_remember(line_store, "blue", 1);
        assert_int_equal(line_store_save(line_store), 0);
        line_store_free(line_store);
        assert_int_equal(file_write(beside, whole, length, 0600), 0);
        line_store = open_memory(*state);
        bool is_whole = length == sizeof whole - 1;
        assert_int_equal(line_store_recall(line_store, "red"), is_whole ? 0 : 1);
        assert_int_equal(line_store_recall(line_store, "blue"), is_whole ? -1 : 1);
        line_store_free(line_store);
        assert_int_equal(access(beside, F_OK), is_whole ? -1 : 0); /* it has its place now */
        line_store = open_memory(*state);
        assert_int_equal(line_store_recall(line_store, "red"), is_whole ? 0 : 1);
        line_store_free(line_store);
    }
}

static void line_store_forgets_the_oldest_name_when_it_is_full(void **state)
{
    struct line_store *line_store = open_memory(*state);
    line_store_remember(line_store, "first", 1);
    line_store_remember(line_store, "second", 1);
    line_store_remember(line_store, "first", 0);
    for (int i = 0; i < LINE_STORE_NAMES_MAX - 1; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "line-%d", i);
        line_store_remember(line_store, name, i & 1);
    }
    assert_int_equal(line_store_recall(line_store, "second"), -1);
    assert_int_equal(line_store_recall(line_store, "first"), 0);
    assert_int_equal(line_store_recall(line_store, "line-510"), 0);
    assert_int_equal(line_store_save(line_store), 0);
    line_store_free(line_store);
    line_store = open_memory(*state);
    line_store_remember(line_store, "one-more", 1);
    assert_int_equal(line_store_recall(line_store, "first"), -1); /* the order was kept, too */
    assert_int_equal(line_store_recall(line_store, "line-0"), 0);
    line_store_free(line_store);
}

int main(void)
{
    const struct CMUnitTest rules[] = {
        cmocka_unit_test_setup_teardown(line_store_recalls_nothing_at_the_first_start, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(line_store_keeps_values_from_run_to_run, setup, teardown),
        cmocka_unit_test_setup_teardown(line_store_keeps_counters_from_run_to_run, setup, teardown),
        cmocka_unit_test_setup_teardown(line_store_keeps_pulses_and_the_value_that_the_input_had,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(line_store_moves_everything_to_a_new_name, setup, teardown),
        cmocka_unit_test_setup_teardown(line_store_reads_a_file_of_the_first_version, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(line_store_keeps_what_an_output_did, setup, teardown),
        cmocka_unit_test_setup_teardown(line_store_spares_the_card_when_an_end_moves_a_little,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(line_store_is_dirty_only_after_a_change, setup, teardown),
        cmocka_unit_test(line_store_stays_dirty_when_it_cannot_be_saved),
        cmocka_unit_test_setup_teardown(line_store_ignores_a_damaged_file_and_replaces_it, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(line_store_takes_the_next_content_that_was_not_renamed_yet,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(line_store_forgets_the_oldest_name_when_it_is_full, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
