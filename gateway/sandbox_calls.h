/* The filter of system calls as a program, for sandbox.c and its test. */
#ifndef GATEWAY_SANDBOX_CALLS_H
#define GATEWAY_SANDBOX_CALLS_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { SANDBOX_PROGRAM_MAX = 1024 }; /* instructions; the kernel takes 4,096 */

struct sandbox_program {
    size_t length;
    struct sock_filter items[SANDBOX_PROGRAM_MAX];
};

/* Makes the program for the process `self`. 0, or -ENOSYS on a machine whose calls are not known. */
int sandbox_program_make(struct sandbox_program *ret_program, pid_t self);

/* The name of a call that is allowed (`*ret_is_allowed`) or refused with EPERM; NULL behind the last. */
const char *sandbox_call_at(size_t index, bool *ret_is_allowed);

#endif
