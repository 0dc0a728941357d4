#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "protocol/history_log.h"
#include "protocol_rig.h"
#include "state/history_file.h"

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LARGE = 1024 * 1024, WRITTEN_MS = 600 /* events are written twice a second */ };

struct shelf {
    struct protocol_rig *rig;
    struct history_file *file;
    struct history_log *log;
    struct buffer text;
    char folder[32];
};

static int open_shelf(void **state, int (*set_up)(void **state))
{
    struct shelf *shelf = calloc(1, sizeof *shelf);
    void *rig = NULL;
    if (!shelf || set_up(&rig)) {
        free(shelf);
        return -1;
    }
    shelf->rig = rig;
    buffer_init(&shelf->text, 16 * LARGE);
    (void)snprintf(shelf->folder, sizeof shelf->folder, "/tmp/history-XXXXXX");
    *state = shelf;
    return mkdtemp(shelf->folder) ? 0 : -1;
}

static int set_up(void **state)
{
    return open_shelf(state, protocol_rig_setup);
}

static int set_up_small(void **state)
{
    return open_shelf(state, protocol_rig_setup_small);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *location)
{
    (void)status, (void)kind, (void)location;
    return remove(path);
}

static int tear_down(void **state)
{
    struct shelf *shelf = *state;
    void *rig = shelf->rig;
    history_log_free(shelf->log);
    history_file_free(shelf->file);
    buffer_done(&shelf->text);
    int error = nftw(shelf->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(shelf);
    return protocol_rig_teardown(&rig) || error;
}

static char *path_of(const struct shelf *shelf, const char *name, char path[PATH_MAX])
{
    (void)snprintf(path, PATH_MAX, "%s/%s", shelf->folder, name);
    return path;
}

static void open_file(struct shelf *shelf, uint32_t max_bytes)
{
    struct service *service = &shelf->rig->service;
    assert_int_equal(history_file_new(service->loop, shelf->folder, max_bytes, &shelf->file), 0);
    assert_int_equal(history_log_new(service, shelf->file, &shelf->log), 0);
}

static void close_file(struct shelf *shelf)
{
    shelf->log = history_log_free(shelf->log);
    shelf->file = history_file_free(shelf->file);
}

static const char *text_of(struct shelf *shelf, const char *name)
{
    char path[PATH_MAX];
    buffer_clear(&shelf->text);
    assert_int_equal(file_read(path_of(shelf, name, path), &shelf->text), 0);
    return buffer_text(&shelf->text);
}

static off_t size_of(const struct shelf *shelf, const char *name)
{
    char path[PATH_MAX];
    struct stat status;
    return stat(path_of(shelf, name, path), &status) == 0 ? status.st_size : -1;
}

/* Numbers of the events that stand in a text, in a row; the number of lines that are no JSON. */
static unsigned read_lines(const char *text, struct buffer *seqs)
{
    unsigned broken = 0;
    while (*text) {
        size_t length = strcspn(text, "\n");
        struct json *json = NULL;
        if (json_parse(text, length, &json, NULL) == 0) {
            if (json_get(json, "seq")) {
                (void)buffer_append_char(seqs, ' ');
                struct json_writer writer = json_writer_begin(seqs);
                json_write_copy(&writer, NULL, json_get(json, "seq"));
            } else {
                (void)buffer_append_text(seqs, " lost");
            }
        }
        broken += !json;
        json_free(json);
        text += length + (text[length] == '\n');
    }
    return broken;
}

static void expect_lines(const char *text, unsigned broken, const char *expected)
{
    struct buffer seqs;
    buffer_init(&seqs, LARGE);
    assert_int_equal(read_lines(text, &seqs), broken);
    assert_string_equal(buffer_text(&seqs), expected);
    buffer_done(&seqs);
}

static void history_file_has_a_line_of_json_for_each_event_since_the_start(void **state)
{
    struct shelf *shelf = *state;
    open_file(shelf, LARGE);
    protocol_rig_toggle(shelf->rig, 3);
    close_file(shelf);
    const char *text = text_of(shelf, "history.jsonl");
    expect_lines(text, 0, " 1 2 3 4 5 6 7");
    char *event = protocol_rig_quotes("'seq':5,'line':'red','value':1,'time':'20");
    assert_non_null(strstr(text, event));
    assert_int_equal(text[strlen(text) - 1], '\n');
    free(event);
}

static void history_file_is_written_twice_a_second_without_being_asked(void **state)
{
    struct shelf *shelf = *state;
    open_file(shelf, LARGE);
    protocol_rig_toggle(shelf->rig, 1);
    protocol_rig_run_ms(shelf->rig, WRITTEN_MS);
    expect_lines(text_of(shelf, "history.jsonl"), 0, " 1 2 3 4 5");
}

static void history_file_goes_on_where_the_last_run_ended(void **state)
{
    struct shelf *shelf = *state;
    open_file(shelf, LARGE);
    close_file(shelf);
    open_file(shelf, LARGE);
    close_file(shelf);
    expect_lines(text_of(shelf, "history.jsonl"), 0, " 1 2 3 4 1 2 3 4");
}

static void history_file_ends_a_line_that_a_crash_cut(void **state)
{
    struct shelf *shelf = *state;
    char path[PATH_MAX];
    static const char half[] = "{\"seq\":1}\n{\"seq\":2,\"li";
    assert_int_equal(file_write(path_of(shelf, "history.jsonl", path), half, strlen(half), 0600),
                     0);
    open_file(shelf, LARGE);
    close_file(shelf);
    const char *text = text_of(shelf, "history.jsonl");
    assert_memory_equal(text, half, strlen(half));
    assert_int_equal(text[strlen(half)], '\n');
    expect_lines(text, 1, " 1 1 2 3 4");
}

static void history_file_is_read_by_its_owner_alone(void **state)
{
    struct shelf *shelf = *state;
    char path[PATH_MAX];
    struct stat status;
    open_file(shelf, LARGE);
    assert_int_equal(stat(path_of(shelf, "history.jsonl", path), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
}

/* What cannot be written must not keep the pins from working: lines are lost and counted, until somebody
 * mends it. */
static void expect_lost_until_removed(struct shelf *shelf, const char *path)
{
    open_file(shelf, LARGE);
    protocol_rig_run_ms(shelf->rig, WRITTEN_MS + 200);
    assert_int_equal(history_file_lost(shelf->file), 4);
    assert_int_equal(unlink(path), 0);
    protocol_rig_toggle(shelf->rig, 2);
    protocol_rig_run_ms(shelf->rig, WRITTEN_MS);
    close_file(shelf);
    expect_lines(text_of(shelf, "history.jsonl"), 0, " lost 5 6");
}

static void history_file_is_no_symbolic_link(void **state)
{
    struct shelf *shelf = *state;
    char path[PATH_MAX];
    char target[PATH_MAX];
    assert_int_equal(file_write(path_of(shelf, "target", target), "", 0, 0600), 0);
    assert_int_equal(symlink(target, path_of(shelf, "history.jsonl", path)), 0);
    expect_lost_until_removed(shelf, path);
    assert_int_equal(size_of(shelf, "target"), 0);
}

static void history_file_waits_for_no_fifo(void **state)
{
    struct shelf *shelf = *state;
    char path[PATH_MAX];
    assert_int_equal(mkfifo(path_of(shelf, "history.jsonl", path), 0600), 0);
    expect_lost_until_removed(shelf, path);
}

static void history_file_makes_the_folder_it_needs(void **state)
{
    struct shelf *shelf = *state;
    char path[PATH_MAX];
    struct history_file *file;
    assert_int_equal(
        history_file_new(shelf->rig->service.loop, path_of(shelf, "a/b", path), LARGE, &file), 0);
    history_file_append(file, "{}\n", 3);
    history_file_free(file);
    assert_int_equal(size_of(shelf, "a/b/history.jsonl"), 3);
}

static void history_file_becomes_the_older_one_when_it_is_full(void **state)
{
    struct shelf *shelf = *state;
    open_file(shelf, 1000);
    protocol_rig_toggle(shelf->rig, 5);
    protocol_rig_run_ms(shelf->rig, WRITTEN_MS);
    assert_int_equal(size_of(shelf, "history.jsonl"), 0);
    expect_lines(text_of(shelf, "history.jsonl.1"), 0, " 1 2 3 4 5 6 7 8 9");
    protocol_rig_toggle(shelf->rig, 1);
    close_file(shelf);
    expect_lines(text_of(shelf, "history.jsonl"), 0, " 10");
}

static void history_file_keeps_one_older_one(void **state)
{
    struct shelf *shelf = *state;
    open_file(shelf, 100);
    protocol_rig_run_ms(shelf->rig, WRITTEN_MS);
    protocol_rig_toggle(shelf->rig, 1);
    protocol_rig_run_ms(shelf->rig, WRITTEN_MS);
    expect_lines(text_of(shelf, "history.jsonl.1"), 0, " 5");
    assert_int_equal(size_of(shelf, "history.jsonl.2"), -1);
}

static void history_file_recovers_from_a_rotation_that_failed(void **state)
{
    struct shelf *shelf = *state;
    char path[PATH_MAX];
    assert_int_equal(mkdir(path_of(shelf, "history.jsonl.1", path), 0700), 0);
    open_file(shelf, 100);
    protocol_rig_run_ms(shelf->rig, WRITTEN_MS);
    assert_int_equal(rmdir(path), 0);
    protocol_rig_toggle(shelf->rig, 1);
    protocol_rig_run_ms(shelf->rig, WRITTEN_MS);
    protocol_rig_toggle(shelf->rig, 1);
    close_file(shelf);
    expect_lines(text_of(shelf, "history.jsonl.1"), 0, " 6");
}

static void limit_files(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* A file that may not grow stands for a disk that is full: a part is written, then nothing. */
static void history_file_loses_no_line_but_those_a_full_disk_cost(void **state)
{
    struct shelf *shelf = *state;
    open_file(shelf, LARGE);
    protocol_rig_run_ms(shelf->rig, WRITTEN_MS);
    limit_files((rlim_t)size_of(shelf, "history.jsonl") + 300);
    protocol_rig_toggle(shelf->rig, 5);
    protocol_rig_run_ms(shelf->rig, WRITTEN_MS);
    limit_files(RLIM_INFINITY);
    protocol_rig_toggle(shelf->rig, 2);
    close_file(shelf);
    expect_lines(text_of(shelf, "history.jsonl"), 1, " 1 2 3 4 5 lost 10 11");
}

static void history_file_waits_for_a_disk_that_stays_full(void **state)
{
    struct shelf *shelf = *state;
    open_file(shelf, LARGE);
    protocol_rig_run_ms(shelf->rig, WRITTEN_MS);
    limit_files((rlim_t)size_of(shelf, "history.jsonl"));
    for (int i = 0; i < 3; i++) {
        protocol_rig_toggle(shelf->rig, 1);
        protocol_rig_run_ms(shelf->rig, WRITTEN_MS);
    }
    limit_files(RLIM_INFINITY);
    protocol_rig_toggle(shelf->rig, 1);
    close_file(shelf);
    expect_lines(text_of(shelf, "history.jsonl"), 0, " 1 2 3 4 lost 8");
}

static void history_file_says_where_events_are_missing(void **state)
{
    struct shelf *shelf = *state;
    open_file(shelf, LARGE);
    protocol_rig_toggle(shelf->rig, JOURNAL_EVENTS_MIN + 5);
    close_file(shelf);
    const char *text = text_of(shelf, "history.jsonl");
    assert_non_null(strstr(text, "{\"boot\":\"" RIG_RUN_ID "\",\"lost_before\":26}\n"));
    expect_lines(text, 0, " 1 2 3 4 lost");
}

static void history_file_writes_more_events_than_it_gathers(void **state)
{
    struct shelf *shelf = *state;
    open_file(shelf, 16 * LARGE);
    for (int i = 0; i < 20; i++) {
        protocol_rig_toggle(shelf->rig, 500);
        protocol_rig_run_ms(shelf->rig, 1);
    }
    close_file(shelf);
    struct buffer seqs;
    buffer_init(&seqs, LARGE);
    assert_int_equal(read_lines(text_of(shelf, "history.jsonl"), &seqs), 0);
    unsigned long seq = 0;
    for (char *at = seqs.data; *at;)
        assert_int_equal(strtoul(at, &at, 10), ++seq);
    assert_int_equal(seq, 10004);
    buffer_done(&seqs);
}

#define FILE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FILE_TEST(history_file_has_a_line_of_json_for_each_event_since_the_start),
        FILE_TEST(history_file_is_written_twice_a_second_without_being_asked),
        FILE_TEST(history_file_goes_on_where_the_last_run_ended),
        FILE_TEST(history_file_ends_a_line_that_a_crash_cut),
        FILE_TEST(history_file_is_read_by_its_owner_alone),
        FILE_TEST(history_file_is_no_symbolic_link),
        FILE_TEST(history_file_waits_for_no_fifo),
        FILE_TEST(history_file_makes_the_folder_it_needs),
        FILE_TEST(history_file_becomes_the_older_one_when_it_is_full),
        FILE_TEST(history_file_keeps_one_older_one),
        FILE_TEST(history_file_recovers_from_a_rotation_that_failed),
        FILE_TEST(history_file_loses_no_line_but_those_a_full_disk_cost),
        FILE_TEST(history_file_waits_for_a_disk_that_stays_full),
        cmocka_unit_test_setup_teardown(history_file_says_where_events_are_missing, set_up_small,
                                        tear_down),
        FILE_TEST(history_file_writes_more_events_than_it_gathers),
    };
    (void)signal(SIGXFSZ, SIG_IGN);
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests_name("state_history_file", tests, NULL, NULL);
}
