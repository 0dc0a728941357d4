#include "gateway_state.h"

enum {
    GOODBYE_STEP_MS = 20,  /* between two checks whether clients are still connected */
    GOODBYE_MAX_MS = 1000, /* the time for clients to read the last events and close */
    HANDOVER_MAX_MS = 300, /* less when another process waits to go on with the pins */
};

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

static void begin_goodbye(struct gateway *gateway, int64_t most_ms)
{
    struct timestamps now = clock_now();
    gateway->is_ending = true;
    gateway->goodbye_until_ns = now.monotonic_ns + most_ms * CLOCK_NS_PER_MS;
    pin_trial_stop(gateway->pin_trial, "end");
    /* In a later turn, after the feed has sent the last events. */
    (void)loop_timer_set(&gateway->goodbye_timer,
                         now.monotonic_ns + GOODBYE_STEP_MS * CLOCK_NS_PER_MS);
}

/* Refuses new connections, sets outputs to their safe values, and reports both to the clients, which are then
 * closed. */
static void begin_end(struct gateway *gateway)
{
    if (gateway->is_ending && !gateway->is_handing_over) {
        loop_stop(gateway->loop);
        return;
    }
    gateway->is_handing_over = false; /* who stops it meanwhile wants the pins safe */
    sd_notify_stopping(gateway->manager);
    listeners_close_connections(gateway->listeners);
    gpio_loop_shutdown(gateway->gpio_loop);
    begin_goodbye(gateway, GOODBYE_MAX_MS);
}

/* As begin_end(), but the circuit works on until the last moment: an output changes only as it would have
 * anyway. The manager is not notified of the end, because to it that would be a stop. */
static void begin_handover(struct gateway *gateway)
{
    if (gateway->is_ending)
        return;
    const char *obstacle = gpio_loop_handover_obstacle(gateway->gpio_loop);
    if (obstacle) {
        log_error("hand-over refused, nothing changed: %s", obstacle);
        return;
    }
    log_info("hand-over begins");
    gateway->is_handing_over = true;
    listeners_close_connections(gateway->listeners);
    begin_goodbye(gateway, HANDOVER_MAX_MS);
}

static void log_line(void *context, const char *line, const char *what)
{
    (void)context;
    log_info("reload line=%s is=%s", line, what);
}

/* Logs each line of the report. */
static void log_errors(const char *text)
{
    for (size_t length; (length = strcspn(text, "\n")) > 0; text += length + (text[length] == '\n'))
        log_error("reload refused, nothing changed: %.*s", (int)length, text);
}

/* A reload applies to the circuit alone. Warns about other changed keys, as the port or the mode of the
 * tokens, which need a restart. */
static void log_what_waits(const struct gateway *gateway, struct config *changed)
{
    const struct config *config = &gateway->config;
    if (gateway->options->http_count > 0) /* the command line overrides these */
        changed->listen.http = config->listen.http;
    const char *keys[CONFIG_PARTS_MAX];
    size_t count = config_differences(config, changed, keys);
    for (size_t i = 0; i < count; i++)
        log_warning("reload: \"%s\" has changed and is taken at the next start only", keys[i]);
}

/* Applies a new description to the running circuit. 0, or a negative errno with `error` filled: then nothing
 * has changed. */
int gateway_take_config(void *context, struct config *config, struct gpio_error *error)
{
    struct gateway *gateway = context;
    struct timestamps now = clock_now();
    feed_expect_renewal(gateway->service.feed);
    line_store_writer_note(gateway->line_store_writer);
    pin_trial_stop(gateway->pin_trial, "reload");
    wall_clock_use_zone(gateway->clock, config->circuit.timezone);
    int code = circuit_reload(gpio_loop_circuit(gateway->gpio_loop), &config->circuit, &now,
                              log_line, NULL, error);
    if (code) {
        wall_clock_use_zone(gateway->clock,
                            circuit_description(gpio_loop_circuit(gateway->gpio_loop))->timezone);
        log_error("reload refused, nothing changed: %s", error->message);
        return code;
    }
    log_info("reload done lines=%zu", config->circuit.line_count);
    config_warn(config, gateway_log_warning, NULL);
    log_set_level(config->log.level);
    log_what_waits(gateway, config);
    wall_clock_expect(gateway->clock, circuit_options_need_clock(&config->circuit));
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
    listeners_reload(gateway->listeners);
    /* The loop waits for nobody. */
    if (!file_is_regular(gateway->options->config_path))
        log_error("reload refused, nothing changed: %s: is not a file",
                  gateway->options->config_path);
    else if (config_load(gateway->options->config_path, &config, &report))
        log_errors(buffer_text(&report.text));
    else
        (void)gateway_take_config(gateway, &config, &error);
    config_report_done(&report);
    config_done(&config);
    sd_notify_ready(gateway->manager);
}

static void on_signal(void *context, int number)
{
    struct gateway *gateway = context;
    if (number == SIGHUP && !gateway->had_terminal)
        reload(gateway);
    else if (number == SIGUSR2)
        begin_handover(gateway);
    else
        begin_end(gateway);
}

