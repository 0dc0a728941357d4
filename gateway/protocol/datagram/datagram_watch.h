/* Who is sent every event by datagrams: peers for as long as they asked, and multicast groups. Each is
 * a cursor in the journal; what the kernel has no room for is tried again. */
#ifndef PROTOCOL_DATAGRAM_WATCH_H
#define PROTOCOL_DATAGRAM_WATCH_H

#include "net/address.h"
#include "protocol/service.h"

#include <stdint.h>

struct datagram;
struct datagram_watch;

enum {
    WATCH_PEERS_MAX = 256,
    WATCH_SECONDS_DEFAULT = 30,
    WATCH_SECONDS_MAX = 3600,
};

/* Borrows `service`. 0 or -ENOMEM. */
int datagram_watch_new(struct service *service, struct datagram_watch **ret_watch);
struct datagram_watch *datagram_watch_free(struct datagram_watch *watch);

/* Tells `peer` every event from now on through `datagram` (borrowed), for `seconds` and while `grant` stands; a
 * repeat only moves the end. 0; -ENOBUFS over WATCH_PEERS_MAX; -ENOMEM. */
int datagram_watch_add(struct datagram_watch *watch, struct datagram *datagram,
                       const struct address *peer, const struct auth_grant *grant,
                       unsigned seconds);

/* Sends nothing more to those whose token was revoked. */
void datagram_watch_check_grants(struct datagram_watch *watch);

/* Tells it no more. Legal for one that does not watch. */
void datagram_watch_remove(struct datagram_watch *watch, const struct datagram *datagram,
                           const struct address *peer);

/* Tells a multicast group for as long as the program runs; `group` is borrowed. 0 or -ENOMEM. */
int datagram_watch_add_group(struct datagram_watch *watch, struct datagram *group);

/* Sends what is left; for the end of the program. */
void datagram_watch_flush(struct datagram_watch *watch);

#endif
