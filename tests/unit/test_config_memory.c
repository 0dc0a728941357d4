#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/log.h"
#include "config/memory.h"

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

static struct memory *open_memory(const char *folder)
{
    struct memory *memory = NULL;
    assert_int_equal(memory_new(folder, &memory), 0);
    return memory;
}

static void memory_recalls_nothing_at_the_first_start(void **state)
{
    struct memory *memory = open_memory(*state);
    assert_int_equal(memory_recall(memory, "red"), -1);
    assert_false(memory_is_dirty(memory));
    assert_int_equal(memory_save(memory), 0);
    assert_int_equal(access(*state, F_OK), -1); /* nothing to write, nothing made */
    memory_free(memory);
}

static void memory_keeps_values_from_run_to_run(void **state)
{
    struct stat status;
    char path[PATH_SIZE];
    put_path(path, *state);
    struct memory *memory = open_memory(*state);
    memory_remember(memory, "red", 1);
    memory_remember(memory, "green", 0);
    memory_remember(memory, "relay", 0);
    memory_remember(memory, "relay", 1);
    assert_int_equal(memory_save(memory), 0);
    memory_free(memory);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    memory = open_memory(*state);
    assert_int_equal(memory_recall(memory, "red"), 1);
    assert_int_equal(memory_recall(memory, "green"), 0);
    assert_int_equal(memory_recall(memory, "relay"), 1);
    assert_int_equal(memory_recall(memory, "blue"), -1);
    assert_false(memory_is_dirty(memory));
    memory_free(memory);
}

static void memory_keeps_counters_from_run_to_run(void **state)
{
    struct memory *memory = open_memory(*state);
    assert_int_equal(memory_recall_edges(memory, "door"), 0);
    memory_count(memory, "door", 0);
    assert_false(memory_is_dirty(memory));
    memory_count(memory, "door", UINT64_C(9007199254740991));
    assert_true(memory_is_dirty(memory));
    memory_remember(memory, "red", 1);
    memory_count(memory, "red", 7);
    assert_int_equal(memory_save(memory), 0);
    memory_free(memory);
    memory = open_memory(*state);
    assert_int_equal(memory_recall_edges(memory, "door"), UINT64_C(9007199254740991));
    assert_int_equal(memory_recall(memory, "door"), -1);
    assert_int_equal(memory_recall_edges(memory, "red"), 7);
    assert_int_equal(memory_recall(memory, "red"), 1);
    memory_count(memory, "red", 7);
    assert_false(memory_is_dirty(memory));
    memory_free(memory);
}

static void memory_is_dirty_only_after_a_change(void **state)
{
    struct memory *memory = open_memory(*state);
    memory_remember(memory, "red", 1);
    assert_true(memory_is_dirty(memory));
    assert_int_equal(memory_save(memory), 0);
    assert_false(memory_is_dirty(memory));
    memory_remember(memory, "red", 1);
    assert_false(memory_is_dirty(memory));
    memory_remember(memory, "red", 0);
    assert_true(memory_is_dirty(memory));
    memory_free(memory);
}

static void memory_stays_dirty_when_it_cannot_be_saved(void **state)
{
    (void)state;
    struct memory *memory = open_memory("/proc/none");
    memory_remember(memory, "red", 1);
    assert_int_equal(memory_save(memory), -ENOENT);
    assert_true(memory_is_dirty(memory));
    memory_free(memory);
}

static void memory_ignores_a_damaged_file_and_replaces_it(void **state)
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
    };
    char path[PATH_SIZE];
    char beside[PATH_SIZE + 8];
    put_path(path, *state);
    assert_int_equal(mkdir(*state, 0700), 0);
    enum log_level level = log_get_level();
    log_set_level(LOG_LEVEL_ERROR);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(file_write(path, wrong[i], strlen(wrong[i]), 0600), 0);
        struct memory *memory = open_memory(*state);
        assert_int_equal(memory_recall(memory, "red"), -1);
        assert_int_equal(memory_recall(memory, "a"), -1);
        (void)snprintf(beside, sizeof beside, "%s.bad", path);
        assert_int_equal(unlink(beside), 0);
        memory_remember(memory, "red", 1);
        assert_int_equal(memory_save(memory), 0);
        memory_free(memory);
        memory = open_memory(*state);
        assert_int_equal(memory_recall(memory, "red"), 1);
        memory_free(memory);
    }
    log_set_level(level);
}

static void memory_forgets_the_oldest_name_when_it_is_full(void **state)
{
    struct memory *memory = open_memory(*state);
    memory_remember(memory, "first", 1);
    memory_remember(memory, "second", 1);
    memory_remember(memory, "first", 0);
    for (int i = 0; i < MEMORY_NAMES_MAX - 1; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "line-%d", i);
        memory_remember(memory, name, i & 1);
    }
    assert_int_equal(memory_recall(memory, "second"), -1);
    assert_int_equal(memory_recall(memory, "first"), 0);
    assert_int_equal(memory_recall(memory, "line-510"), 0);
    assert_int_equal(memory_save(memory), 0);
    memory_free(memory);
    memory = open_memory(*state);
    memory_remember(memory, "one-more", 1);
    assert_int_equal(memory_recall(memory, "first"), -1); /* the order was kept, too */
    assert_int_equal(memory_recall(memory, "line-0"), 0);
    memory_free(memory);
}

int main(void)
{
    const struct CMUnitTest rules[] = {
        cmocka_unit_test_setup_teardown(memory_recalls_nothing_at_the_first_start, setup, teardown),
        cmocka_unit_test_setup_teardown(memory_keeps_values_from_run_to_run, setup, teardown),
        cmocka_unit_test_setup_teardown(memory_keeps_counters_from_run_to_run, setup, teardown),
        cmocka_unit_test_setup_teardown(memory_is_dirty_only_after_a_change, setup, teardown),
        cmocka_unit_test(memory_stays_dirty_when_it_cannot_be_saved),
        cmocka_unit_test_setup_teardown(memory_ignores_a_damaged_file_and_replaces_it, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(memory_forgets_the_oldest_name_when_it_is_full, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
