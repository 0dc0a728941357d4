/* What the gateway gives up before it reads a peer's first byte: system calls that it does not make (seccomp(2)), and
 * files that are not its own (landlock(7)). A call or a file that was forgotten here fails like one that the kernel
 * does not have, and the kernel's log names it; nothing is ended for it. $GPIO_GATEWAY_SANDBOX=off leaves all
 * as it was. */
#ifndef GATEWAY_SANDBOX_H
#define GATEWAY_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

enum { SANDBOX_PATHS_MAX = 64 };

/* Folders and files, borrowed; those that do not exist are passed over. */
struct sandbox_paths {
    const char *read[SANDBOX_PATHS_MAX]; /* beside those of the system */
    size_t read_count;
    const char *write[SANDBOX_PATHS_MAX];
    size_t write_count;
};

/* False where it was switched off, or the build checks addresses (sanitizers make calls of their own). */
bool sandbox_is_wanted(void);

/* Closes it for this thread and those that it starts from now on. Logs a warning where the kernel refuses a part of it,
 * and goes without what the kernel or the build has not. 0; -ENOMEM, -EMFILE, -ENFILE or -EAGAIN where there was no room
 * for all of it: then it is not whole, and nobody may be served. */
int sandbox_close(const struct sandbox_paths *paths);

/* The parts of it. 0; -ENOSYS where the kernel or the build has it not; another negative errno. */
int sandbox_close_calls(void);
int sandbox_close_files(const struct sandbox_paths *paths);

#endif
