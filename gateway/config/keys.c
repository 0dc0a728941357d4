#include "config/keys.h"

#include "config/kind.h"

#include "base/owner.h"

#include "circuit/journal.h"

#define AT(member) FIELD_MEMBER(struct config, member)

static const char *const backends[] = {"auto", "gpiod", "simulator", NULL};
static const char *const modes[] = {"token", "none", NULL};
static const char *const levels[] = {"error", "warning", "info", "debug", NULL};
static const char *const http[] = {"[::]:8080", "unix:http.sock", NULL};
static const char *const line[] = {"tcp:[::1]:7070", "unix:gateway.sock", NULL};
static const char *const datagram[] = {"udp:[::1]:7070", NULL};

static const struct field gpio_keys[] = {
    {"backend", &field_choice, AT(gpio.backend), .choices = backends,
     .doc =
         "what drives the pins; auto is gpiod where the machine has a GPIO chip, else simulator"},
    {"chip", &kind_chip, AT(gpio.chip), .min = 1, .max = GPIO_PATH_SIZE - 1,
     .doc = "where lines are that name no chip; missing: on any chip"},
    {"consumer", &field_text, AT(gpio.consumer), .min = 1, .max = GPIO_CONSUMER_SIZE - 2,
     .text_fallback = "gpio-gateway", .doc = "who holds a line, as other programs read it"},
};
static const struct field_table gpio_table = {FIELD_TABLE(gpio_keys)};

static const struct field listen_keys[] = {
    {"http", &kind_addresses, AT(listen.http), .min = CONFIG_HTTP, .choices = http,
     .doc = "the page, REST and WebSocket; [::] is every address of the machine, IPv4 too"},
    {"https", &kind_addresses, AT(listen.https), .min = CONFIG_HTTPS,
     .doc = "the same as http over TLS 1.2 and 1.3; see tls"},
    {"line", &kind_addresses, AT(listen.line), .min = CONFIG_LINE, .choices = line,
     .doc = "the line protocol"},
    {"datagram", &kind_addresses, AT(listen.datagram), .min = CONFIG_DATAGRAM, .choices = datagram,
     .doc = "the datagram protocol"},
    {"multicast", &kind_addresses, AT(listen.multicast), .min = CONFIG_MULTICAST,
     .doc = "groups that are sent every event; they go no further than the local network"},
    {"socket_mode", &kind_mode, AT(listen.socket_mode), .fallback = 0660,
     .doc = "who may connect to the unix sockets"},
    {"socket_group", &field_text, AT(listen.socket_group), .min = 1, .max = CONFIG_GROUP_SIZE - 1,
     .doc = "the group of the unix sockets; missing: the gateway's own"},
};
static const struct field_table listen_table = {FIELD_TABLE(listen_keys)};

static const struct field auth_keys[] = {
    {"mode", &field_choice, AT(auth.mode), .choices = modes,
     .doc = "token: who has a token may read or write; none: everybody who can connect may write"},
    {"allowed_hosts", &kind_hosts, AT(auth),
     .doc = "names under which a browser may reach the gateway, besides its addresses and its own "
            "name"},
    {"allowed_origins", &kind_origins, AT(auth),
     .doc = "other web pages that may talk to the gateway, with scheme and port, as "
            "https://pi.example:8443"},
};
static const struct field_table auth_table = {FIELD_TABLE(auth_keys)};

static const struct field tls_keys[] = {
    {"certificate", &field_text, AT(tls.certificate), .min = 1, .max = CONFIG_PATH_SIZE - 1,
     .doc = "PEM file of the certificate and those above it; missing: what `gpio-gateway tls new` "
            "made"},
    {"key", &field_text, AT(tls.key), .min = 1, .max = CONFIG_PATH_SIZE - 1,
     .doc = "PEM file of its key"},
};
static const struct field_table tls_table = {FIELD_TABLE(tls_keys)};

static const struct field proxy_keys[] = {
    {"from", &kind_proxies, AT(proxy.from),
     .doc = "who may say Forwarded or X-Forwarded-For, -Proto and -Host: addresses, networks as "
            "10.0.0.0/8, or unix for every peer of a unix socket"},
};
static const struct field_table proxy_table = {FIELD_TABLE(proxy_keys)};

