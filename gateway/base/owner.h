/* Scope-bound owners: a variable marked AUTO_… cleans up when it leaves its scope.
 * GCC and clang attribute `cleanup`; use either these or one `goto fail`, never both. */
#ifndef BASE_OWNER_H
#define BASE_OWNER_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void owner_close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

static inline void owner_fclose(FILE **file)
{
    if (*file)
        (void)fclose(*file);
}

#define AUTO_FD __attribute__((cleanup(owner_close_fd))) int
#define AUTO_FILE __attribute__((cleanup(owner_fclose))) FILE *

/* Gives the descriptor away: the scope no longer closes it. */
static inline int owner_release_fd(int *fd)
{
    int taken = *fd;
    *fd = -1;
    return taken;
}

#define ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* The structure of `type` whose member `member` stands at `pointer`. */
#define CONTAINER_OF(pointer, type, member)                                                        \
    ((type *)(void *)((char *)(pointer) - __builtin_offsetof(type, member)))

#endif
