/* The internal state of the gateway, shared by its two files: gateway_open.c opens the layers, gateway.c runs
 * and ends them. */
#ifndef GATEWAY_GATEWAY_STATE_H
#define GATEWAY_GATEWAY_STATE_H

#include "gateway.h"

#include "access.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/folders.h"
#include "base/json.h"
#include "base/log.h"
#include "base/owner.h"
#include "base/random.h"
#include "circuit/circuit.h"
#include "config/config.h"
#include "config/warning.h"
#include "config_editor.h"
#include "gpio_loop.h"
#include "lab/capture.h"
#include "listeners.h"
#include "loop/loop.h"
#include "mdns_helper.h"
#include "mqtt_helper.h"
#include "net/net.h"
#include "pin_trial.h"
#include "protocol/classroom.h"
#include "protocol/datagram/datagram_server.h"
#include "protocol/feed.h"
#include "protocol/history_log.h"
#include "protocol/http/event_stream.h"
#include "protocol/http/http_server.h"
#include "protocol/http/page_files.h"
#include "protocol/neighbours.h"
#include "protocol/text/text_server.h"
#include "protocol/websocket/websocket_server.h"
#include "sd_notify.h"
#include "spawner.h"
#include "startup_urls.h"
#include "state/gateway_id.h"
#include "state/history_file.h"
#include "state/journal_file.h"
#include "state/line_store_writer.h"
#include "state/tokens.h"
#include "wall_clock.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct gateway {
    const struct gateway_options *options;
    struct config config;
    struct tokens tokens;
    char state_folder[PATH_MAX];
    char id[GATEWAY_ID_SIZE]; /* "" where none can be kept */
    struct inherited inherited;
    struct sd_notify *manager; /* NULL without a service manager */
    bool had_terminal;         /* at the start; when the terminal is closed, the gateway ends */
    struct loop *loop;
    struct wall_clock *clock;
    struct spawner *spawner; /* NULL where the sandbox is off */
    struct net *net;
    struct listeners *listeners;
    struct line_store_writer *line_store_writer;
    struct gpio_loop *gpio_loop;
    struct page_files *pages;
    struct service service;
    struct websocket_server *websockets;
    struct event_streams *streams;
    struct http_server *http;
    struct text_server *lines;
    struct datagram_server *datagrams;
    struct history_file *history;
    struct mqtt_helper *mqtt;
    struct mdns_helper *mdns;
    struct neighbours neighbours;
    struct classroom classroom;
    struct config_editor config_editor;
    struct pin_trial *pin_trial;
    struct access *access;
    struct addresses urls;
    struct history_log *history_log;
    struct loop_timer goodbye_timer;
    int64_t goodbye_until_ns;
    bool is_ending;
    bool is_handing_over; /* and then is_ending, too */
    bool made_tokens;     /* logged later: the first line says whether the pins are simulated */
};

/* Each opens one part, reports errors on standard error, and returns an exit code. Call them in this order. */
int gateway_load_config(struct gateway *gateway);
int gateway_load_page(struct gateway *gateway);
int gateway_load_state(struct gateway *gateway);
int gateway_open_sockets(struct gateway *gateway);
int gateway_close_sandbox(struct gateway *gateway);
int gateway_open_circuit(struct gateway *gateway);
int gateway_open_servers(struct gateway *gateway);

/* The addresses of the page, those of the network first; NULL after the last. `context` is the
 * gateway; `text` has room for 128 bytes. */
const char *gateway_next_address(void *context, size_t index, char *text);

/* Applies a config that was read again: 0, or the negative errno of circuit_reload() with `error`. */
int gateway_take_config(void *context, struct config *config, struct gpio_error *error);

/* For config_warn(): into the log. */
void gateway_log_warning(void *context, const char *path, const char *text);

#endif
