#include "protocol_rig.h"

#include "base/clock.h"
#include "base/json.h"
#include "gpio/gpio.h"
#include "protocol/http/http_dispatch.h"
#include "protocol/http/page_files.h"
#include "protocol/http/route_table.h"
#include "protocol/method/method.h"
#include "protocol/method/rpc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* ---- a circuit ---- */

static int on_watch(void *context, int fd, bool on)
{
    (void)context, (void)fd, (void)on;
    return 0;
}

static void on_edge(void *context, const struct gpio_edge *edge)
{
    struct protocol_rig *rig = context;
    struct timestamps now = clock_now();
    if (rig->circuit)
        circuit_edge(rig->circuit, edge, &now);
}

static void on_available(void *context, int line, bool available, int value, const char *reason)
{
    (void)context, (void)line, (void)available, (void)value, (void)reason;
}

static void on_wake_at(void *context, int64_t due_ns)
{
    (void)context, (void)due_ns;
}

static void describe(struct protocol_rig *rig)
{
    static const char *const names[] = {"red", "green", "button", "valve"};
    for (size_t i = 0; i < RIG_LINES; i++) {
        struct circuit_line_options *line = &rig->lines[i];
        (void)snprintf(line->name, sizeof line->name, "%s", names[i]);
        (void)snprintf(line->gpio.gpio, sizeof line->gpio.gpio, "GPIO%zu", 17 + i);
        line->gpio.offset = -1;
        line->gpio.direction = i == RIG_BUTTON ? GPIO_DIRECTION_INPUT : GPIO_DIRECTION_OUTPUT;
    }
    rig->lines[RIG_RED].part = CIRCUIT_PART_LED;
    rig->lines[RIG_BUTTON].part = CIRCUIT_PART_BUTTON;
    rig->interlock = (struct circuit_interlock_options){
        .name = "water", .count = 2, .lines = {RIG_GREEN, RIG_VALVE}};
    rig->scene = (struct circuit_scene_options){
        .name = "evening", .count = 1, .steps = {{.line = RIG_RED, .value = 1}}};
}

static int make_circuit(struct protocol_rig *rig, uint32_t journal_events)
{
    struct gpio_events listener = {.context = rig,
                                   .watch = on_watch,
                                   .edge = on_edge,
                                   .available = on_available,
                                   .wake_at = on_wake_at};
    struct gpio_options gpio = {.backend = GPIO_BACKEND_SIMULATOR};
    struct circuit_options options = {.name = "bench",
                                      .lines = rig->lines,
                                      .line_count = RIG_LINES,
                                      .interlocks = &rig->interlock,
                                      .interlock_count = 1,
                                      .scenes = &rig->scene,
                                      .scene_count = 1,
                                      .journal_events = journal_events};
    struct gpio_error error;
    struct timestamps now = clock_now();
    describe(rig);
    if (gpio_new(&gpio, &listener, &rig->gpio, &error))
        return -1;
    return circuit_new(&options, rig->gpio, RIG_RUN_ID, NULL, &now, &rig->circuit, &error);
}

/* ---- what serves it ---- */

static void on_touched(void *context)
{
    struct protocol_rig *rig = context;
    rig->touched++;
}

static void on_deadline(void *context)
{
    struct protocol_rig *rig = context;
    loop_stop(rig->loop);
}

static int make_pages(struct protocol_rig *rig)
{
    char folder[] = "/tmp/protocol-rig-XXXXXX";
    if (!mkdtemp(folder))
        return -1;
    int error = page_files_new(folder, &rig->pages);
    return rmdir(folder) || error;
}

