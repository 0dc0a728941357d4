#include "circuit/journal.h"

#include "base/number.h"
#include "base/owner.h"
#include "circuit/interned.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct journal {
    char run_id[JOURNAL_RUN_ID_SIZE];
    uint64_t last;
    uint64_t before; /* the events up to this one are not of this process */
    uint64_t oldest; /* from this one on they were here at all */
    uint32_t size;
    struct event *ring; /* event `seq` stands at (seq - 1) % size */
    struct interned interned;
    struct list followers;
};

static const char *const cause_names[] = {
    [EVENT_SET] = "set",
    [EVENT_TOGGLE] = "toggle",
    [EVENT_PULSE] = "pulse",
    [EVENT_BLINK] = "blink",
    [EVENT_PWM] = "pwm",
    [EVENT_EDGE] = "edge",
    [EVENT_INTERLOCK] = "interlock",
    [EVENT_LIMIT] = "limit",
    [EVENT_LEASE] = "lease",
    [EVENT_RULE] = "rule",
    [EVENT_START] = "start",
    [EVENT_STOP] = "stop",
    [EVENT_AVAILABILITY] = "availability",
    [EVENT_LOCK] = "lock",
    [EVENT_RELOAD] = "reload",
    [EVENT_COUNT] = "count",
    [EVENT_SCENE] = "scene",
};

const char *event_cause_name(enum event_cause cause)
{
    return (size_t)cause < ARRAY_LENGTH(cause_names) ? cause_names[cause] : "?";
}

const char *event_scene_state_name(unsigned state)
{
    static const char *const names[] = {"started", "ended", "stopped", "failed"};
    return state < ARRAY_LENGTH(names) ? names[state] : "?";
}

int journal_new(uint32_t events, const char *run_id, struct journal **ret_journal)
{
    struct journal *journal = calloc(1, sizeof *journal);
    if (!journal)
        return -ENOMEM;
    list_init(&journal->followers);
    (void)snprintf(journal->run_id, sizeof journal->run_id, "%s", run_id);
    journal->size = events;
    journal->oldest = 1;
    /* calloc() of a big block maps pages that are not there until an event is written to them. */
    journal->ring = calloc(events, sizeof *journal->ring);
    if (!journal->ring || interned_init(&journal->interned) < 0) {
        free(journal->ring);
        free(journal);
        return -ENOMEM;
    }
    *ret_journal = journal;
    return 0;
}

struct journal *journal_free(struct journal *journal)
{
    if (!journal)
        return NULL;
    LIST_FOR_EACH (member, &journal->followers)
        list_remove(member);
    interned_done(&journal->interned);
    free(journal->ring);
    free(journal);
    return NULL;
}

const char *journal_run_id(const struct journal *journal)
{
    return journal->run_id;
}

uint64_t journal_last(const struct journal *journal)
{
    return journal->last;
}

uint64_t journal_first(const struct journal *journal)
{
    uint64_t in_ring = journal->last < journal->size ? 1 : journal->last - journal->size + 1;
    return in_ring > journal->oldest ? in_ring : journal->oldest;
}

void journal_continue(struct journal *journal, const char *run_id, uint64_t before)
{
    (void)snprintf(journal->run_id, sizeof journal->run_id, "%s", run_id);
    if (journal->last != before) {
        assert(journal->last == 0);
        journal->last = before;
        journal->oldest = before + 1;
    }
    journal->before = before;
}

uint64_t journal_before(const struct journal *journal)
{
    return journal->before;
}

const struct event *journal_get(const struct journal *journal, uint64_t seq)
{
    if (seq < journal_first(journal) || seq > journal->last)
        return NULL;
    return &journal->ring[(seq - 1) % journal->size];
}

const char *journal_text(const struct journal *journal, uint32_t text_id)
{
    return interned_text(&journal->interned, text_id);
}

bool journal_is_of_line(const struct journal *journal, const struct event *event, const char *line)
{
    return event->cause != EVENT_SCENE &&
           strcmp(journal_text(journal, event->line_name), line) == 0;
}

uint64_t journal_append(struct journal *journal, const struct event *event, const char *line_name,
                        const struct origin *by, const char *rule)
{
    struct event *slot = &journal->ring[journal->last % journal->size];
    struct event passed = *slot;
    *slot = *event;
    slot->line_name = interned_take(&journal->interned, line_name);
    slot->source = interned_take(&journal->interned, by->source);
    slot->rule = interned_take(&journal->interned, rule);
    slot->role = (uint8_t)by->role;
    slot->seq = ++journal->last;
    /* After the new ones were taken: a text that stays in use is not freed and made again. */
    interned_drop(&journal->interned, passed.line_name);
    interned_drop(&journal->interned, passed.source);
    interned_drop(&journal->interned, passed.rule);
    uint64_t seq = slot->seq;
    LIST_FOR_EACH (member, &journal->followers) {
        struct journal_follower *follower =
            CONTAINER_OF(member, struct journal_follower, in_journal);
        follower->appended(follower->context);
    }
    return seq;
}

/* The number after "<8 hex digits>-": 0 and set, -EINVAL for another form, -ERANGE for a number
 * that no run of ours reaches. */
static int read_cursor(const char *cursor, int64_t *ret_seq)
{
    for (size_t i = 0; i < JOURNAL_RUN_ID_SIZE - 1; i++)
        if (!isxdigit((unsigned char)cursor[i]))
            return -EINVAL;
    const char *number = cursor + JOURNAL_RUN_ID_SIZE;
    if (number[-1] != '-' || !isdigit((unsigned char)number[0]))
        return -EINVAL;
    return number_parse(number, 0, INT64_MAX, ret_seq);
}

bool journal_cursor_is_valid(const char *cursor)
{
    int64_t seq;
    return read_cursor(cursor, &seq) != -EINVAL;
}

bool journal_resume(const struct journal *journal, const char *cursor, uint64_t *ret_seq)
{
    int64_t number;
    if (read_cursor(cursor, &number) != 0 ||
        strncmp(cursor, journal->run_id, JOURNAL_RUN_ID_SIZE - 1) != 0)
        return false;
    uint64_t seq = (uint64_t)number;
    if (seq > journal->last || seq + 1 < journal_first(journal))
        return false;
    *ret_seq = seq;
    return true;
}

char *journal_cursor(const struct journal *journal, uint64_t seq, char text[JOURNAL_CURSOR_SIZE])
{
    memcpy(text, journal->run_id, JOURNAL_RUN_ID_SIZE - 1);
    text[JOURNAL_RUN_ID_SIZE - 1] = '-';
    size_t digits = number_print_unsigned(seq, text + JOURNAL_RUN_ID_SIZE);
    text[JOURNAL_RUN_ID_SIZE + digits] = '\0';
    return text;
}

void journal_follow(struct journal *journal, struct journal_follower *follower)
{
    list_append(&journal->followers, &follower->in_journal);
}

void journal_unfollow(struct journal_follower *follower)
{
    list_remove(&follower->in_journal);
}
