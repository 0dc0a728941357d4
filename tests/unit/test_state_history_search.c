#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/owner.h"
#include "state/history_search.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RUN_A "aaaaaaaa"
#define RUN_B "bbbbbbbb"
#define RUN_OWN "0000cafe"

enum { SEQS_MAX = 1024 * 1024 };

/* Two files as the gateway leaves them, with or without indexes. */
struct shelf {
    char folder[32];
    char before[64], now[64];
    pthread_mutex_t lock;
    struct history_index indexes[2];
    struct history_page page;
};

static int set_up(void **state)
{
    struct shelf *shelf = calloc(1, sizeof *shelf);
    if (!shelf)
        return -1;
    (void)pthread_mutex_init(&shelf->lock, NULL);
    shelf->indexes[0].lock = shelf->indexes[1].lock = &shelf->lock;
    (void)snprintf(shelf->folder, sizeof shelf->folder, "/tmp/search-XXXXXX");
    *state = shelf;
    if (!mkdtemp(shelf->folder))
        return -1;
    (void)snprintf(shelf->before, sizeof shelf->before, "%s/h.1", shelf->folder);
    (void)snprintf(shelf->now, sizeof shelf->now, "%s/h", shelf->folder);
    return 0;
}

static int tear_down(void **state)
{
    struct shelf *shelf = *state;
    buffer_done(&shelf->page.text);
    history_index_done(&shelf->indexes[0]);
    history_index_done(&shelf->indexes[1]);
    (void)unlink(shelf->before);
    (void)unlink(shelf->now);
    int error = rmdir(shelf->folder);
    free(shelf);
    return error;
}

