/* GET /metrics: the Prometheus text format, version 0.0.4. */
#include "base/clock.h"
#include "base/number.h"
#include "base/owner.h"
#include "base/process_usage.h"
#include "circuit/circuit.h"
#include "loop/loop.h"
#include "net/net.h"
#include "net/register.h"
#include "net/socket_entry.h"
#include "protocol/feed.h"
#include "protocol/http/exposition.h"
#include "protocol/http/gzip.h"
#include "protocol/http/http_exchange.h"
#include "protocol/http/request_count.h"
#include "protocol/http/rest.h"
#include "state/history_file.h"

#include <stdlib.h>
#include <string.h>

/* ---- lines ---- */

static double value_of(const struct line_state *state)
{
    return state->value;
}

static double edges_of(const struct line_state *state)
{
    return (double)state->edges;
}

static double on_seconds_of(const struct line_state *state)
{
    return number_round((double)state->on_ns / (double)CLOCK_NS_PER_SECOND);
}

static double duty_of(const struct line_state *state)
{
    if (state->options->gpio.direction == GPIO_DIRECTION_INPUT)
        return number_round(state->input_duty);
    return state->action == CIRCUIT_ACTION_PWM ? number_round(state->duty) : state->value;
}

static double locked_of(const struct line_state *state)
{
    return state->lock_reason != NULL;
}

static double pulses_of(const struct line_state *state)
{
    return (double)state->pulses;
}

static double total_of(const struct line_state *state)
{
    return number_round((double)state->pulses * state->options->counter.per_pulse);
}

static double rate_of(const struct line_state *state)
{
    return number_round(state->pulse_rate * state->options->counter.per_pulse);
}

static bool is_any(const struct line_state *state)
{
    (void)state;
    return true;
}

static bool is_counter(const struct line_state *state)
{
    return state->options->counter.counts;
}

static const struct {
    const char *name, *kind, *help;
    bool (*has)(const struct line_state *state);
    double (*of)(const struct line_state *state);
} line_families[] = {
    {"line_value", "gauge", "Logical value of a line.", is_any, value_of},
    {"line_edges_total", "counter", "Changes of a line.", is_any, edges_of},
    {"line_on_seconds_total", "counter", "How long a line was on since the start.", is_any,
     on_seconds_of},
    {"line_duty_ratio", "gauge",
     "Share of time on: of an output now, of an input over the last 10 s.", is_any, duty_of},
    {"line_locked", "gauge", "Whether an output is locked.", is_any, locked_of},
    {"line_count_total", "counter", "Pulses of a counting input.", is_counter, pulses_of},
    {"line_total", "gauge", "What the pulses of a counting input stand for.", is_counter, total_of},
    {"line_rate", "gauge", "The same, a minute.", is_counter, rate_of},
};

/* Many lines take a while to write: outputs that are due meanwhile are not kept waiting. */
static void lines(struct buffer *out, const struct service *service, const struct timestamps *now)
{
    for (size_t i = 0; i < ARRAY_LENGTH(line_families); i++) {
        bool is_first = true;
        for (size_t line = 0; line < circuit_line_count(service->circuit); line++) {
            struct line_state state;
            circuit_line(service->circuit, line, now, &state);
            if (!line_families[i].has(&state))
                continue;
            if (is_first)
                exposition_family(out, line_families[i].name, line_families[i].kind,
                                  line_families[i].help);
            is_first = false;
            exposition_real(out, line_families[i].name, "line", state.options->name,
                            line_families[i].of(&state));
        }
        loop_run_urgent(service->loop);
    }
}

/* ---- what was asked ---- */

