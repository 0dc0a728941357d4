#include "gateway.h"

#include "access.h"
#include "base/clock.h"
#include "base/folders.h"
#include "base/log.h"
#include "base/owner.h"
#include "base/random.h"
#include "circuit/circuit.h"
#include "config/config.h"
#include "config_editor.h"
#include "gpio_loop.h"
#include "lab/capture.h"
#include "listeners.h"
#include "loop/loop.h"
#include "mdns_helper.h"
#include "mqtt_helper.h"
#include "net/net.h"
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
#include "startup_urls.h"
#include "state/gateway_id.h"
#include "state/history_file.h"
#include "state/line_store_writer.h"
#include "state/tokens.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    GOODBYE_STEP_MS = 20,  /* between two looks at who is still connected */
    GOODBYE_MAX_MS = 1000, /* clients have this long to take the last events and close */
};

struct gateway {
    const struct gateway_options *options;
    struct config config;
    struct tokens tokens;
    char state_folder[PATH_MAX];
    struct inherited inherited;
    struct sd_notify *manager; /* NULL where nobody listens */
    bool had_terminal;         /* at the start: its end ends the gateway */
    struct loop *loop;
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
    struct config_editor config_editor;
    struct access *access;
    struct addresses urls;
    struct history_log *history_log;
    struct loop_timer goodbye_timer;
    int64_t goodbye_until_ns;
    bool is_ending;
    bool made_tokens; /* logged later: the first line says whether the pins are simulated */
};

/* ---- what a person typed ---- */

static int load_config(struct gateway *gateway)
{
    const struct gateway_options *options = gateway->options;
    struct config_report report;
    config_report_init(&report);
    int error = config_load(options->config_path, &gateway->config, &report);
    if (error)
        (void)fputs(report.errors > 0 ? buffer_text(&report.text) : "out of memory\n", stderr);
    config_report_done(&report);
    if (error)
        return GATEWAY_EXIT_CONFIG;
    if (options->http_count > 0)
        gateway->config.listen.http.count = 0;
    for (size_t i = 0; i < options->http_count; i++) {
        const char *reason = "too many";
        if (config_add_address(&gateway->config.listen.http, CONFIG_HTTP, options->http[i],
                               &reason)) {
            (void)fprintf(stderr, "--http %s: %s\n", options->http[i], reason);
            return GATEWAY_EXIT_USAGE;
        }
    }
    log_set_level(gateway->config.log.level);
    return GATEWAY_EXIT_DONE;
}

static int load_page(struct gateway *gateway)
{
    int error = page_files_new(gateway->options->www, &gateway->pages);
    if (!error && !page_files_find(gateway->pages, "/")) {
        (void)fprintf(stderr, "--www %s: there is no index.html\n", gateway->options->www);
        return GATEWAY_EXIT_CONFIG;
    }
    if (error)
        (void)fprintf(stderr, "--www %s: %s\n", gateway->options->www, strerror(-error));
    return error ? GATEWAY_EXIT_CONFIG : GATEWAY_EXIT_DONE;
}

static int load_state(struct gateway *gateway)
{
    char remedy[TOKENS_REMEDY_SIZE];
    const char *folder = gateway->state_folder;
    bool made = false;
    int error = folder_state(gateway->state_folder, sizeof gateway->state_folder);
    if (error) {
        (void)fputs("no folder for the token: set HOME, XDG_STATE_HOME or STATE_DIRECTORY\n",
                    stderr);
        return GATEWAY_EXIT_CONFIG;
    }
    if (gateway->config.auth.mode == CONFIG_AUTH_TOKEN) {
        error = tokens_load_or_make(folder, &gateway->tokens, &made, remedy);
        if (error) {
            (void)fprintf(stderr, "%s\n", remedy);
            return error == -EACCES ? GATEWAY_EXIT_NOT_ALLOWED : GATEWAY_EXIT_CONFIG;
        }
        gateway->made_tokens = made;
    }
    return GATEWAY_EXIT_DONE;
}

/* ---- floors, lowest first ---- */

static int open_sockets(struct gateway *gateway)
{
    int error = loop_new(&gateway->loop);
    if (!error)
        error = inherit_read(&gateway->inherited);
    if (!error)
        error = net_new(gateway->loop, &gateway->config.limits.net, &gateway->net);
    if (error) {
        (void)fprintf(stderr, "cannot start: %s\n", strerror(-error));
        return GATEWAY_EXIT_UNAVAILABLE;
    }
    /* Without a service manager, or when it cannot be reached, the gateway runs all the same. */
    error = sd_notify_new(net_register(gateway->net), &gateway->manager);
    if (error)
        log_warning("the service manager cannot be told errno=%s", strerror(-error));
    if (listeners_open(gateway->net, &gateway->config.listen, &gateway->inherited,
                       &gateway->listeners))
        return GATEWAY_EXIT_UNAVAILABLE;
    return GATEWAY_EXIT_DONE;
}

