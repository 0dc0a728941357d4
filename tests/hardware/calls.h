/* Every ioctl(2) of the process, written down with the level that a pin has afterwards. */
#ifndef TEST_CALLS_H
#define TEST_CALLS_H

#include <stdbool.h>
#include <stddef.h>

enum { CALLS_MAX = 256 };

struct calls {
    bool watching;
    unsigned offset; /* of the pin that is looked at */
    size_t count;    /* calls that claim, set or configure lines */
    size_t claims;   /* those among them that claim */
    int levels[CALLS_MAX];
};
extern struct calls calls;

/* Forgets what was written down and starts; calls_stop() ends it. */
void calls_start(unsigned offset);
void calls_stop(void);

#endif