static void calls(struct buffer *out, const struct service_counters *counters)
{
    exposition_family(out, "calls_total", "counter",
                      "Methods called, by way in and by \"ok\" or the problem's code.");
    for (enum door door = DOOR_HTTP; door < DOOR_COUNT; door++) {
        for (enum problem_code code = PROBLEM_NONE; code < PROBLEM_COUNT; code++) {
            const char *name = problem_kind(code)->code;
            uint64_t count = 0;
            bool is_written = false; /* several problems have one code */
            for (enum problem_code other = PROBLEM_NONE; other < PROBLEM_COUNT; other++) {
                bool is_same = strcmp(problem_kind(other)->code, name) == 0;
                is_written = is_written || (is_same && other < code);
                count += is_same ? counters->calls[door][other] : 0;
            }
            if (!is_written)
                (void)buffer_printf(
                    out, "gpio_gateway_calls_total{door=\"%s\",result=\"%s\"} %llu\n",
                    door_name(door), code == PROBLEM_NONE ? "ok" : name, (unsigned long long)count);
        }
    }
}

static void requests(struct buffer *out, const struct service_counters *counters)
{
    exposition_single(out, "http_requests_total", "counter", "HTTP requests answered.",
                      counters->requests);
    exposition_single(out, "http_errors_total", "counter", "HTTP answers of 400 and above.",
                      counters->request_errors);
    exposition_family(out, "http_responses_total", "counter", "HTTP answers by class of status.");
    for (size_t i = 1; i < SERVICE_HTTP_CLASSES; i++) {
        char name[] = "0xx";
        name[0] = (char)('0' + i);
        exposition_count(out, "http_responses_total", "class", name, counters->responses[i]);
    }
    exposition_family(out, "http_request_duration_seconds", "histogram",
                      "From the head of a request to its answer.");
    for (size_t i = 0; i < SERVICE_HTTP_METHODS; i++)
        exposition_histogram(out, "http_request_duration_seconds", "method",
                             request_count_method(i), &counters->request_times[i]);
}

/* ---- how quick, how many, how much ---- */

static void times(struct buffer *out, const struct service *service)
{
    const struct feed_times *times = feed_times(service->feed);
    exposition_family(out, "command_to_event_seconds", "histogram",
                      "From the call of a command until its events were sent to all followers.");
    exposition_histogram(out, "command_to_event_seconds", NULL, NULL, &times->commands);
    exposition_family(
        out, "edge_latency_seconds", "histogram",
        "From the kernel's time of an edge until its event was sent to all followers.");
    exposition_histogram(out, "edge_latency_seconds", NULL, NULL, &times->edges);
    exposition_family(out, "loop_turn_seconds", "histogram", "Work of one turn of the event loop.");
    exposition_histogram(out, "loop_turn_seconds", NULL, NULL, loop_turns(service->loop));
}

/* The owners of connections in the register; the plain side of TLS is the gateway's own. */
static const char *const connection_doors[] = {"websocket", "http", "events",
                                               "poll",      "line", "mqtt"};

static void count_connection(void *context, const struct socket *socket)
{
    unsigned *counts = context;
    for (size_t i = 0; i < ARRAY_LENGTH(connection_doors); i++)
        if (socket->role == SOCKET_CONNECTION && strcmp(socket->owner, connection_doors[i]) == 0)
            counts[i]++;
}

static void connections(struct buffer *out, const struct service *service)
{
    unsigned counts[ARRAY_LENGTH(connection_doors)] = {0};
    register_each(net_register(service->net), count_connection, counts);
    exposition_family(out, "connections", "gauge",
                      "Open stream connections, by what they are for.");
    for (size_t i = 0; i < ARRAY_LENGTH(connection_doors); i++)
        exposition_count(out, "connections", "door", connection_doors[i], counts[i]);
}

/* By the wall clock, which may be set after the start. A sample that differs with each scrape would seem a
 * restart: it follows the clock only where that was stepped. */
static double start_time_s(struct service *service, const struct timestamps *now)
{
    int64_t start_ns = now->wall_ns - (now->monotonic_ns - service->started_ns);
    if (llabs(start_ns - service->started_wall_ns) > CLOCK_NS_PER_SECOND)
        service->started_wall_ns = start_ns;
    return (double)service->started_wall_ns / (double)CLOCK_NS_PER_SECOND;
}

