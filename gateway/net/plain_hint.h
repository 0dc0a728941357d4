/* The answer to plain HTTP on a port that speaks TLS. */
#ifndef NET_PLAIN_HINT_H
#define NET_PLAIN_HINT_H

#include <stddef.h>

enum { PLAIN_HINT_SIZE = 2048 };

/* Writes a whole HTTP response: a redirection to the https link for a GET or HEAD that names a plain Host, else 400
 * with the link in its text. `head` need not be whole. Returns its length. */
size_t plain_hint(const char *head, size_t length, char answer[PLAIN_HINT_SIZE]);

#endif
