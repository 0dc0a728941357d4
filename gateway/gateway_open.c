#include "gateway_state.h"

/* ---- input of the user: config, page, state folder ---- */

void gateway_log_warning(void *context, const char *path, const char *text)
{
    (void)context;
    log_warning("config: %s: %s", path, text);
}

int gateway_load_config(struct gateway *gateway)
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
    config_warn(&gateway->config, gateway_log_warning, NULL);
    return GATEWAY_EXIT_DONE;
}

int gateway_load_page(struct gateway *gateway)
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

int gateway_load_state(struct gateway *gateway)
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
    error = file_check_folder(folder);
    if (error == -EPERM) {
        (void)fprintf(stderr,
                      "%s: belongs to another user, or others may write into it, who could give "
                      "themselves a token; chown -R it to this user and chmod 700, or name another "
                      "folder in STATE_DIRECTORY\n",
                      folder);
        return GATEWAY_EXIT_NOT_ALLOWED;
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

/* Reports an error of `file` in the state folder with its remedy. Returns an exit code. */
static int report_state(const struct gateway *gateway, const char *file, int error)
{
    const char *folder = gateway->state_folder;
    switch (error) {
    case -ELOOP:
    case -EBADMSG:
    case -EISDIR:
        (void)fprintf(stderr, "%s/%s: is not a file; remove it, and start again\n", folder, file);
        return GATEWAY_EXIT_CONFIG;
    case -ENOTDIR:
    case -ENOENT:
        (void)fprintf(stderr, "%s: is not a folder; remove it, and start again\n", folder);
        return GATEWAY_EXIT_CONFIG;
    case -EPERM:
        (void)fprintf(stderr, "%s/%s: %s, and start again\n", folder, file, file_error_text(error));
        return GATEWAY_EXIT_NOT_ALLOWED;
    case -EACCES:
        (void)fprintf(
            stderr,
            "%s: this user may not write %s there; give the folder to the user (chown -R), "
            "or name another in STATE_DIRECTORY\n",
            folder, file);
        return GATEWAY_EXIT_NOT_ALLOWED;
    case -EROFS:
        (void)fprintf(
            stderr,
            "%s: is on a read-only file system; mount it writable, or name another folder "
            "in STATE_DIRECTORY\n",
            folder);
        return GATEWAY_EXIT_CONFIG;
    default:
        (void)fprintf(stderr, "%s/%s: cannot be opened: %s\n", folder, file, strerror(-error));
        return GATEWAY_EXIT_FAILED;
    }
}

/* ---- layers, lowest first ---- */

static void on_clock_changed(void *context, bool is_set)
{
    const struct gateway *gateway = context;
    struct timestamps now = clock_now();
    if (!gateway->gpio_loop)
        return;
    circuit_clock_changed(gpio_loop_circuit(gateway->gpio_loop), is_set, &now);
    gpio_loop_touched(gateway->gpio_loop);
}

int gateway_open_sockets(struct gateway *gateway)
{
    int error = loop_new(&gateway->loop);
    if (!error)
        error = wall_clock_new(gateway->loop, on_clock_changed, gateway, &gateway->clock);
    if (!error)
        error = inherit_read(&gateway->inherited);
    if (!error)
        error = net_new(gateway->loop, &gateway->config.limits.net, &gateway->net);
    if (error) {
        (void)fprintf(stderr, "cannot start: %s\n", strerror(-error));
        return GATEWAY_EXIT_UNAVAILABLE;
    }
    net_set_proxies(gateway->net, &gateway->config.proxy.from);
    /* The gateway also runs without a service manager, or when it cannot be reached. */
    error = sd_notify_new(net_register(gateway->net), &gateway->manager);
    if (error)
        log_warning("the service manager could not be notified errno=%s", strerror(-error));
    if (listeners_open(gateway->net, &gateway->config.listen, &gateway->config.tls,
                       &gateway->inherited, &gateway->listeners))
        return GATEWAY_EXIT_UNAVAILABLE;
    return GATEWAY_EXIT_DONE;
}

/* Without a place to store values, no pin is driven: a restart could not restore them. */
int gateway_open_circuit(struct gateway *gateway)
{
    int failed =
        line_store_writer_new(gateway->loop, gateway->state_folder, &gateway->line_store_writer);
    if (failed)
        return report_state(gateway, "lines.json", failed);
    struct circuit_store line_store = line_store_writer_circuit_store(gateway->line_store_writer);
    struct json *journal = journal_file_take(gateway->state_folder);
    line_store.journal = journal;
    struct gpio_error error;
    line_store.keeps_pins = gateway->manager != NULL;
    line_store.clock_is_unset = !wall_clock_is_set();
    wall_clock_use_zone(gateway->clock, gateway->config.circuit.timezone);
    failed = gpio_loop_new(gateway->loop, &gateway->config, gateway->options->config_path,
                           &gateway->inherited, &line_store, gateway->manager, &gateway->gpio_loop,
                           &error);
    json_free(journal);
    if (failed) {
        (void)fprintf(stderr, "%s\n", error.message);
        return error.code == -EACCES || error.code == -EPERM ? GATEWAY_EXIT_NOT_ALLOWED
               : error.code == -EBADMSG || error.code == -ENOENT || error.code == -EINVAL
                   ? GATEWAY_EXIT_CONFIG /* the config names something that does not exist */
                   : GATEWAY_EXIT_UNAVAILABLE;
    }
    line_store_writer_follow(gateway->line_store_writer, gpio_loop_circuit(gateway->gpio_loop));
    wall_clock_expect(gateway->clock, circuit_options_need_clock(&gateway->config.circuit));
    return GATEWAY_EXIT_DONE;
}

const char *gateway_next_address(void *context, size_t index, char *text)
{
    const struct gateway *gateway = context;
    /* Addresses of the network first, since a link is for another device. */
    for (int lan = 1; lan >= 0; lan--)
        for (size_t i = 0; i < gateway->urls.count; i++)
            if (gateway->urls.items[i].is_lan == lan && index-- == 0)
                return memcpy(text, gateway->urls.items[i].url, ADDRESSES_URL_SIZE);
    return NULL;
}

static void open_config_editor(struct gateway *gateway)
{
    gateway->config_editor = (struct config_editor){
        .path = gateway->options->config_path,
        .state_folder = gateway->state_folder,
        .started = &gateway->config,
        .fixed_http = gateway->options->http_count > 0,
        .circuit = gpio_loop_circuit(gateway->gpio_loop),
        .reload = gateway_take_config,
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
        .id = gateway->id,
        .started_ns = clock_monotonic_ns(),
        .address = gateway_next_address,
        .address_context = gateway,
        .circuit_touched = touch_pins,
        .circuit_context = gateway->gpio_loop,
        .helpers = {.mqtt = "off", .mdns = "off"},
        .neighbours = &gateway->neighbours,
        .classroom = &gateway->classroom,
        .tls = listeners_tls(gateway->listeners),
    };
    classroom_init(&gateway->classroom);
    open_config_editor(gateway);
    int error = gateway_id(gateway->state_folder, gateway->id);
    if (error)
        log_warning("no id for cookies, brokers and neighbours file=%s/id error=\"%s\"",
                    gateway->state_folder, file_error_text(error));
    error =
        pin_trial_new(gateway->loop, service->circuit, &gateway->config.gpio, &gateway->pin_trial);
    if (error)
        return error;
    service->pins = pin_trial_finder(gateway->pin_trial);
    error = access_new(service, &gateway->config.auth, &gateway->tokens, gateway->state_folder,
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
    gateway->service.history = gateway->history;
    return error ? error
                 : history_log_new(&gateway->service, gateway->history, &gateway->history_log);
}

int gateway_open_servers(struct gateway *gateway)
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
    if (error) {
        (void)fprintf(stderr, "cannot start the servers: %s\n", strerror(-error));
        return GATEWAY_EXIT_UNAVAILABLE;
    }
    if (gateway->config.history.file)
        error = open_history(gateway);
    if (error)
        return report_state(gateway, "history.jsonl", error);
    struct listener_servers servers = {.http = http_server_listener(gateway->http),
                                       .line = text_server_listener(gateway->lines),
                                       .datagram = datagram_server_socket(gateway->datagrams)};
    access_serve(gateway->access, gateway->websockets, gateway->streams, gateway->lines,
                 gateway->datagrams);
    listeners_serve(gateway->listeners, &servers);
    return GATEWAY_EXIT_DONE;
}
