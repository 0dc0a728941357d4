/* Reports the state of the gateway to the service manager, and passes it descriptors to keep (sd_notify(3),
 * sd_pid_notify_with_fds(3)), by messages to the socket in $NOTIFY_SOCKET. Every function accepts NULL for
 * "no manager" and then does nothing. */
#ifndef SD_NOTIFY_H
#define SD_NOTIFY_H

#include <stdbool.h>

struct sd_notify;
struct socket_register;

/* Opens a socket to the manager, which is in `reg` (borrowed) like every other. 0, also without a manager
 * (`*ret_manager` is then NULL); -EINVAL for a name that is no address; another negative errno. */
int sd_notify_new(struct socket_register *reg, struct sd_notify **ret_manager);
struct sd_notify *sd_notify_free(struct sd_notify *manager);

void sd_notify_ready(struct sd_notify *manager);
void sd_notify_reloading(struct sd_notify *manager);
void sd_notify_stopping(struct sd_notify *manager);

/* Passes the manager a copy of `fd` (borrowed) to keep after the end of this process. The next process
 * gets it at its start, under `name`: at most 255 bytes, no colon, no control byte (FDSTORE=1). */
void sd_notify_keep(struct sd_notify *manager, const char *name, int fd);

/* Asks the manager to close every descriptor with this name (FDSTOREREMOVE=1). */
void sd_notify_forget(struct sd_notify *manager, const char *name);

/* Whether the newest message did not reach the manager. */
bool sd_notify_failed(const struct sd_notify *manager);

/* Waits until the manager has processed the messages before, half a second at most
 * (sd_notify_barrier(3)). */
void sd_notify_wait(struct sd_notify *manager);

#endif
