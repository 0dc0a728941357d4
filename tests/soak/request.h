/* What the clients of a soak send. */
#ifndef SOAK_REQUEST_H
#define SOAK_REQUEST_H

#include <stddef.h>

enum { REQUEST_BATCH = 32, REQUEST_BATCH_SIZE = 8192, REQUEST_GREETING_SIZE = 1024 };

/* Who looks, and who changes. */
enum kind { WEBSOCKET, EVENTS, TEXT, KINDS, HTTP_WRITER = KINDS, TEXT_WRITER };

/* What makes a watcher behind `cursor`, "" for none, or a writer; its length, 0 for nothing. */
int request_greeting(enum kind kind, const char *cursor, const char *port, const char *token,
                     char text[REQUEST_GREETING_SIZE]);

/* A batch of REQUEST_BATCH toggles by HTTP; its length. */
size_t request_batch(const char *port, const char *token, char text[REQUEST_BATCH_SIZE]);

#endif
