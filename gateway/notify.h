/* Telling the service manager (sd_notify(3)) by libsystemd; nothing happens without a manager or
 * without the library. */
#ifndef NOTIFY_H
#define NOTIFY_H

void notify_ready(void);
void notify_reloading(void);
void notify_stopping(void);

#endif
