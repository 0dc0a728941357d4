/* Where a person can open the page: an address for each network that the gateway listens on, with its
 * token and a QR code where a terminal shows them. */
#ifndef ANNOUNCE_H
#define ANNOUNCE_H

#include "net/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum {
    ANNOUNCE_URL_SIZE = 128,
    ANNOUNCE_URLS_MAX = 16,
};

struct announce_urls {
    size_t count;
    struct {
        char text[ANNOUNCE_URL_SIZE]; /* "http://192.168.1.7:8080/" */
        bool is_lan;                  /* others on the network can open it, too */
    } urls[ANNOUNCE_URLS_MAX];
};

/* Adds what a listener's address can be opened as: one that is bound to all addresses becomes one for
 * each address of this machine (getifaddrs(3)), network addresses first. */
void announce_add(struct announce_urls *urls, const struct address *address);

/* Prints the addresses to open. With a token (NULL for none) it is part of each address, and each
 * network address gets a QR code. */
void announce_print(const struct announce_urls *urls, const char *token, FILE *out);

#endif
