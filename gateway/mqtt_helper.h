/* The helper that speaks MQTT: this program once more, as `gpio-gateway mqtt`, a client of the gateway
 * over a socket pair. Both sides are here: the one that starts it, and its own main function. */
#ifndef GATEWAY_MQTT_HELPER_H
#define GATEWAY_MQTT_HELPER_H

#include "mqtt/broker.h"

#include <stdbool.h>
#include <stdint.h>

struct config;
struct config_mqtt;
struct loop;
struct mqtt_helper;
struct net;
struct spawner;
struct service_helpers;
struct text_server;

/* Starts the helper where the config has "mqtt". What it reports is kept in `report`, borrowed as is
 * `config_path`; `id` is the gateway's, where the config has none; `url` is the address of the page that a
 * person may open, "" for none; both copied. 0 or -ENOMEM. */
int mqtt_helper_new(struct loop *loop, struct net *net, struct spawner *spawner,
                    struct text_server *server, struct service_helpers *report,
                    const struct config *config, const char *config_path, const char *id,
                    const char *url, struct mqtt_helper **ret_helper);

/* After a reload: starts, ends or restarts the helper where "mqtt" has changed; restarts it as well while it is
 * not connected, since it may be the password or the authority that was mended. */
void mqtt_helper_reload(struct mqtt_helper *helper, const struct config *config);

struct mqtt_helper *mqtt_helper_free(struct mqtt_helper *helper);

/* Whether the broker of the config lets us in; waits 10 s at most. False with `reason`. Writes to standard
 * error what is wrong with the files that the config names. */
bool mqtt_helper_check(const char *config_path, const struct config_mqtt *config,
                       char reason[BROKER_REASON_SIZE]);

/* `gpio-gateway mqtt …`: the helper itself, and `mqtt clean`. Returns the exit code. */
int mqtt_helper_main(int argc, char **argv);

#endif
