/* Telling the service manager (sd_notify(3)) by libsystemd; nothing happens without a manager or
 * without the library. */
#ifndef NOTIFY_H
#define NOTIFY_H

#include <stdbool.h>

/* Whether a service manager listens: $NOTIFY_SOCKET is set. */
bool notify_is_heard(void);

void notify_ready(void);
void notify_reloading(void);
void notify_stopping(void);

/* Gives the manager a copy of `fd` (borrowed) to keep beyond the end of this process. The next one
 * gets it at its start, under `name`: at most 255 bytes, no colon, no control byte
 * (sd_pid_notify_with_fds(3), FDSTORE=1). */
void notify_keep(const char *name, int fd);

/* The manager closes every descriptor that it keeps under `name` (FDSTOREREMOVE=1). */
void notify_forget(const char *name);

/* Waits until the manager has done what it was told before, half a second at most
 * (sd_notify_barrier(3)). */
void notify_wait(void);

#endif
