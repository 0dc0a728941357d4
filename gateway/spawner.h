/* A thread that forks for the gateway: it begins before the sandbox closes (see sandbox.h), so that what it starts is
 * fenced by neither the filter of system calls nor the rules for files, as no helper could live with them. It
 * holds no lock and reads nothing but requests of its own process. */
#ifndef GATEWAY_SPAWNER_H
#define GATEWAY_SPAWNER_H

#include <sys/types.h>

struct spawner;

/* `child` runs in each forked process with the context of spawner_fork(); between fork(2) and execve(2) it makes
 * only system calls, and it does not return. 0 or a negative errno. */
int spawner_new(void (*child)(const void *context), struct spawner **ret_spawner);

/* Forks: the new process is a child of this process's first thread, which waits for it and with which it ends where it
 * asks for that by PR_SET_PDEATHSIG (prctl(2)). Its pid, or a negative errno. */
pid_t spawner_fork(struct spawner *spawner, const void *context);

/* NULL is legal; returns NULL. */
struct spawner *spawner_free(struct spawner *spawner);

#endif
