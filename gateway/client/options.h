/* What a person typed after `gpio-gateway`: the word, its arguments, where to, and as whom. */
#ifndef CLIENT_OPTIONS_H
#define CLIENT_OPTIONS_H

#include "net/address.h"

#include <stdbool.h>
#include <stddef.h>

enum client_exit {
    CLIENT_EXIT_DONE = 0,
    CLIENT_EXIT_FAILED = 1,
    CLIENT_EXIT_USAGE = 2,
    CLIENT_EXIT_UNAVAILABLE = 69,
    CLIENT_EXIT_NOT_ALLOWED = 77,
};

enum {
    CLIENT_TOKEN_SIZE = 129,
    CLIENT_ADDRESSES_MAX = 8, /* of one name; each may take a while to fail */
};

/* Where a gateway may be, in the order to try. */
struct client_target {
    struct address addresses[CLIENT_ADDRESSES_MAX];
    size_t count;
};

/* Texts are borrowed from argv. */
struct client_options {
    const char *word;
    char **arguments;
    size_t argument_count;
    const char *to; /* NULL: the gateway of this machine */
    bool has_token; /* --token was given; "-" is the first line of standard input */
    char token[CLIENT_TOKEN_SIZE];
    const char *token_file; /* NULL: none */
    bool json;
    bool explain;
};

/* Reads argv; argv[0] is the word. A token is copied and wiped from argv, where ps(1) would show it to every
 * user of the machine (/proc/PID/cmdline). 0, or -1 for an option that is unknown or lacks its value. */
int client_options_read(int argc, char **argv, struct client_options *ret_options);

/* Reports on standard error how a word is used, with the options that every word has. */
void client_options_fail(const char *usage);

/* Where `to` leads: "tcp:HOST:PORT", "udp:HOST:PORT", "unix:PATH"; NULL is the gateway's unix socket
 * in the runtime folder where there is one, else tcp:localhost:7070. A name is looked up, and printed with
 * its results on standard error when `explain`; localhost is ::1 and 127.0.0.1 without a look-up. An exit
 * code; what was wrong is printed. */
int client_find_target(const char *to, bool explain, struct client_target *ret_target);

/* The token to show at `target`: the option's, else the first line of the option's file, else
 * $GPIO_GATEWAY_TOKEN, else, when all its addresses are of this very machine, the one in the state folder;
 * "" where there is none. An exit code; a file that cannot be read is reported. */
int client_token(const struct client_options *options, const struct client_target *target,
                 char token[CLIENT_TOKEN_SIZE]);

#endif
