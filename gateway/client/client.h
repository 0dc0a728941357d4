/* The command-line client: one gateway, reached by connect(2) over TCP, UDP or AF_UNIX. */
#ifndef CLIENT_CLIENT_H
#define CLIENT_CLIENT_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>

/* The words that client_run() knows: those of the circuit's verbs, and `watch`. NULL behind the last. */
const char *client_word_at(size_t index);
bool client_knows(const char *word);

/* Appends a line for each word: its usage, and what it does. */
void client_print_words(struct buffer *out);

/* Runs one of them; argv[0] is the word. The exit code: 0 done, 1 the gateway answered with an error,
 * 2 wrong usage, 69 no gateway there, 77 not allowed. */
int client_run(int argc, char **argv);

/* Asks GET /healthz of `--to http://HOST:PORT` (default http://127.0.0.1:8080). 0 when the gateway is
 * well, 1 when it is not, 2, 69. */
int client_health(int argc, char **argv);

#endif
