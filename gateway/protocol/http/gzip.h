/* Answers made shorter with gzip (RFC 1952) for clients that ask for it. */
#ifndef PROTOCOL_HTTP_GZIP_H
#define PROTOCOL_HTTP_GZIP_H

#include <stdbool.h>

struct http_exchange;

/* RFC 9110 §12.5.3: whether Accept-Encoding names gzip and does not refuse it. */
bool gzip_is_accepted(const struct http_exchange *http_exchange);

/* Packs the answer where the client takes that, and adds the fields that say so. Urgent work of the loop runs between
 * pieces. Without memory, or where it would not be smaller, the answer stays as it is. */
void gzip_answer(struct http_exchange *http_exchange);

#endif