/* A program with a controlling terminal gets SIGHUP when the terminal is closed (setsid(2), tty_ioctl(4)):
 * it ends, since nobody would see that it still drives the pins. A service has no terminal, and reloads. */
static bool has_terminal(void)
{
    AUTO_FD terminal = open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY);
    return terminal >= 0 &&
           (isatty(STDIN_FILENO) || isatty(STDOUT_FILENO) || isatty(STDERR_FILENO));
}

/* ---- life ---- */

static void print_start(struct gateway *gateway)
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
        log_warning("addresses not stored for `token show` file=%s/addresses error=\"%s\"",
                    gateway->state_folder, file_error_text(error));
    (void)fputs("ready\n", stdout);
    (void)fflush(stdout);
    if (!is_terminal && has_token)
        log_info("open the page with a token: `gpio-gateway token show` prints the links");
    if (gateway->made_tokens)
        log_info("new tokens made folder=%s", gateway->state_folder);
    sd_notify_ready(gateway->manager);
}

/* After the addresses are known, since a hub shows a link to the page. */
static void start_helpers(struct gateway *gateway)
{
    char url[ADDRESSES_URL_SIZE] = "";
    struct service *service = &gateway->service;
    (void)gateway_next_address(gateway, 0, url);
    if (mqtt_helper_new(gateway->loop, gateway->net, gateway->spawner, gateway->lines,
                        &service->helpers, &gateway->config, gateway->options->config_path,
                        gateway->id, url, &gateway->mqtt))
        log_error("helper=mqtt out of memory");
    if (mdns_helper_new(gateway->loop, gateway->net, gateway->spawner, &gateway->config,
                        gateway->listeners, gateway->id, &gateway->neighbours, &service->helpers,
                        &gateway->mdns))
        log_error("helper=mdns out of memory");
}

static int live(struct gateway *gateway, const sigset_t *signals)
{
    loop_timer_init(&gateway->goodbye_timer, gateway->loop, on_goodbye, gateway);
    int error = loop_signals(gateway->loop, signals, on_signal, gateway);
    if (!error) {
        print_start(gateway);
        start_helpers(gateway);
        page_files_pack(gateway->pages, gateway->loop);
        error = loop_run(gateway->loop);
    }
    if (error)
        log_error("the loop failed errno=%s", strerror(-error));
    if (error)
        return GATEWAY_EXIT_FAILED;
    if (!gateway->is_handing_over)
        return GATEWAY_EXIT_DONE;
    gpio_loop_hand_over(gateway->gpio_loop);
    error = journal_file_write(gateway->state_folder,
                               circuit_journal(gpio_loop_circuit(gateway->gpio_loop)));
    if (error)
        log_warning("clients that come back will need a snapshot file=%s/journal.json error=\"%s\"",
                    gateway->state_folder, file_error_text(error));
    return GATEWAY_EXIT_HANDED_OVER;
}

static int run(struct gateway *gateway)
{
    sigset_t signals, handover;
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGHUP);
    (void)sigaddset(&signals, SIGUSR2);
    (void)sigemptyset(&handover);
    (void)sigaddset(&handover, SIGUSR2);
    (void)sigprocmask(SIG_BLOCK, &handover, NULL); /* one that comes during the start waits */
    (void)signal(SIGPIPE, SIG_IGN);
    gateway->had_terminal = has_terminal();
    int (*const steps[])(struct gateway *) = {
        gateway_load_config,   gateway_load_page,    gateway_load_state,  gateway_open_sockets,
        gateway_close_sandbox, gateway_open_circuit, gateway_open_servers};
    for (size_t i = 0; i < ARRAY_LENGTH(steps); i++) {
        int code = steps[i](gateway);
        if (code)
            return code;
    }
    (void)inherit_close_rest(&gateway->inherited);
    return live(gateway, &signals);
}

int gateway_serve(const struct gateway_options *options)
{
    struct gateway gateway = {.options = options};
    int code = run(&gateway);
    gateway.listeners = listeners_close(gateway.listeners);
    mqtt_helper_free(gateway.mqtt);
    mdns_helper_free(gateway.mdns);
    spawner_free(gateway.spawner);
    http_server_free(gateway.http);
    text_server_free(gateway.lines);
    datagram_server_free(gateway.datagrams);
    websocket_server_free(gateway.websockets);
    event_streams_free(gateway.streams);
    history_log_free(gateway.history_log);
    history_file_free(gateway.history);
    pin_trial_free(gateway.pin_trial);
    classroom_done(&gateway.classroom);
    feed_free(gateway.service.feed);
    capture_free(gateway.service.capture);
    access_free(gateway.access);
    line_store_writer_free(gateway.line_store_writer);
    gpio_loop_free(gateway.gpio_loop);
    page_files_free(gateway.pages);
    sd_notify_free(gateway.manager);
    net_free(gateway.net);
    wall_clock_free(gateway.clock);
    loop_free(gateway.loop);
    config_done(&gateway.config);
    explicit_bzero(&gateway.tokens, sizeof gateway.tokens);
    return code;
}
