/* The head of an answer on a connection that has left the HTTP library. */
#ifndef PROTOCOL_DETACHED_HEAD_H
#define PROTOCOL_DETACHED_HEAD_H

struct buffer;

/* Appends the status line and the fields that every such answer has, but for the blank line that ends the
 * head: more fields may follow. `status` is "200 OK"; `origin` the allowed origin whose page may read the
 * answer, "" for none. An error is kept in the buffer. */
void detached_head_write(struct buffer *out, const char *status, const char *origin);

#endif
