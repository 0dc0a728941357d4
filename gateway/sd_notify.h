/* Telling the service manager (sd_notify(3)) by libsystemd; nothing happens without a manager or
 * without the library. */
#ifndef SD_NOTIFY_H
#define SD_NOTIFY_H

#include <stdbool.h>

/* Whether a service manager listens: $NOTIFY_SOCKET is set. */
bool service_manager_is_heard(void);

void service_manager_ready(void);
void service_manager_reloading(void);
void service_manager_stopping(void);

/* Gives the manager a copy of `fd` (borrowed) to keep beyond the end of this process. The next one
 * gets it at its start, under `name`: at most 255 bytes, no colon, no control byte
 * (sd_pid_notify_with_fds(3), FDSTORE=1). */
void service_manager_keep(const char *name, int fd);

/* The manager closes every descriptor that it keeps under `name` (FDSTOREREMOVE=1). */
void service_manager_forget(const char *name);

/* Waits until the manager has done what it was told before, half a second at most
 * (sd_notify_barrier(3)). */
void service_manager_wait(void);

#endif
