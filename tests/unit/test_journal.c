#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/owner.h"
#include "circuit/interned.h"
#include "circuit/journal.h"

#include <stdio.h>
#include <string.h>

#define BOOT "9f3c61d2"

static struct journal *open_journal(uint32_t events)
{
    struct journal *journal;
    assert_int_equal(journal_new(events, BOOT, &journal), 0);
    return journal;
}

static uint64_t append(struct journal *journal, const char *source)
{
    struct event event = {.cause = EVENT_SET, .value = 1};
    struct origin by = {.role = ROLE_OPERATOR};
    (void)snprintf(by.source, sizeof by.source, "%s", source);
    return journal_append(journal, &event, "red", &by, NULL);
}

static void seq_grows_by_one_from_one(void **state)
{
    (void)state;
    struct journal *journal = open_journal(16);
    assert_int_equal(journal_last(journal), 0);
    assert_int_equal(journal_first(journal), 1);
    for (uint64_t seq = 1; seq <= 100; seq++) {
        assert_int_equal(append(journal, "http:a"), seq);
        assert_int_equal(journal_last(journal), seq);
    }
    journal = journal_free(journal);
}

static void ring_keeps_the_last_events(void **state)
{
    (void)state;
    struct journal *journal = open_journal(16);
    for (int i = 0; i < 16; i++)
        (void)append(journal, "a");
    assert_int_equal(journal_first(journal), 1);
    (void)append(journal, "a");
    assert_int_equal(journal_first(journal), 2);
    assert_null(journal_get(journal, 1));
    assert_int_equal(journal_get(journal, 2)->seq, 2);
    assert_int_equal(journal_get(journal, 17)->seq, 17);
    assert_null(journal_get(journal, 18));
    assert_null(journal_get(journal, 0));
    journal = journal_free(journal);
}

static void events_keep_their_texts_while_others_pass(void **state)
{
    (void)state;
    struct journal *journal = open_journal(16);
    char source[32];
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(source, sizeof source, "http:%d", i);
        (void)append(journal, source);
    }
    for (uint64_t seq = journal_first(journal); seq <= journal_last(journal); seq++) {
        const struct event *event = journal_get(journal, seq);
        (void)snprintf(source, sizeof source, "http:%d", (int)seq - 1);
        assert_string_equal(journal_text(journal, event->source), source);
        assert_string_equal(journal_text(journal, event->line_name), "red");
        assert_int_equal(event->rule, 0);
        assert_string_equal(journal_text(journal, event->rule), "");
    }
    journal = journal_free(journal);
}

static void texts_are_kept_once_and_freed_with_their_last_event(void **state)
{
    (void)state;
    struct interned interned;
    char text[24];
    assert_int_equal(interned_init(&interned), 0);
    uint32_t first = interned_take(&interned, "one");
    assert_int_equal(interned_take(&interned, "one"), first);
    assert_int_not_equal(interned_take(&interned, "two"), first);
    interned_drop(&interned, first);
    assert_string_equal(interned_text(&interned, first), "one");
    interned_drop(&interned, first);
    for (int i = 0; i < 1000; i++) { /* one at a time needs two places, not a thousand */
        (void)snprintf(text, sizeof text, "text %d", i);
        interned_drop(&interned, interned_take(&interned, text));
    }
    assert_int_equal(interned.count, 2);
    interned_done(&interned);
}

static void many_texts_at_once_are_all_found(void **state)
{
    (void)state;
    struct interned interned;
    uint32_t taken[500];
    char text[24];
    assert_int_equal(interned_init(&interned), 0);
    for (int i = 0; i < 500; i++) {
        (void)snprintf(text, sizeof text, "text %d", i);
        taken[i] = interned_take(&interned, text);
    }
    for (int i = 0; i < 500; i++) {
        (void)snprintf(text, sizeof text, "text %d", i);
        assert_int_equal(interned_take(&interned, text), taken[i]);
        assert_string_equal(interned_text(&interned, taken[i]), text);
    }
    interned_done(&interned);
}

