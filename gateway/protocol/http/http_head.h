/* The head of a request, held to RFC 9112 to the letter. Whatever two parsers may read differently (folded
 * lines, bare line ends, NULs, doubled fields) is refused: behind a proxy with the other opinion one request
 * could hide in another. For the files that face libmicrohttpd. */
#ifndef PROTOCOL_HTTP_HEAD_H
#define PROTOCOL_HTTP_HEAD_H

#include "protocol/http/http_library.h"

/* For MHD_OPTION_URI_LOG_CALLBACK: looks at the target before the library decodes it. The request's context
 * begins as what this returns: NULL, or http_head_bad_target. */
void *http_head_on_target(void *context, const char *target, struct MHD_Connection *connection);
extern char http_head_bad_target[];
extern const char http_head_target_rule[]; /* the sentence that says so */

/* NULL, or one sentence that says what is wrong with the head. `path`, `method` and `version` are the very
 * pointers that the library handed to its access handler. */
const char *http_head_check(struct MHD_Connection *connection, const char *path, const char *method,
                            const char *version);

#endif
