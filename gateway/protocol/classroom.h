/* A class that follows its teacher through the socket lesson: which step is shown, how many of its calls, and
 * the teacher's last run, so that everybody sees the same values. Only the present state is kept, so
 * however fast the teacher goes, a slow client gets only the newest state. */
#ifndef PROTOCOL_CLASSROOM_H
#define PROTOCOL_CLASSROOM_H

#include "base/list.h"
#include "base/name.h"

#include <stdint.h>

struct buffer;
struct demonstration;
struct json_writer;

/* Told when the state has changed. Lives in its owner. */
struct classroom_subscriber {
    struct list in_classroom;
    void (*changed)(void *context);
    void *context;
};

struct classroom {
    uint64_t number;           /* of the last change; 0 while nobody has taught */
    uint32_t teacher;          /* the connection that teaches; 0 for none */
    char step[NAME_SIZE];      /* of the lesson; "" before the first */
    uint32_t shown;            /* calls of the run that are seen */
    uint64_t run_number;       /* of the run; 0 for none at this step */
    struct demonstration *run; /* owned; NULL for none */
    struct list subscribers;
};

void classroom_init(struct classroom *classroom);

/* Frees the run. Legal for one that is all zero. */
void classroom_done(struct classroom *classroom);

void classroom_listen(struct classroom *classroom, struct classroom_subscriber *subscriber);

/* Connection `teacher` shows `step` with `shown` calls. The connection that shows last is the
 * teacher. A new step has no run yet. */
void classroom_show(struct classroom *classroom, uint32_t teacher, const char *step,
                    uint32_t shown);

/* The teacher's run of the present step, which is copied; one of another connection or step is not taken.
 * 0 or -ENOMEM. */
int classroom_keep_run(struct classroom *classroom, uint32_t teacher,
                       const struct demonstration *run);

/* Connection `id` ended, or stops teaching: if it is the teacher's, the class gets a notification. The step stays. */
void classroom_leave(struct classroom *classroom, uint32_t id);

/* Writes the members of the state for connection `reader`: n, step, shown, run (a number), present, and
 * whether it is `you` who teach. */
void classroom_write(const struct classroom *classroom, uint32_t reader,
                     struct json_writer *writer);

/* Appends the JSON-RPC notification `lesson.shown` for connection `reader`. 0 or the error of `buffer`. */
int classroom_encode(const struct classroom *classroom, uint32_t reader, struct buffer *buffer);

#endif