static int open_circuit(struct gateway *gateway)
{
    int failed =
        line_store_writer_new(gateway->loop, gateway->state_folder, &gateway->line_store_writer);
    if (failed) {
        (void)fprintf(stderr, "%s: the stored values cannot be opened: %s\n", gateway->state_folder,
                      strerror(-failed));
        return GATEWAY_EXIT_FAILED;
    }
    struct circuit_memory line_store = line_store_writer_memory(gateway->line_store_writer);
    struct gpio_error error;
    if (gpio_loop_new(gateway->loop, &gateway->config, gateway->options->config_path,
                      &gateway->inherited, &line_store, gateway->manager, &gateway->gpio_loop,
                      &error)) {
        (void)fprintf(stderr, "%s\n", error.message);
        return error.code == -EACCES || error.code == -EPERM ? GATEWAY_EXIT_NOT_ALLOWED
               : error.code == -EBADMSG || error.code == -ENOENT || error.code == -EINVAL
                   ? GATEWAY_EXIT_CONFIG /* it names what is not there */
                   : GATEWAY_EXIT_UNAVAILABLE;
    }
    line_store_writer_follow(gateway->line_store_writer, gpio_loop_circuit(gateway->gpio_loop));
    return GATEWAY_EXIT_DONE;
}

static const char *next_address(void *context, size_t index, char *text)
{
    const struct gateway *gateway = context;
    /* Addresses of the network first: a link is shared with somebody else. */
    for (int lan = 1; lan >= 0; lan--)
        for (size_t i = 0; i < gateway->urls.count; i++)
            if (gateway->urls.items[i].is_lan == lan && index-- == 0)
                return memcpy(text, gateway->urls.items[i].url, ADDRESSES_URL_SIZE);
    return NULL;
}

static int take_config(void *context, struct config *config, struct gpio_error *error);

static void open_config_editor(struct gateway *gateway)
{
    gateway->config_editor = (struct config_editor){
        .path = gateway->options->config_path,
        .state_folder = gateway->state_folder,
        .started = &gateway->config,
        .fixed_http = gateway->options->http_count > 0,
        .circuit = gpio_loop_circuit(gateway->gpio_loop),
        .reload = take_config,
        .context = gateway,
    };
    config_editor_init(&gateway->config_editor);
    gateway->service.config = &gateway->config_editor.store;
}

static void touch_pins(void *context)
{
    gpio_loop_touched(context);
}

static int open_service(struct gateway *gateway)
{
    struct service *service = &gateway->service;
    *service = (struct service){
        .loop = gateway->loop,
        .net = gateway->net,
        .circuit = gpio_loop_circuit(gateway->gpio_loop),
        .started_ns = clock_monotonic_ns(),
        .address = next_address,
        .address_context = gateway,
        .circuit_touched = touch_pins,
        .circuit_context = gateway->gpio_loop,
        .helpers = {.mqtt = "off", .mdns = "off"},
        .neighbours = &gateway->neighbours,
    };
    open_config_editor(gateway);
    int error = access_new(service, &gateway->config.auth, &gateway->tokens, gateway->state_folder,
                           &gateway->access);
    if (error)
        return error;
    if (capture_new(gateway->loop, gateway->net, &service->capture))
        return -ENOMEM;
    return feed_new(gateway->loop, service->circuit, &service->feed);
}

static int open_history(struct gateway *gateway)
{
    int error = history_file_new(gateway->loop, gateway->state_folder,
                                 gateway->config.limits.history_file_bytes, &gateway->history);
    return error ? error
                 : history_log_new(&gateway->service, gateway->history, &gateway->history_log);
}

