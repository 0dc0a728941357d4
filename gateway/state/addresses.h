/* The addresses that the running gateway can be opened at, as `addresses` in the state folder: another
 * process of the same user reads there what `gpio-gateway token show` prints. No tokens in it. */
#ifndef STATE_ADDRESSES_H
#define STATE_ADDRESSES_H

#include <stdbool.h>
#include <stddef.h>

enum {
    ADDRESSES_URL_SIZE = 128,
    ADDRESSES_MAX = 16,
};

struct addresses {
    size_t count;
    struct {
        char url[ADDRESSES_URL_SIZE]; /* "http://192.168.1.7:8080/" */
        bool is_lan;                  /* others on the network can open it, too */
    } items[ADDRESSES_MAX];
};

/* Appends an address, unless it is there already or the list is full; `url` is copied. */
void addresses_add(struct addresses *addresses, const char *url, bool is_lan);

/* Stores the list in `folder`, which must exist. 0 or a negative errno. */
int addresses_store(const struct addresses *addresses, const char *folder);

/* Reads it. 0, -ENOENT, or another negative errno; lines that make no sense are left out. */
int addresses_load(const char *folder, struct addresses *ret_addresses);

#endif
