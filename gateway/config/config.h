/* The config: one JSON file, read by a table of keys into options that every layer can use as they
 * are. Every fault of a file is reported in one run, in the order of the file, each with its
 * path, its unit and its bounds; a file with anything wrong gives no options at all. */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "base/buffer.h"
#include "base/log.h"
#include "circuit/options.h"
#include "gpio/gpio.h"
#include "net/address.h"
#include "net/net.h"
#include "net/proxy_list.h"
#include "protocol/auth.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    CONFIG_FILE_MAX_BYTES = 1024 * 1024, /* 256 lines with every key take about 150 kB */
    CONFIG_LISTENERS_MAX = 16,           /* of one kind */
    CONFIG_GROUP_SIZE = 33,              /* a group's name (useradd(8): 32 bytes) and a NUL */
    CONFIG_HOST_SIZE = 256,
    CONFIG_USER_SIZE = 129,
    CONFIG_PATH_SIZE = 1024,
    CONFIG_ID_SIZE = 13, /* 12 hex digits and a NUL */
    CONFIG_TOPIC_SIZE = 65,
    CONFIG_LANGUAGE_SIZE = 16,
    CONFIG_SERVICE_NAME_SIZE = 64, /* a label of DNS (RFC 6763 §4.1.1) and a NUL */
    CONFIG_ERRORS_MAX = 100,       /* reported in one run; after them reading ends */
};

/* What an address is for: HTTP and the line protocol are streams, the others datagrams. */
enum config_listener { CONFIG_HTTP, CONFIG_HTTPS, CONFIG_LINE, CONFIG_DATAGRAM, CONFIG_MULTICAST };

/* Texts for address_parse(), which has taken each of them already, but for an interface ("%eth0")
 * that may be missing here and a folder that may be too long: both are reported when it is opened.
 * Those of `datagram` and `multicast` begin with "udp:" or "unix:" whatever the file says. */
struct config_addresses {
    size_t count;
    char texts[CONFIG_LISTENERS_MAX][ADDRESS_TEXT_SIZE];
};

struct config_listen {
    struct config_addresses http;
    struct config_addresses https; /* none by default */
    struct config_addresses line;
    struct config_addresses datagram;
    struct config_addresses multicast;    /* groups that are sent every event; none by default */
    mode_t socket_mode;                   /* of AF_UNIX socket files: 0660 by default */
    char socket_group[CONFIG_GROUP_SIZE]; /* their group by name; "" leaves it as it is */
};

enum config_auth_mode { CONFIG_AUTH_TOKEN, CONFIG_AUTH_NONE };

struct config_auth {
    enum config_auth_mode mode;
    size_t allowed_host_count;
    char allowed_hosts[AUTH_HOSTS_MAX][AUTH_HOST_SIZE]; /* lower case, without port */
    size_t allowed_origin_count;
    struct web_origin allowed_origins[AUTH_ORIGINS_MAX];
};

/* `limits.journal_events` is a member of circuit_options. */
struct config_limits {
    struct net_limits net;
    uint32_t request_bytes;      /* of a request's body */
    uint32_t idle_timeout_s;     /* an HTTP connection without a request */
    uint32_t request_deadline_s; /* from a request's first byte to its last */
    uint32_t ping_s;             /* silence after which a WebSocket or a line client is pinged */
    uint32_t pong_s;             /* and after which, from then on, it is dropped */
    uint32_t history_file_bytes; /* size at which the history file is begun anew */
};

struct config_history {
    bool file; /* keep the events in the state folder, too */
};

struct config_log {
    enum log_level level;
};

enum config_mqtt_version { CONFIG_MQTT_AUTO, CONFIG_MQTT_5, CONFIG_MQTT_3_1_1 };

struct config_mqtt {
    bool is_given; /* false: everything below is unused */
    char host[CONFIG_HOST_SIZE];
    uint16_t port;
    bool tls;
    char user[CONFIG_USER_SIZE];
    char password_file[CONFIG_PATH_SIZE];
    enum config_mqtt_version version;
    char id[CONFIG_ID_SIZE]; /* "" for the one in the state folder */
    char prefix[CONFIG_TOPIC_SIZE];
    char discovery[CONFIG_TOPIC_SIZE]; /* "" for none */
    char language[CONFIG_LANGUAGE_SIZE];
    bool commands;
    uint32_t keepalive_s, rate_hz, lost_ms;
    char ca_file[CONFIG_PATH_SIZE];
};

struct config_announce {
    bool mdns;
    char name[CONFIG_SERVICE_NAME_SIZE];
};

/* PEM files; "" is the pair that `tls new` makes in the state folder. */
struct config_tls {
    char certificate[CONFIG_PATH_SIZE];
    char key[CONFIG_PATH_SIZE];
};

struct config_proxy {
    struct proxy_list from;
};

struct config {
    struct circuit_options circuit; /* owns its lists */
    struct gpio_options gpio;
    struct config_listen listen;
    struct config_auth auth;
    struct config_limits limits;
    struct config_history history;
    struct config_log log;
    struct config_mqtt mqtt;
    struct config_announce announce;
    struct config_proxy proxy;
    struct config_tls tls;
};

/* What was wrong: `text` has a line for each problem, ended by '\n', ready for standard error. */
struct config_report {
    struct buffer text;
    size_t errors; /* in `text`; reading ends after CONFIG_ERRORS_MAX */
};
void config_report_init(struct config_report *report);
void config_report_done(struct config_report *report);

/* Reads and checks a file; problems are added to `report`.
 * 0: `ret_config` is filled, and owned until config_done(). -EBADMSG: the file is not a config.
 * -ENOENT, -EACCES, -EISDIR …: it cannot be read (also written to `report`). -ENOMEM. */
int config_load(const char *path, struct config *ret_config, struct config_report *report);

/* The same for a text that is in memory already; `path` names it in messages. */
int config_parse(const char *path, const char *text, size_t length, struct config *ret_config,
                 struct config_report *report);

/* Whether two sections "mqtt" ask for the same. */
bool config_same_mqtt(const struct config_mqtt *a, const struct config_mqtt *b);

/* The parts beside `circuit`, `log` and `mqtt` in which two configs differ, by their keys: "listen", "auth", …
 * How many. */
enum { CONFIG_PARTS_MAX = 8 };
size_t config_differences(const struct config *a, const struct config *b,
                          const char *ret_keys[CONFIG_PARTS_MAX]);

/* Frees what `config` owns; it is empty afterwards. Legal for an empty one. */
void config_done(struct config *config);

/* For a machine with a GPIO chip: reports each line that has neither `gpio` nor `chip` and `offset`
 * that it cannot be found. Backend "gpiod" is checked by config_load() already; with "auto" call this
 * once a chip is known to be there. 0, -EBADMSG, or -ENOMEM. */
int config_check_locations(const struct config *config, const char *path,
                           struct config_report *report);

/* Takes an address for `list` as the file would (also one from the command line). 0; -EINVAL with one
 * sentence in `*ret_reason`, which may be NULL; -ENOSPC when the list is full. */
int config_add_address(struct config_addresses *list, enum config_listener kind, const char *text,
                       const char **ret_reason);

/* Visits every key that a config may have. */
struct field_visitor;
void config_walk_keys(const struct field_visitor *visitor);

#endif
