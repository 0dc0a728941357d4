/* What libwebsockets logs, in our log. */
#ifndef PROTOCOL_WEBSOCKET_LOG_H
#define PROTOCOL_WEBSOCKET_LOG_H

#include <stdbool.h>

/* From now on the library's errors and warnings are logged. */
void websocket_log_begin(void);

/* Whether there was an error since. Where it has no memory for a part of itself (4.1.6: its event pipe) the library says
 * so, goes on, and crashes at the end. */
bool websocket_log_has_failed(void);

#endif
