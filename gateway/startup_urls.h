/* Where a person can open the page: an address for each network that the gateway listens on, with its
 * token and a QR code where a terminal shows them. */
#ifndef STARTUP_URLS_H
#define STARTUP_URLS_H

#include "net/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum {
    ANNOUNCE_URL_SIZE = 128,
    ANNOUNCE_URLS_MAX = 16,
};

struct startup_urls {
    size_t count;
    struct {
        char text[ANNOUNCE_URL_SIZE]; /* "http://192.168.1.7:8080/" */
        bool is_lan;                  /* others on the network can open it, too */
    } urls[ANNOUNCE_URLS_MAX];
};

/* Adds what a listener's address can be opened as: one that is bound to all addresses becomes one for
 * each address of this machine (getifaddrs(3)), network addresses first. */
void startup_urls_add(struct startup_urls *urls, const struct address *address);

/* Prints the addresses to open. With a token (NULL for none) it is part of each address; `with_qr`
 * gives each network address its QR code, too. */
void startup_urls_print(const struct startup_urls *urls, const char *token, bool with_qr,
                        FILE *out);

/* Keeps the addresses (without a token) in the state folder, so that `token show` prints those of the
 * gateway that runs; and reads them. 0 or a negative errno. */
int startup_urls_store(const struct startup_urls *urls, const char *folder);
int startup_urls_load(struct startup_urls *ret_urls, const char *folder);

#endif
