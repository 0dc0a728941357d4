/* The journal: a ring of the circuit's last events. `seq` grows by exactly one with each event of a
 * run; `run_id` names the run. Every follower of the circuit is a cursor here: it remembers the `seq`
 * that it has seen, reads on from there, and takes a snapshot when the ring has passed it. */
#ifndef CIRCUIT_JOURNAL_H
#define CIRCUIT_JOURNAL_H

#include "base/list.h"
#include "circuit/command.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    JOURNAL_RUN_ID_SIZE = 9,  /* eight hex digits and a NUL */
    JOURNAL_CURSOR_SIZE = 36, /* "9f3c61d2-18446744073709551615" and room to print it */
    JOURNAL_EVENTS_MIN = 16,
    JOURNAL_EVENTS_DEFAULT = 65536,
    JOURNAL_EVENTS_MAX = 1048576,
};

enum event_cause {
    EVENT_SET,
    EVENT_TOGGLE,
    EVENT_PULSE,
    EVENT_BLINK,
    EVENT_PWM,
    EVENT_EDGE,
    EVENT_INTERLOCK,
    EVENT_LIMIT,
    EVENT_LEASE,
    EVENT_RULE,
    EVENT_START,
    EVENT_STOP,
    EVENT_AVAILABILITY, /* the chip went away or came back */
    EVENT_LOCK,
    EVENT_RELOAD,
    EVENT_COUNT, /* a counter was set */
    EVENT_SCENE, /* a program began or ended: the event is of a scene, not of a line */
};

/* The `value` of an event of a scene. */
enum event_scene_state { SCENE_STARTED, SCENE_ENDED, SCENE_STOPPED, SCENE_FAILED };

/* "started", "ended", "stopped", "failed" */
const char *event_scene_state_name(unsigned state);

/* "set", "toggle", … as the interface names them. */
const char *event_cause_name(enum event_cause cause);

/* What of the line an event changed besides the value: a client shows these anew. */
enum event_detail {
    EVENT_HAS_ACTION = 1 << 0,
    EVENT_HAS_PWM = 1 << 1,
    EVENT_HAS_LEASE = 1 << 2,
    EVENT_HAS_LOCK = 1 << 3,
    EVENT_HAS_AVAILABLE = 1 << 4,
    EVENT_HAS_COUNT = 1 << 5, /* `count` is that of the line's counter */
};

struct event {
    uint64_t seq;
    int64_t time_ns;    /* wall clock since 1970 */
    int64_t edge_ns;    /* the kernel's monotonic time of an edge; 0 when it is none */
    uint32_t line_name; /* interned texts of the journal: see journal_text() */
    uint32_t source;
    uint32_t rule;  /* 0 for none; EVENT_SCENE: the reason of an early end */
    uint32_t lost;  /* edges known to be lost just before this one */
    uint64_t count; /* with EVENT_HAS_COUNT */
    float duty, hz; /* with EVENT_HAS_PWM; hz 0 when it ended */
    uint16_t line;  /* index in the circuit at the time of the event; EVENT_SCENE: of the scene */
    uint16_t step;  /* EVENT_SCENE: the step that ran last */
    uint8_t value;
    uint8_t cause;   /* enum event_cause */
    uint8_t details; /* enum event_detail */
    uint8_t role;    /* enum role, that the source was let in with */
};

struct journal;

/* `events` is the ring's size, `run_id` eight hex digits. 0 or -ENOMEM. Memory is touched as it fills. */
int journal_new(uint32_t events, const char *run_id, struct journal **ret_journal);
struct journal *journal_free(struct journal *journal);

const char *journal_run_id(const struct journal *journal);

/* Seq of the newest event; 0 before the first. */
uint64_t journal_last(const struct journal *journal);

/* Seq of the oldest event that is still there; journal_last() + 1 when there is none. */
uint64_t journal_first(const struct journal *journal);

/* Goes on with the run of another process. First of a journal without events: the next one gets the seq
 * after `before`. Then, once those of the other process were appended, with its last one. */
void journal_continue(struct journal *journal, const char *run_id, uint64_t before);

/* Seq of the last event of the process before; 0 where this one began the run. */
uint64_t journal_before(const struct journal *journal);

/* The event `seq`, or NULL when it is not there (any more). Borrowed until the next append. */
const struct event *journal_get(const struct journal *journal, uint64_t seq);

/* A line name, source or rule of an event. Borrowed until the next append. */
const char *journal_text(const struct journal *journal, uint32_t text_id);

/* Whether an event is of the line of that name. */
bool journal_is_of_line(const struct journal *journal, const struct event *event, const char *line);

/* Appends an event with the next seq, which it returns; `event` gives all but seq, line_name,
 * source, role and rule, which are `by` and texts here (`rule` may be NULL). Nothing can fail: when
 * there is no memory for a text, the event carries "?" instead. */
uint64_t journal_append(struct journal *journal, const struct event *event, const char *line_name,
                        const struct origin *by, const char *rule);

/* Reads "<boot>-<seq>". True when it is of this run and everything after it can still be read, so
 * that a cursor may start there; then `*ret_seq` is set. False: take a snapshot. */
bool journal_resume(const struct journal *journal, const char *cursor, uint64_t *ret_seq);

/* True when `cursor` has the form "<8 hex digits>-<number>". */
bool journal_cursor_is_valid(const char *cursor);

/* Writes "<boot>-<seq>"; returns `text`. */
char *journal_cursor(const struct journal *journal, uint64_t seq, char text[JOURNAL_CURSOR_SIZE]);

/* Upward flow: called after each append. A follower lives in its owner. It must not append. */
struct journal_follower {
    struct list in_journal;
    void (*appended)(void *context);
    void *context;
};
void journal_follow(struct journal *journal, struct journal_follower *follower);
void journal_unfollow(struct journal_follower *follower);

#endif