static int open_servers(struct gateway *gateway)
{
    const struct config_limits *limits = &gateway->config.limits;
    struct websocket_options websocket = {.clients = limits->net.connections,
                                          .ping_s = limits->ping_s,
                                          .hangup_s = limits->ping_s + limits->pong_s};
    struct http_options http = {.connections = limits->net.connections,
                                .idle_timeout_s = limits->idle_timeout_s,
                                .request_deadline_s = limits->request_deadline_s,
                                .request_bytes = limits->request_bytes};
    struct service *service = &gateway->service;
    int error = open_service(gateway);
    if (!error)
        error = websocket_server_new(service, &websocket, &gateway->websockets);
    if (error == -ENOTSUP) {
        (void)fputs("libwebsockets cannot use libuv: install the package "
                    "libwebsockets-evlib-uv\n",
                    stderr);
        return GATEWAY_EXIT_UNAVAILABLE;
    }
    if (!error)
        error = event_streams_new(service, &gateway->streams);
    if (!error)
        error = http_server_new(service, &http, gateway->pages, gateway->websockets,
                                gateway->streams, &gateway->http);
    struct text_server_options line = {.ping_s = websocket.ping_s, .hangup_s = websocket.hangup_s};
    if (!error)
        error = text_server_new(service, &line, &gateway->lines);
    if (!error)
        error = datagram_server_new(service, &gateway->datagrams);
    struct datagram *group;
    for (size_t i = 0; !error && (group = listeners_group(gateway->listeners, i)); i++)
        error = datagram_server_add_group(gateway->datagrams, group);
    if (!error && gateway->config.history.file)
        error = open_history(gateway);
    if (error) {
        (void)fprintf(stderr, "cannot start the servers: %s\n", strerror(-error));
        return GATEWAY_EXIT_UNAVAILABLE;
    }
    struct door_servers servers = {.http = http_server_listener(gateway->http),
                                   .line = text_server_listener(gateway->lines),
                                   .datagram = datagram_server_socket(gateway->datagrams)};
    access_serve(gateway->access, gateway->websockets, gateway->streams, gateway->lines);
    listeners_serve(gateway->listeners, &servers);
    return GATEWAY_EXIT_DONE;
}

/* ---- the end ---- */

static void on_goodbye(void *context)
{
    struct gateway *gateway = context;
    int64_t now_ns = loop_now_ns(gateway->loop);
    websocket_server_close(gateway->websockets);
    event_streams_close(gateway->streams);
    text_server_close(gateway->lines);
    datagram_server_close(gateway->datagrams);
    if (websocket_server_count(gateway->websockets) == 0 || now_ns >= gateway->goodbye_until_ns)
        loop_stop(gateway->loop);
    else
        (void)loop_timer_set(&gateway->goodbye_timer, now_ns + GOODBYE_STEP_MS * CLOCK_NS_PER_MS);
}

/* No new connection, outputs to safe, clients told both; then they are closed. */
static void begin_end(struct gateway *gateway)
{
    if (gateway->is_ending) {
        loop_stop(gateway->loop);
        return;
    }
    gateway->is_ending = true;
    struct timestamps now = clock_now();
    sd_notify_stopping(gateway->manager);
    listeners_close_connections(gateway->listeners);
    gpio_loop_shutdown(gateway->gpio_loop);
    gateway->goodbye_until_ns = now.monotonic_ns + GOODBYE_MAX_MS * CLOCK_NS_PER_MS;
    /* A step later: the feed hands out the last events first. */
    (void)loop_timer_set(&gateway->goodbye_timer,
                         now.monotonic_ns + GOODBYE_STEP_MS * CLOCK_NS_PER_MS);
}

static void log_line(void *context, const char *line, const char *what)
{
    (void)context;
    log_info("reload line=%s is=%s", line, what);
}

/* One line of the log for each of the report. */
static void log_errors(const char *text)
{
    for (size_t length; (length = strcspn(text, "\n")) > 0; text += length + (text[length] == '\n'))
        log_error("reload refused, nothing changed: %.*s", (int)length, text);
}

/* A reload is of the circuit. Whoever changed more, as the port or the tokens' mode, must not believe
 * that it is so now. */
static void log_what_waits(const struct gateway *gateway, struct config *changed)
{
    const struct config *config = &gateway->config;
    if (gateway->options->http_count > 0) /* the command line has the last word on these */
        changed->listen.http = config->listen.http;
    const char *keys[CONFIG_PARTS_MAX];
    size_t count = config_differences(config, changed, keys);
    for (size_t i = 0; i < count; i++)
        log_warning("reload: \"%s\" has changed and is taken at the next start only", keys[i]);
}

/* Has the circuit that runs take a new description. 0, or a negative errno with `error` filled: then
 * nothing has changed. */
static int take_config(void *context, struct config *config, struct gpio_error *error)
{
    struct gateway *gateway = context;
    struct timestamps now = clock_now();
    line_store_writer_note(gateway->line_store_writer);
    int code = circuit_reload(gpio_loop_circuit(gateway->gpio_loop), &config->circuit, &now,
                              log_line, NULL, error);
    if (code) {
        log_error("reload refused, nothing changed: %s", error->message);
        return code;
    }
    log_info("reload done lines=%zu", config->circuit.line_count);
    log_set_level(config->log.level);
    log_what_waits(gateway, config);
    mqtt_helper_reload(gateway->mqtt, config);
    gpio_loop_touched(gateway->gpio_loop);
    feed_renew(gateway->service.feed);
    return 0;
}

static void reload(struct gateway *gateway)
{
    struct config config = {0};
    struct config_report report;
    struct gpio_error error = {0};
    config_report_init(&report);
    sd_notify_reloading(gateway->manager);
    access_reload(gateway->access);
    if (config_load(gateway->options->config_path, &config, &report))
        log_errors(buffer_text(&report.text));
    else
        (void)take_config(gateway, &config, &error);
    config_report_done(&report);
    config_done(&config);
    sd_notify_ready(gateway->manager);
}

