/* The gateway's own certificate authority beside the page's files: /ca.crt (DER) and the page /ca. They are no secret:
 * every handshake shows the authority. */
#ifndef PROTOCOL_AUTHORITY_FILES_H
#define PROTOCOL_AUTHORITY_FILES_H

#include <stdbool.h>

struct http_exchange;

/* Answers a GET or HEAD of one of them, with 404 where the gateway has no authority of its own. False for any other
 * path. */
bool authority_files_answer(struct http_exchange *http_exchange);

#endif
