/* Other gateways in the network, as mDNS announces them: names and addresses to open, never tokens.
 * Whatever comes from the network is text: checked, bounded, and the address built anew from its parts. */
#ifndef PROTOCOL_NEIGHBOURS_H
#define PROTOCOL_NEIGHBOURS_H

#include <stddef.h>
#include <stdint.h>

struct json_writer;

enum {
    NEIGHBOURS_MAX = 64,
    NEIGHBOUR_ID_SIZE = 13,
    NEIGHBOUR_NAME_SIZE = 64,
    NEIGHBOUR_URL_SIZE = 64,
    NEIGHBOUR_VERSION_SIZE = 24,
};

struct neighbour {
    char id[NEIGHBOUR_ID_SIZE];
    char name[NEIGHBOUR_NAME_SIZE];
    char url[NEIGHBOUR_URL_SIZE];
    char version[NEIGHBOUR_VERSION_SIZE];
    int64_t seen_ns; /* wall clock: when it was announced last */
};

/* Lives in its owner; all zero is empty. */
struct neighbours {
    size_t count;
    struct neighbour list[NEIGHBOURS_MAX];
};

/* Takes a line of `avahi-browse -p -r` (avahi-browse(1)): a service that was resolved is added or
 * replaced, one that went is removed, anything else is ignored. `own_id` is not a neighbour. */
void neighbours_take(struct neighbours *neighbours, const char *line, const char *own_id,
                     int64_t wall_ns);

/* `{"neighbours":[{"id","name","url","version","seen"}]}` as one value. */
void neighbours_write(const struct neighbours *neighbours, struct json_writer *writer);

#endif