static void on_signal(void *context, int number)
{
    struct gateway *gateway = context;
    if (number == SIGHUP && !gateway->had_terminal)
        reload(gateway);
    else
        begin_end(gateway);
}

/* A SIGHUP to a program with a controlling terminal says that the terminal was closed (setsid(2),
 * tty_ioctl(4)): nobody would see that the pins are still driven. A service has none, and reloads. */
static bool has_terminal(void)
{
    AUTO_FD terminal = open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY);
    return terminal >= 0 &&
           (isatty(STDIN_FILENO) || isatty(STDOUT_FILENO) || isatty(STDERR_FILENO));
}

/* ---- life ---- */

static void say_hello(struct gateway *gateway)
{
    bool is_terminal = isatty(STDOUT_FILENO);
    const struct address *address;
    for (size_t i = 0; (address = listeners_http(gateway->listeners, i)); i++)
        startup_urls_add(&gateway->urls, address);
    listeners_print(gateway->listeners, stdout);
    bool has_token = gateway->config.auth.mode == CONFIG_AUTH_TOKEN;
    if (is_terminal)
        startup_urls_print(&gateway->urls, has_token ? tokens_link(&gateway->tokens) : NULL, true,
                           stdout);
    int error = addresses_store(&gateway->urls, gateway->state_folder);
    if (error && has_token)
        log_warning("addresses not stored for `token show` errno=%s", strerror(-error));
    (void)fputs("ready\n", stdout);
    (void)fflush(stdout);
    if (!is_terminal && has_token)
        log_info("open the page with a token: `gpio-gateway token show` prints the links");
    if (gateway->made_tokens)
        log_info("new tokens made folder=%s", gateway->state_folder);
    sd_notify_ready(gateway->manager);
}

/* After the addresses are known: a hub shows a link to the page. */
static void start_helpers(struct gateway *gateway)
{
    char url[ADDRESSES_URL_SIZE] = "";
    struct service *service = &gateway->service;
    char id[GATEWAY_ID_SIZE] = "";
    int error = gateway_id(gateway->state_folder, id);
    if (error)
        log_warning("no id for brokers and neighbours folder=%s errno=%s", gateway->state_folder,
                    strerror(-error));
    (void)next_address(gateway, 0, url);
    if (mqtt_helper_new(gateway->loop, gateway->net, gateway->lines, &service->helpers,
                        &gateway->config, gateway->options->config_path, gateway->state_folder, url,
                        &gateway->mqtt))
        log_error("helper=mqtt out of memory");
}

static int run(struct gateway *gateway)
{
    sigset_t signals;
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGHUP);
    (void)signal(SIGPIPE, SIG_IGN);
    gateway->had_terminal = has_terminal();
    int (*const steps[])(struct gateway *) = {load_config,  load_page,    load_state,
                                              open_sockets, open_circuit, open_servers};
    for (size_t i = 0; i < ARRAY_LENGTH(steps); i++) {
        int code = steps[i](gateway);
        if (code)
            return code;
    }
    (void)inherit_close_rest(&gateway->inherited);
    loop_timer_init(&gateway->goodbye_timer, gateway->loop, on_goodbye, gateway);
    int error = loop_signals(gateway->loop, &signals, on_signal, gateway);
    if (!error) {
        say_hello(gateway);
        start_helpers(gateway);
        (void)malloc_trim(0); /* what reading the page and the config took, and is free again */
        error = loop_run(gateway->loop);
    }
    if (error)
        log_error("the loop failed errno=%s", strerror(-error));
    return error ? GATEWAY_EXIT_FAILED : GATEWAY_EXIT_DONE;
}

int gateway_serve(const struct gateway_options *options)
{
    struct gateway gateway = {.options = options};
    int code = run(&gateway);
    gateway.listeners = listeners_close(gateway.listeners);
    mqtt_helper_free(gateway.mqtt);
    mdns_helper_free(gateway.mdns);
    http_server_free(gateway.http);
    text_server_free(gateway.lines);
    datagram_server_free(gateway.datagrams);
    websocket_server_free(gateway.websockets);
    event_streams_free(gateway.streams);
    history_log_free(gateway.history_log);
    history_file_free(gateway.history);
    feed_free(gateway.service.feed);
    capture_free(gateway.service.capture);
    access_free(gateway.access);
    line_store_writer_free(gateway.line_store_writer);
    gpio_loop_free(gateway.gpio_loop);
    page_files_free(gateway.pages);
    sd_notify_free(gateway.manager);
    net_free(gateway.net);
    loop_free(gateway.loop);
    config_done(&gateway.config);
    explicit_bzero(&gateway.tokens, sizeof gateway.tokens);
    return code;
}