static void add(const char *path, const char *text)
{
    FILE *file = fopen(path, "ae");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void print_event(FILE *file, const char *run_id, uint64_t seq, const char *line,
                        int64_t time_ns)
{
    assert_true(fprintf(file,
                        "{\"boot\":\"%s\",\"seq\":%" PRIu64 ",\"line\":\"%s\",\"value\":%u,"
                        "\"time\":\"x\",\"time_ns\":%" PRId64 ",\"cause\":\"edge\","
                        "\"source\":\"http:127.0.0.1:51514\"}\n",
                        run_id, seq, line, (unsigned)(seq % 2), time_ns) > 0);
}

/* Events `first` to `last` of a run, at 1,000 times their number; every tenth is the door's. */
static void add_events(const char *path, const char *run_id, uint64_t first, uint64_t last)
{
    FILE *file = fopen(path, "ae");
    assert_non_null(file);
    for (uint64_t seq = first; seq <= last; seq++)
        print_event(file, run_id, seq, seq % 10 == 0 ? "door" : "light", (int64_t)seq * 1000);
    assert_int_equal(fclose(file), 0);
}

static void add_event(const char *path, const char *run_id, uint64_t seq, const char *line,
                      int64_t time_ns)
{
    FILE *file = fopen(path, "ae");
    assert_non_null(file);
    print_event(file, run_id, seq, line, time_ns);
    assert_int_equal(fclose(file), 0);
}

static void read_indexes(struct shelf *shelf)
{
    static const atomic_bool never;
    const char *const paths[] = {shelf->before, shelf->now};
    for (size_t i = 0; i < ARRAY_LENGTH(paths); i++) {
        int fd = open(paths[i], O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            continue;
        assert_int_equal(history_index_read(&shelf->indexes[i], fd, &never), 0);
        (void)close(fd);
    }
}

static const struct history_query everything = {.from_ns = INT64_MIN,
                                                .to_ns = INT64_MAX,
                                                .limit = 100,
                                                .own_run_id = RUN_OWN,
                                                .own_first = UINT64_MAX};

static const struct history_page *search(struct shelf *shelf, const struct history_query *query)
{
    const struct history_source sources[] = {{shelf->before, &shelf->indexes[0]},
                                             {shelf->now, &shelf->indexes[1]}};
    buffer_done(&shelf->page.text);
    assert_int_equal(history_search(sources, 2, &shelf->lock, query, &shelf->page), 0);
    return &shelf->page;
}

/* Adds "a3" for the event 3 of run A to `seqs`. */
static void append_seqs(const struct history_page *page, struct buffer *seqs)
{
    const char *newline;
    struct history_head head;
    for (const char *at = buffer_text(&page->text); (newline = strchr(at, '\n'));
         at = newline + 1) {
        assert_int_equal(history_line_read(at, (size_t)(newline - at), &head), HISTORY_LINE_EVENT);
        (void)buffer_printf(seqs, "%s%c%" PRIu64, seqs->length > 0 ? " " : "", head.run_id[0],
                            head.seq);
    }
}

static void expect(struct shelf *shelf, const struct history_query *query, const char *expected,
                   bool is_partial, bool is_missing)
{
    struct buffer seqs;
    buffer_init(&seqs, SEQS_MAX);
    const struct history_page *page = search(shelf, query);
    append_seqs(page, &seqs);
    assert_string_equal(buffer_text(&seqs), expected);
    assert_int_equal(page->is_partial, is_partial);
    assert_int_equal(page->is_missing, is_missing);
    buffer_done(&seqs);
}

static void search_gives_both_files_oldest_first(void **state)
{
    struct shelf *shelf = *state;
    add_events(shelf->before, RUN_A, 1, 3);
    add_events(shelf->now, RUN_A, 4, 5);
    add_events(shelf->now, RUN_B, 1, 2);
    struct history_query query = everything;
    query.from_ns = 1000;
    expect(shelf, &query, "a1 a2 a3 a4 a5 b1 b2", false, false);
}

static void search_takes_from_and_leaves_to(void **state)
{
    struct shelf *shelf = *state;
    add_events(shelf->now, RUN_A, 1, 6);
    struct history_query query = everything;
    query.from_ns = 2000;
    query.to_ns = 5000;
    expect(shelf, &query, "a2 a3 a4", false, false);
    query.from_ns = 2001;
    query.to_ns = 5001;
    expect(shelf, &query, "a3 a4 a5", false, false);
}

static void search_picks_a_line_by_its_whole_name(void **state)
{
    struct shelf *shelf = *state;
    add_event(shelf->now, RUN_A, 1, "door", 1);
    add_event(shelf->now, RUN_A, 2, "door2", 2);
    add_event(shelf->now, RUN_A, 3, "doo", 3);
    add_event(shelf->now, RUN_A, 4, "door", 4);
    struct history_query query = everything;
    query.line = "door";
    expect(shelf, &query, "a1 a4", false, false);
}

static void search_says_that_older_ones_are_deleted(void **state)
{
    struct shelf *shelf = *state;
    add_events(shelf->before, RUN_A, 5, 6);
    add_events(shelf->now, RUN_A, 7, 8);
    struct history_query query = everything;
    expect(shelf, &query, "a5 a6 a7 a8", false, true);
    query.from_ns = 4999;
    expect(shelf, &query, "a5 a6 a7 a8", false, true);
    query.from_ns = 5000;
    expect(shelf, &query, "a5 a6 a7 a8", false, false);
}

static void search_says_where_events_were_lost(void **state)
{
    struct shelf *shelf = *state;
    static const char *const marks[] = {"{\"lost_bytes\":300}\n",
                                        "{\"boot\":\"" RUN_A "\",\"lost_before\":9}\n",
                                        "{\"boot\":\"" RUN_A "\",\"seq\":4,\"li\n"};
    for (size_t i = 0; i < ARRAY_LENGTH(marks); i++) {
        add_events(shelf->now, RUN_A, 1, 2);
        add(shelf->now, marks[i]);
        add_events(shelf->now, RUN_A, 9, 9);
        expect(shelf, &everything, "a1 a2 a9", false, true);
        assert_int_equal(unlink(shelf->now), 0);
    }
}

static void search_passes_over_what_is_no_json(void **state)
{
    struct shelf *shelf = *state;
    add_events(shelf->now, RUN_A, 1, 1);
    add(shelf->now, "{\"boot\":\"" RUN_A "\",\"seq\":2,\"line\":\"x\",\"time_ns\":5,,}\n");
    add(shelf->now, "\xff\n\n");
    add_events(shelf->now, RUN_A, 3, 3);
    add(shelf->now, "{\"boot\":\"" RUN_A "\",\"seq\":4,\"line\":\"x\",\"time_ns\":5}");
    expect(shelf, &everything, "a1 a3", false, true);
}

static void search_begins_after_an_event_of_any_run(void **state)
{
    struct shelf *shelf = *state;
    add_events(shelf->before, RUN_A, 1, 3);
    add_events(shelf->now, RUN_B, 1, 3);
    struct history_query query = everything;
    query.run_id = RUN_A;
    query.seq = 2;
    expect(shelf, &query, "a3 b1 b2 b3", false, false);
    query.run_id = RUN_B;
    expect(shelf, &query, "b3", false, false);
    query.seq = 3;
    expect(shelf, &query, "", false, false);
    query.seq = 4; /* there is none */
    expect(shelf, &query, "a1 a2 a3 b1 b2 b3", false, true);
    query.run_id = "99999999";
    expect(shelf, &query, "a1 a2 a3 b1 b2 b3", false, true);
}

static void search_leaves_out_what_the_journal_has(void **state)
{
    struct shelf *shelf = *state;
    add_events(shelf->now, RUN_A, 1, 1);
    add_events(shelf->now, RUN_OWN, 1, 5);
    struct history_query query = everything;
    query.own_first = 3;
    expect(shelf, &query, "a1 01 02", false, false);
}

static void search_pages_on_to_the_last_event(void **state)
{
    struct shelf *shelf = *state;
    add_events(shelf->now, RUN_A, 1, 5);
    struct history_query query = everything;
    query.limit = 2;
    expect(shelf, &query, "a1 a2", true, false);
    query.run_id = RUN_A;
    query.seq = shelf->page.seq;
    expect(shelf, &query, "a3 a4", true, false);
    query.seq = shelf->page.seq;
    expect(shelf, &query, "a5", false, false);
}

/* A clock that is set back must not make anybody read in circles, nor miss anything. */
static void search_pages_on_over_a_clock_that_was_set_back(void **state)
{
    struct shelf *shelf = *state;
    for (uint64_t seq = 1; seq <= 9; seq++)
        add_event(shelf->now, RUN_A, seq, "door", seq <= 3 || seq > 6 ? 5000 : 10);
    struct history_query query = everything;
    query.from_ns = 5000;
    query.limit = 4;
    expect(shelf, &query, "a1 a2 a3 a7", true, false);
    query.run_id = RUN_A;
    query.seq = shelf->page.seq;
    expect(shelf, &query, "a8 a9", false, false);
}

/* Every way through two files of many blocks gives the same events, with indexes and without. */
static unsigned read_all(struct shelf *shelf, struct history_query query, struct buffer *seqs)
{
    char run_id[9] = "";
    unsigned pages = 0;
    bool more = true;
    for (; more; pages++) {
        const struct history_page *page = search(shelf, &query);
        append_seqs(page, seqs);
        assert_false(page->is_missing);
        memcpy(run_id, page->run_id, sizeof run_id);
        more = page->is_partial;
        query.run_id = run_id;
        query.seq = page->seq;
    }
    return pages;
}

static void search_finds_the_same_with_indexes_and_without(void **state)
{
    struct shelf *shelf = *state;
    enum { EVENTS = 20000 };
    struct buffer expected;
    struct buffer found;
    buffer_init(&expected, SEQS_MAX);
    buffer_init(&found, SEQS_MAX);
    add_events(shelf->before, RUN_A, 1, EVENTS / 2);
    add_events(shelf->now, RUN_A, EVENTS / 2 + 1, EVENTS);
    for (unsigned seq = 150; seq < EVENTS - 30; seq += 10)
        (void)buffer_printf(&expected, "%sa%u", expected.length > 0 ? " " : "", seq);
    struct history_query query = everything;
    query.from_ns = 150 * 1000;
    query.to_ns = (EVENTS - 30) * 1000;
    query.line = "door";
    query.limit = 300;
    unsigned pages = read_all(shelf, query, &found);
    assert_string_equal(buffer_text(&found), buffer_text(&expected));
    assert_true(pages >= EVENTS / 10 / 300);
    buffer_clear(&found);
    read_indexes(shelf);
    assert_true(shelf->indexes[0].count > 10);
    (void)read_all(shelf, query, &found);
    assert_string_equal(buffer_text(&found), buffer_text(&expected));
    buffer_done(&expected);
    buffer_done(&found);
}

/* One day of a line that seldom changes is one answer, however much else there is. */
static void search_looks_only_into_blocks_that_may_have_it(void **state)
{
    struct shelf *shelf = *state;
    FILE *file = fopen(shelf->now, "ae");
    assert_non_null(file);
    for (uint64_t seq = 1; seq <= 40000; seq++)
        print_event(file, RUN_A, seq, seq % 20000 == 5000 ? "bell" : "light", (int64_t)seq);
    assert_int_equal(fclose(file), 0);
    struct history_query query = everything;
    query.line = "bell";
    read_indexes(shelf);
    expect(shelf, &query, "a5000 a25000", false, false);
}

/* An index of a file that has grown since is right as far as it reaches. */
static void search_reads_what_was_written_after_the_index(void **state)
{
    struct shelf *shelf = *state;
    add_events(shelf->now, RUN_A, 1, 999);
    read_indexes(shelf);
    add_event(shelf->now, RUN_B, 1, "bell", 5);
    struct history_query query = everything;
    query.line = "bell";
    expect(shelf, &query, "b1", false, false);
    read_indexes(shelf);
    expect(shelf, &query, "b1", false, false);
}

static void search_waits_for_no_fifo(void **state)
{
    struct shelf *shelf = *state;
    assert_int_equal(mkfifo(shelf->now, 0600), 0);
    expect(shelf, &everything, "", false, true);
}

static void search_reads_a_file_of_rubbish_to_its_end(void **state)
{
    struct shelf *shelf = *state;
    FILE *file = fopen(shelf->now, "ae");
    assert_non_null(file);
    for (unsigned i = 0; i < 5 * HISTORY_BLOCK_BYTES; i++)
        assert_int_equal(fputc('x', file), 'x');
    assert_int_equal(fputc('\n', file), '\n');
    assert_int_equal(fclose(file), 0);
    add_events(shelf->now, RUN_A, 1, 2);
    expect(shelf, &everything, "a1 a2", false, false);
    read_indexes(shelf);
    expect(shelf, &everything, "a1 a2", false, false);
}

static void line_of_history_is_read_by_members_that_are_no_text(void **state)
{
    (void)state;
    struct history_head head;
    static const char text[] = "{\"boot\":\"0123abcd\",\"seq\":7,\"line\":\"red\",\"value\":1,"
                               "\"time_ns\":12,\"source\":\"x\\\",\\\"time_ns\\\":99\"}";
    assert_int_equal(history_line_read(text, strlen(text), &head), HISTORY_LINE_EVENT);
    assert_true(head.seq == 7 && head.time_ns == 12 && head.line_length == 3);
    static const char scene[] = "{\"boot\":\"0123abcd\",\"seq\":7,\"scene\":\"s\",\"line\":null,"
                                "\"time_ns\":12}";
    assert_int_equal(history_line_read(scene, strlen(scene), &head), HISTORY_LINE_EVENT);
    assert_int_equal(head.line_length, 0);
}

#define SEARCH_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest rules[] = {
        SEARCH_TEST(search_gives_both_files_oldest_first),
        SEARCH_TEST(search_takes_from_and_leaves_to),
        SEARCH_TEST(search_picks_a_line_by_its_whole_name),
        SEARCH_TEST(search_says_that_older_ones_are_deleted),
        SEARCH_TEST(search_says_where_events_were_lost),
        SEARCH_TEST(search_passes_over_what_is_no_json),
        SEARCH_TEST(search_begins_after_an_event_of_any_run),
        SEARCH_TEST(search_leaves_out_what_the_journal_has),
        SEARCH_TEST(search_pages_on_to_the_last_event),
        SEARCH_TEST(search_pages_on_over_a_clock_that_was_set_back),
        SEARCH_TEST(search_finds_the_same_with_indexes_and_without),
        SEARCH_TEST(search_looks_only_into_blocks_that_may_have_it),
        SEARCH_TEST(search_reads_what_was_written_after_the_index),
        SEARCH_TEST(search_waits_for_no_fifo),
        SEARCH_TEST(search_reads_a_file_of_rubbish_to_its_end),
        cmocka_unit_test(line_of_history_is_read_by_members_that_are_no_text),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