static void cursor_resumes_where_nothing_is_missing(void **state)
{
    (void)state;
    struct journal *journal = open_journal(16);
    uint64_t seq = 99;
    char text[JOURNAL_CURSOR_SIZE];
    assert_true(journal_resume(journal, BOOT "-0", &seq));
    assert_int_equal(seq, 0);
    for (int i = 0; i < 20; i++)
        (void)append(journal, "a");
    assert_string_equal(journal_cursor(journal, 20, text), BOOT "-20");
    assert_true(journal_resume(journal, text, &seq));
    assert_int_equal(seq, 20);
    assert_true(journal_resume(journal, BOOT "-4", &seq)); /* 5 to 20 are there */
    assert_int_equal(seq, 4);
    assert_false(journal_resume(journal, BOOT "-3", &seq));
    assert_false(journal_resume(journal, BOOT "-21", &seq));
    assert_false(journal_resume(journal, "00000000-20", &seq));
    assert_int_equal(seq, 4);
    journal = journal_free(journal);
}

static void cursor_has_eight_digits_and_a_number(void **state)
{
    (void)state;
    static const char *const valid[] = {BOOT "-0", BOOT "-42", "00000000-18446744073709551615"};
    static const char *const wrong[] = {"",           "9f3c61d2",    BOOT "-",   BOOT "--1",
                                        "9f3c61d-42", BOOT "-4x",    BOOT "42",  "9f3c61dg-42",
                                        BOOT "-042",  "9f3c61d24-2", BOOT "- 1", BOOT "-+1"};
    for (size_t i = 0; i < ARRAY_LENGTH(valid); i++)
        assert_true(journal_cursor_is_valid(valid[i]));
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++)
        assert_false(journal_cursor_is_valid(wrong[i]));
}

struct reader {
    struct journal_follower follower;
    int heard;
    bool leaves;
};

static void hear(void *context)
{
    struct reader *reader = context;
    reader->heard++;
    if (reader->leaves)
        journal_unfollow(&reader->follower);
}

static void followers_are_told_after_each_append_until_they_leave(void **state)
{
    (void)state;
    struct journal *journal = open_journal(16);
    struct reader a = {.follower = {.appended = hear, .context = &a}, .leaves = true};
    struct reader b = {.follower = {.appended = hear, .context = &b}};
    journal_follow(journal, &a.follower);
    journal_follow(journal, &b.follower);
    (void)append(journal, "a");
    (void)append(journal, "a");
    assert_int_equal(a.heard, 1);
    assert_int_equal(b.heard, 2);
    journal_unfollow(&b.follower);
    journal_unfollow(&b.follower);
    (void)append(journal, "a");
    assert_int_equal(b.heard, 2);
    journal = journal_free(journal);
}

static void every_cause_has_its_name(void **state)
{
    (void)state;
    assert_string_equal(event_cause_name(EVENT_SET), "set");
    assert_string_equal(event_cause_name(EVENT_RELOAD), "reload");
    for (int cause = EVENT_SET; cause <= EVENT_RELOAD; cause++)
        assert_true(strlen(event_cause_name((enum event_cause)cause)) >= 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seq_grows_by_one_from_one),
        cmocka_unit_test(ring_keeps_the_last_events),
        cmocka_unit_test(events_keep_their_texts_while_others_pass),
        cmocka_unit_test(texts_are_kept_once_and_freed_with_their_last_event),
        cmocka_unit_test(many_texts_at_once_are_all_found),
        cmocka_unit_test(cursor_resumes_where_nothing_is_missing),
        cmocka_unit_test(cursor_has_eight_digits_and_a_number),
        cmocka_unit_test(followers_are_told_after_each_append_until_they_leave),
        cmocka_unit_test(every_cause_has_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