static const struct field limits_keys[] = {
    {"connections", &field_integer, AT(limits.net.connections), .min = 1, .max = 65535,
     .fallback = 1024, .doc = "streams at one time, all listeners together"},
    {"connections_per_peer", &field_integer, AT(limits.net.connections_per_peer), .min = 1,
     .max = 65535, .fallback = 64, .doc = "of them from one host; unix sockets do not count"},
    {"backlog", &field_integer, AT(limits.net.backlog), .min = 1, .max = 65535, .fallback = 128,
     .doc = "connections that wait to be accepted, for each listener; the kernel may allow fewer"},
    {"journal_events", &field_integer, AT(circuit.journal_events), .min = JOURNAL_EVENTS_MIN,
     .max = JOURNAL_EVENTS_MAX, .fallback = JOURNAL_EVENTS_DEFAULT,
     .doc = "events that are kept for history and for clients that come back"},
    {"request_bytes", &field_integer, AT(limits.request_bytes), .min = 256, .max = 1024 * 1024,
     .fallback = 65536, .unit = "bytes", .doc = "the longest body of a request"},
    {"idle_timeout_s", &field_integer, AT(limits.idle_timeout_s), .min = 1, .max = 3600,
     .fallback = 30, .unit = "s",
     .doc = "an HTTP connection without a request is closed after this"},
    {"request_deadline_s", &field_integer, AT(limits.request_deadline_s), .min = 1, .max = 600,
     .fallback = 10, .unit = "s", .doc = "a request that has not come whole by then is dropped"},
    {"ping_s", &field_integer, AT(limits.ping_s), .min = 1, .max = 3600, .fallback = 20,
     .unit = "s", .doc = "a client that is silent for so long is asked whether it is there"},
    {"pong_s", &field_integer, AT(limits.pong_s), .min = 1, .max = 600, .fallback = 10, .unit = "s",
     .doc = "and is dropped when it does not answer within this"},
    {"history_file_bytes", &field_integer, AT(limits.history_file_bytes), .min = 65536,
     .max = 1024 * 1024 * 1024, .fallback = 8 * 1024 * 1024, .unit = "bytes",
     .doc = "size at which the history file is put aside for a new one; one old file is kept"},
};
static const struct field_table limits_table = {FIELD_TABLE(limits_keys)};

static const struct field history_keys[] = {
    {"file", &field_bool, AT(history.file),
     .doc = "whether events are also written to a file in the state folder"},
};
static const struct field_table history_table = {FIELD_TABLE(history_keys)};

static const struct field log_keys[] = {
    {"level", &field_choice, AT(log.level), .choices = levels, .fallback = LOG_LEVEL_INFO,
     .doc = "how much is logged on standard error"},
};
static const struct field_table log_table = {FIELD_TABLE(log_keys)};

/* Sections are read into the same structure: their keys carry the whole offset. In this order, since
 * what refers to lines comes after them. */
static const struct field root_keys[] = {
    {"circuit", &field_section, .required = true, .inside = &keys_circuit, .doc = "what is wired"},
    {"gpio", &field_section, .inside = &gpio_table, .doc = "how the pins are driven"},
    {"listen", &field_section, .inside = &listen_table,
     .doc = "addresses to listen at; an empty list is none; a relative unix path stands in the "
            "runtime folder"},
    {"auth", &field_section, .inside = &auth_table, .doc = "who may do what"},
    {"tls", &field_section, .inside = &tls_table,
     .doc = "the certificate of listen.https; it is read again when it changes"},
    {"proxy", &field_section, .inside = &proxy_table, .doc = "reverse proxies in front"},
    {"limits", &field_section, .inside = &limits_table, .doc = "ceilings"},
    {"history", &field_section, .inside = &history_table, .doc = "past events"},
    {"log", &field_section, .inside = &log_table, .doc = "the log"},
    {"mqtt", &field_section, .inside = &keys_mqtt,
     .doc = "an MQTT broker, and Home Assistant behind it; missing: none"},
    {"announce", &field_section, .inside = &keys_announce,
     .doc = "how the gateway is found in the network"},
};

static void root_check(struct field_reader *reader, const struct json *root, void *target)
{
    (void)target;
    locations_check(reader, root);
}

const struct field_table keys_root = {FIELD_TABLE(root_keys), .check = root_check};
