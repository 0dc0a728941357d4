/* Telling the service manager (sd_notify(3)); nothing happens without one, or in a build without
 * libsystemd. */
#ifndef NOTIFY_H
#define NOTIFY_H

void notify_ready(void);
void notify_reloading(void);
void notify_stopping(void);

#endif
