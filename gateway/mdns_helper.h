/* The helpers that announce the gateway in the network and find its neighbours: avahi-publish(1) and
 * avahi-browse(1), so that this process makes no D-Bus call, which could block. */
#ifndef GATEWAY_MDNS_HELPER_H
#define GATEWAY_MDNS_HELPER_H

#include <stdbool.h>

struct config;
struct listeners;
struct loop;
struct mdns_helper;
struct neighbours;
struct net;
struct service_helpers;
struct spawner;

/* Starts them where the config wants it, an HTTP listener can be reached from outside, and the tools are
 * installed; otherwise logs what is missing. `id` is the gateway's; what is found is kept
 * in `neighbours`, and the state in `report` ("announced", "missing" or "off"; also "missing" after a helper
 * has ended, as it does where no avahi-daemon runs); both borrowed.
 * 0 or -ENOMEM. */
int mdns_helper_new(struct loop *loop, struct net *net, struct spawner *spawner,
                    const struct config *config, const struct listeners *listeners, const char *id,
                    struct neighbours *neighbours, struct service_helpers *report,
                    struct mdns_helper **ret_helper);

/* True where the programs that announce are installed. */
bool mdns_helper_has_tools(void);

struct mdns_helper *mdns_helper_free(struct mdns_helper *helper);

#endif