static int make_service(struct protocol_rig *rig)
{
    static const struct net_limits limits = {
        .connections = 64, .connections_per_peer = 64, .backlog = 16};
    static const struct tokens tokens = {.count = 2,
                                         .items = {{.role = ROLE_OPERATOR, .text = RIG_OPERATOR},
                                                   {.role = ROLE_VIEWER, .text = RIG_VIEWER}}};
    struct auth_options auth = {.tokens = &tokens};
    if (loop_new(&rig->loop) || net_new(rig->loop, &limits, &rig->net))
        return -1;
    rig->service = (struct service){.loop = rig->loop,
                                    .net = rig->net,
                                    .circuit = rig->circuit,
                                    .started_ns = clock_monotonic_ns(),
                                    .circuit_touched = on_touched,
                                    .circuit_context = rig};
    loop_timer_init(&rig->deadline, rig->loop, on_deadline, rig);
    if (auth_new(&auth, &rig->service.auth))
        return -1;
    return feed_new(rig->loop, rig->circuit, &rig->service.feed);
}

static int set_up(void **state, uint32_t journal_events)
{
    struct protocol_rig *rig = calloc(1, sizeof *rig);
    if (!rig || make_circuit(rig, journal_events) || make_service(rig) || make_pages(rig) ||
        route_table_new(&rig->routes))
        return -1;
    rig->operator=(struct caller){.role = ROLE_OPERATOR, .source = "http:192.168.1.7:51514"};
    rig->viewer = (struct caller){.role = ROLE_VIEWER, .source = "http:192.168.1.8:51515"};
    rig->stranger = (struct caller){.role = ROLE_NONE, .source = "http:192.168.1.9:51516"};
    buffer_init(&rig->text, RPC_REPLY_MAX_BYTES);
    *state = rig;
    return 0;
}

int protocol_rig_setup(void **state)
{
    return set_up(state, 1024);
}

int protocol_rig_setup_small(void **state)
{
    return set_up(state, JOURNAL_EVENTS_MIN);
}

int protocol_rig_teardown(void **state)
{
    struct protocol_rig *rig = *state;
    feed_free(rig->service.feed);
    auth_free(rig->service.auth);
    page_files_free(rig->pages);
    route_table_free(rig->routes);
    circuit_free(rig->circuit);
    gpio_free(rig->gpio);
    net_free(rig->net);
    loop_timer_stop(&rig->deadline);
    loop_free(rig->loop);
    buffer_done(&rig->text);
    free(rig);
    return 0;
}

void protocol_rig_run_ms(struct protocol_rig *rig, int ms)
{
    (void)loop_timer_set(&rig->deadline, clock_monotonic_ns() + ms * CLOCK_NS_PER_MS);
    (void)loop_run(rig->loop);
}

void protocol_rig_toggle(struct protocol_rig *rig, unsigned count)
{
    struct command command = {
        .verb = COMMAND_TOGGLE, .line = RIG_RED, .by = {"http:192.168.1.7:51514", ROLE_OPERATOR}};
    struct outcome outcome;
    struct refusal refusal;
    for (unsigned i = 0; i < count; i++) {
        struct timestamps now = clock_now();
        if (circuit_command(rig->circuit, &command, &now, &outcome, &refusal))
            abort();
    }
}

/* ---- JSON-RPC and methods ---- */

char *protocol_rig_quotes(const char *text)
{
    char *copy = strdup(text);
    for (char *byte = copy; byte && *byte; byte++)
        if (*byte == '\'')
            *byte = '"';
    return copy;
}

const char *protocol_rig_rpc(struct protocol_rig *rig, const struct caller *caller,
                             const char *text)
{
    char *quoted = protocol_rig_quotes(text);
    buffer_clear(&rig->text);
    if (!quoted || rpc_answer(&rig->service, caller, quoted, strlen(quoted), &rig->text))
        abort();
    free(quoted);
    return buffer_text(&rig->text);
}

const char *protocol_rig_call(struct protocol_rig *rig, const struct caller *caller,
                              const char *method, const char *params)
{
    struct json *json = NULL;
    struct result result = {0};
    struct problem problem = {0};
    char *quoted = params ? protocol_rig_quotes(params) : NULL;
    if (quoted && json_parse(quoted, strlen(quoted), &json, NULL))
        abort();
    buffer_clear(&rig->text);
    struct json_writer writer = json_writer_begin(&rig->text);
    if (method_call(&rig->service, method_find(method), caller, json, &result, &problem))
        problem_write_rpc(&problem, &writer);
    else
        result_write(&result, &writer);
    result_done(&result);
    if (rig->text.error)
        abort();
    json_free(json);
    free(quoted);
    return buffer_text(&rig->text);
}

