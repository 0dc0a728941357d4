/* What one client has seen: the last event, and the value of each line. */
#ifndef SOAK_VIEW_H
#define SOAK_VIEW_H

#include <stdbool.h>
#include <stdint.h>

enum { VIEW_LINES_MAX = 16, VIEW_BOOT_SIZE = 16 };

struct view {
    char boot[VIEW_BOOT_SIZE]; /* "" before the first snapshot */
    uint64_t seq;
    int values[VIEW_LINES_MAX]; /* -1: not seen */
};

void view_init(struct view *view);

/* The place of a line's name, which ends with a quote, `=`, blank or line end. Ends the program over the maximum. */
int view_line(const char *text);
const char *view_name(int line);

/* Takes one message. 1; 0 for an answer, which tells nothing; -1 where it is not the event behind the last. */
int view_take(struct view *view, const char *text, bool is_snapshot);

/* Where a mark ends in a text; NULL where it is not there. */
const char *view_behind(const char *text, const char *mark);

#endif