static void process(struct buffer *out, struct service *service, const struct timestamps *now)
{
    struct process_usage usage = process_usage_read();
    exposition_family(out, "start_time_seconds", "gauge", "When it started, since 1970.");
    exposition_real(out, "start_time_seconds", NULL, NULL, start_time_s(service, now));
    exposition_single(out, "uptime_seconds", "gauge", "Time since the start.",
                      (uint64_t)((now->monotonic_ns - service->started_ns) / CLOCK_NS_PER_SECOND));
    exposition_single(out, "process_resident_memory_bytes", "gauge", "Resident memory.",
                      usage.resident_bytes);
    exposition_family(out, "process_cpu_seconds_total", "counter", "Time of all processors used.");
    exposition_real(out, "process_cpu_seconds_total", NULL, NULL,
                    number_round((double)usage.cpu_ns / (double)CLOCK_NS_PER_SECOND));
    exposition_single(out, "process_open_fds", "gauge", "Open file descriptors.", usage.open_fds);
}

static void helper_state(struct buffer *out, const char *helper, const char *state,
                         const char *const states[])
{
    for (size_t i = 0; states[i]; i++)
        (void)buffer_printf(out, "gpio_gateway_helper_state{helper=\"%s\",state=\"%s\"} %d\n",
                            helper, states[i], strcmp(state, states[i]) == 0);
}

static void helpers(struct buffer *out, const struct service_helpers *helpers)
{
    static const char *const mqtt[] = {"connected", "connecting", "refused", "off", NULL};
    static const char *const mdns[] = {"announced", "missing", "off", NULL};
    exposition_family(out, "helper_state", "gauge", "1 at the state of each helper process.");
    helper_state(out, "mqtt", helpers->mqtt, mqtt);
    helper_state(out, "mdns", helpers->mdns, mdns);
    const char *name = "mqtt_dropped_total";
    exposition_family(out, name, "counter", "Messages of the broker that were not taken.");
    exposition_count(out, name, "reason", "too-large", helpers->mqtt_dropped_large);
    exposition_count(out, name, "reason", "retained", helpers->mqtt_dropped_retained);
    exposition_count(out, name, "reason", "malformed", helpers->mqtt_dropped_malformed);
    exposition_single(out, "mqtt_connected", "gauge", "Whether the broker is connected.",
                      strcmp(helpers->mqtt, "connected") == 0);
}

static void events(struct buffer *out, const struct service *service)
{
    const struct service_counters *counters = &service->counters;
    exposition_single(out, "events_total", "counter", "Events in the journal since the start.",
                      journal_last(circuit_journal(service->circuit)));
    if (service->history)
        exposition_single(out, "history_lines_lost_total", "counter",
                          "Lines of the history file for which the disk had no room or no time.",
                          history_file_lost(service->history));
    exposition_single(out, "rules_refused_total", "counter",
                      "Commands of rules, and steps of scenes, that were refused.",
                      circuit_rule_report(service->circuit)->refused);
    exposition_single(out, "call_errors_total", "counter", "Calls that failed.",
                      counters->call_errors);
    exposition_single(out, "websockets_total", "counter", "WebSockets opened.",
                      counters->websockets);
    exposition_single(out, "event_streams_total", "counter", "Event streams opened.",
                      counters->event_streams);
    exposition_single(out, "snapshots_total", "counter", "Snapshots for clients that fell behind.",
                      feed_snapshots(service->feed));
}

void rest_metrics(struct http_exchange *http_exchange)
{
    struct service *service = http_exchange->service;
    struct buffer *out = &http_exchange->answer;
    struct timestamps now = clock_now();
    http_exchange->status = 200;
    http_exchange->media_type = "text/plain; version=0.0.4; charset=utf-8";
    exposition_family(out, "info", "gauge", "Version and backend.");
    (void)buffer_printf(out, "gpio_gateway_info{version=\"%s\",backend=\"%s\"} 1\n",
                        GATEWAY_VERSION, gpio_backend_name(circuit_gpio(service->circuit)));
    process(out, service, &now);
    events(out, service);
    connections(out, service);
    requests(out, &service->counters);
    calls(out, &service->counters);
    times(out, service);
    helpers(out, &service->helpers);
    lines(out, service, &now);
    if (out->error)
        http_exchange_refuse(http_exchange, PROBLEM_INTERNAL, "Out of memory.");
    else
        gzip_answer(http_exchange);
}