/* ---- a request of HTTP ---- */

static const char *find_pair(const struct request_pair *pairs, const char *name)
{
    for (int i = 0; i < REQUEST_FIELDS_MAX; i++)
        if (pairs[i].name && strcasecmp(pairs[i].name, name) == 0)
            return pairs[i].value;
    return NULL;
}

static void set_pair(struct request_pair *pairs, const char *name, const char *value)
{
    int location = -1;
    for (int i = 0; i < REQUEST_FIELDS_MAX; i++) {
        if (pairs[i].name && strcasecmp(pairs[i].name, name) == 0) {
            location = i;
            break;
        }
        if (!pairs[i].name && location < 0)
            location = i;
    }
    if (location < 0)
        abort();
    pairs[location] = (struct request_pair){.name = name, .value = value};
}

static const char *header(const struct http_exchange *http_exchange, const char *name)
{
    const struct protocol_request *request = http_exchange->library;
    return find_pair(request->fields, name);
}

static size_t headers_all(const struct http_exchange *http_exchange, const char *name,
                          const char **values, size_t max)
{
    const char *value = header(http_exchange, name);
    if (!value || max == 0)
        return 0;
    values[0] = value;
    return 1;
}

static const char *query(const struct http_exchange *http_exchange, const char *name)
{
    const struct protocol_request *request = http_exchange->library;
    return find_pair(request->arguments, name);
}

void protocol_request_init(struct protocol_request *request, struct protocol_rig *rig,
                           const char *method, const char *path, const char *body)
{
    *request = (struct protocol_request){0};
    struct http_exchange *http_exchange = &request->http_exchange;
    http_exchange->service = &rig->service;
    http_exchange->pages = rig->pages;
    http_exchange->routes = rig->routes;
    http_exchange->method = method;
    http_exchange->path = path;
    http_exchange->header = header;
    http_exchange->headers_all = headers_all;
    http_exchange->query = query;
    http_exchange->library = request;
    http_exchange->caller.source = rig->operator.source;
    buffer_init(&http_exchange->body, 64 * 1024);
    buffer_init(&http_exchange->answer, 1024 * 1024);
    set_pair(request->fields, "Host", "localhost");
    set_pair(request->fields, "Authorization", "Bearer " RIG_OPERATOR);
    if (body)
        set_pair(request->fields, "Content-Type", "application/json");
    char *quoted = body ? protocol_rig_quotes(body) : NULL;
    if (quoted)
        (void)buffer_append_text(&http_exchange->body, quoted);
    free(quoted);
}

void protocol_request_done(struct protocol_request *request)
{
    buffer_done(&request->http_exchange.body);
    buffer_done(&request->http_exchange.answer);
}

void protocol_request_field(struct protocol_request *request, const char *name, const char *value)
{
    set_pair(request->fields, name, value);
}

void protocol_request_argument(struct protocol_request *request, const char *name,
                               const char *value)
{
    set_pair(request->arguments, name, value);
}

int protocol_request_send(struct protocol_request *request)
{
    http_dispatch(&request->http_exchange);
    return request->http_exchange.status;
}

int protocol_request_status(struct protocol_rig *rig, const char *method, const char *path,
                            const char *body)
{
    struct protocol_request request;
    protocol_request_init(&request, rig, method, path, body);
    int status = protocol_request_send(&request);
    protocol_request_done(&request);
    return status;
}

const char *protocol_request_answer(const struct protocol_request *request, const char *name)
{
    const struct http_exchange *http_exchange = &request->http_exchange;
    for (size_t i = 0; i < http_exchange->header_count; i++)
        if (strcasecmp(http_exchange->headers[i].name, name) == 0)
            return http_exchange->headers[i].value;
    return NULL;
}
