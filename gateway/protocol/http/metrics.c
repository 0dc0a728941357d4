/* GET /metrics: the Prometheus text format, version 0.0.4. */
#include "base/clock.h"
#include "base/number.h"
#include "circuit/circuit.h"
#include "net/net.h"
#include "protocol/feed.h"
#include "protocol/http/http_exchange.h"
#include "protocol/http/rest.h"
#include "state/history_file.h"

#include <string.h>

static void number(struct buffer *out, const char *name, const char *kind, const char *help,
                   uint64_t value)
{
    (void)buffer_printf(out,
                        "# HELP gpio_gateway_%s %s\n# TYPE gpio_gateway_%s %s\n"
                        "gpio_gateway_%s %llu\n",
                        name, help, name, kind, name, (unsigned long long)value);
}

static void lines(struct buffer *out, struct circuit *circuit, const struct timestamps *now)
{
    struct line_state state;
    (void)buffer_append_text(out, "# HELP gpio_gateway_line_value Logical value of a line.\n"
                                  "# TYPE gpio_gateway_line_value gauge\n");
    for (size_t i = 0; i < circuit_line_count(circuit); i++) {
        circuit_line(circuit, i, now, &state);
        (void)buffer_printf(out, "gpio_gateway_line_value{line=\"%s\"} %u\n", state.options->name,
                            state.value);
    }
    (void)buffer_append_text(out, "# HELP gpio_gateway_line_edges_total Changes of a line.\n"
                                  "# TYPE gpio_gateway_line_edges_total counter\n");
    for (size_t i = 0; i < circuit_line_count(circuit); i++) {
        circuit_line(circuit, i, now, &state);
        (void)buffer_printf(out, "gpio_gateway_line_edges_total{line=\"%s\"} %llu\n",
                            state.options->name, (unsigned long long)state.edges);
    }
}

static void counter(struct buffer *out, const struct circuit *circuit, const char *name,
                    const char *kind, const char *help, const struct timestamps *now,
                    double (*value_of)(const struct line_state *state))
{
    struct line_state state;
    bool is_first = true;
    for (size_t i = 0; i < circuit_line_count(circuit); i++) {
        char value[NUMBER_TEXT_MAX];
        circuit_line(circuit, i, now, &state);
        if (!state.options->counter.counts)
            continue;
        if (is_first)
            (void)buffer_printf(out,
                                "# HELP gpio_gateway_line_%s %s\n# TYPE gpio_gateway_line_%s %s\n",
                                name, help, name, kind);
        is_first = false;
        (void)buffer_printf(out, "gpio_gateway_line_%s{line=\"%s\"} ", name, state.options->name);
        (void)buffer_append(out, value, number_print_real(value_of(&state), value));
        (void)buffer_append_char(out, '\n');
    }
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

static void line_counters(struct buffer *out, const struct circuit *circuit,
                          const struct timestamps *now)
{
    counter(out, circuit, "count_total", "counter", "Pulses of a counting input.", now, pulses_of);
    counter(out, circuit, "total", "gauge", "What the pulses of a counting input stand for.", now,
            total_of);
    counter(out, circuit, "rate", "gauge", "The same, a minute.", now, rate_of);
}

static void helpers(struct buffer *out, const struct service_helpers *helpers)
{
    (void)buffer_printf(
        out,
        "# HELP gpio_gateway_mqtt_dropped_total Messages of the broker that were not taken.\n"
        "# TYPE gpio_gateway_mqtt_dropped_total counter\n"
        "gpio_gateway_mqtt_dropped_total{reason=\"too-large\"} %llu\n"
        "gpio_gateway_mqtt_dropped_total{reason=\"retained\"} %llu\n"
        "gpio_gateway_mqtt_dropped_total{reason=\"malformed\"} %llu\n",
        (unsigned long long)helpers->mqtt_dropped_large,
        (unsigned long long)helpers->mqtt_dropped_retained,
        (unsigned long long)helpers->mqtt_dropped_malformed);
    number(out, "mqtt_connected", "gauge", "Whether the broker is connected.",
           strcmp(helpers->mqtt, "connected") == 0);
}

void rest_metrics(struct http_exchange *http_exchange)
{
    const struct service *service = http_exchange->service;
    const struct service_counters *counters = &service->counters;
    struct buffer *out = &http_exchange->answer;
    struct timestamps now = clock_now();
    http_exchange->status = 200;
    http_exchange->media_type = "text/plain; version=0.0.4; charset=utf-8";
    (void)buffer_printf(out,
                        "# HELP gpio_gateway_info Version and backend.\n"
                        "# TYPE gpio_gateway_info gauge\n"
                        "gpio_gateway_info{version=\"%s\",backend=\"%s\"} 1\n",
                        GATEWAY_VERSION, gpio_backend_name(circuit_gpio(service->circuit)));
    number(out, "uptime_seconds", "gauge", "Time since the start.",
           (uint64_t)((now.monotonic_ns - service->started_ns) / CLOCK_NS_PER_SECOND));
    number(out, "events_total", "counter", "Events in the journal since the start.",
           journal_last(circuit_journal(service->circuit)));
    if (service->history)
        number(out, "history_lines_lost_total", "counter",
               "Lines of the history file for which the disk had no room or no time.",
               history_file_lost(service->history));
    number(out, "connections", "gauge", "Open stream connections.", net_connections(service->net));
    number(out, "rules_refused_total", "counter",
           "Commands of rules, and steps of scenes, that were refused.",
           circuit_rule_report(service->circuit)->refused);
    number(out, "http_requests_total", "counter", "HTTP requests answered.", counters->requests);
    number(out, "http_errors_total", "counter", "HTTP answers of 400 and above.",
           counters->request_errors);
    number(out, "calls_total", "counter", "Methods called by any protocol.", counters->calls);
    number(out, "call_errors_total", "counter", "Calls that failed.", counters->call_errors);
    number(out, "websockets_total", "counter", "WebSockets opened.", counters->websockets);
    number(out, "event_streams_total", "counter", "Event streams opened.", counters->event_streams);
    number(out, "snapshots_total", "counter", "Snapshots for clients that fell behind.",
           feed_snapshots(service->feed));
    helpers(out, &service->helpers);
    lines(out, service->circuit, &now);
    line_counters(out, service->circuit, &now);
    if (out->error)
        http_exchange_refuse(http_exchange, PROBLEM_INTERNAL, "Out of memory.");
}
