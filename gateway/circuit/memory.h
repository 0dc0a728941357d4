/* What outlives a run of the program: the values of `initial: "last"` and the counters of edges. The
 * owner of the disk stores them and fills this structure. */
#ifndef CIRCUIT_MEMORY_H
#define CIRCUIT_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

struct circuit_memory {
    void *context;
    /* Value last commanded for a line: 0, 1, or -1 when nothing is stored. */
    int (*recall)(void *context, const char *line);
    /* A commanded value changed; called at most once a command and line. */
    void (*remember)(void *context, const char *line, int value);
    /* The number from which the line's counter of edges goes on; NULL for 0. The owner stores what
     * circuit_line() reports. */
    uint64_t (*recall_edges)(void *context, const char *line);
    /* The run before ended in order: a line that is taken over from it is at its safe value and begins
     * with `initial` from there. A line that holds its value goes on. */
    bool ended;
    /* Outputs were handed over from the run before: any of them may be on. */
    bool goes_on;
};

#endif
