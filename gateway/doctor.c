#include "doctor.h"

#include "base/folders.h"
#include "config/config.h"
#include "gpio/gpio.h"
#include "mdns_helper.h"
#include "mqtt_helper.h"
#include "startup_urls.h"
#include "wall_clock.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

struct findings {
    FILE *out;
    const char *program;
    int chips;
    int diagnostics;
};

static void on_chip(void *context, const struct gpio_chip_report *chip)
{
    struct findings *findings = context;
    findings->chips++;
    (void)fprintf(findings->out, "chip %s  label \"%s\"  %u lines", chip->path, chip->label,
                  chip->lines);
    if (chip->code == 0) {
        (void)fputs("  may be used\n", findings->out);
        return;
    }
    findings->diagnostics++;
    (void)fprintf(findings->out, "  cannot be opened: %s\n", strerror(-chip->code));
    if (chip->code == -EACCES)
        (void)fprintf(findings->out,
                      "  mend: sudo usermod -aG %s \"$USER\", then log in again (in a container: "
                      "--device %s)\n",
                      chip->group[0] ? chip->group : "gpio", chip->path);
}

static void on_line(void *context, const struct gpio_chip_report *chip,
                    const struct gpio_line_report *line)
{
    const struct findings *findings = context;
    (void)chip;
    if (!line->used && line->name[0] == '\0')
        return;
    (void)fprintf(findings->out, "  %3u %-16s %s%s%s%s%s\n", line->offset,
                  line->name[0] ? line->name : "-", line->output ? "output" : "input",
                  line->active_low ? " active-low" : "", line->used ? "  in use by \"" : "",
                  line->used ? line->consumer : "", line->used ? "\"" : "");
}

static void report_gpio(struct findings *findings)
{
    (void)gpio_scan_chips(NULL, on_chip, on_line, findings);
    const char *version = gpio_built_in();
    if (version[0])
        (void)fprintf(
            findings->out, "libgpiod %s is built in: %s\n", version,
            GATEWAY_LIBGPIOD == 1
                ? "debounce is done by the gateway, lost edges are reported but not counted"
                : "the kernel debounces and numbers the edges, so that lost ones are counted");
    else
        (void)fputs("libgpiod is not built in: only the simulator works\n", findings->out);
    if (findings->chips == 0)
        (void)fputs("no GPIO chip here: the gateway simulates the circuit\n", findings->out);
}

static void report_finding(struct findings *findings, const struct circuit_line_options *line,
                           const struct gpio_finding *found, const char *consumer)
{
    const struct gpio_line_location *location = &found->location;
    if (found->error.code) {
        findings->diagnostics++;
        (void)fprintf(findings->out, "  %s\n", found->error.message);
        return;
    }
    (void)fprintf(findings->out, "  line %s: %s, %s %d", line->name,
                  location->name[0] ? location->name : "-", location->chip, location->offset);
    if (!found->used) {
        (void)fputs("\n", findings->out);
    } else if (strcmp(found->consumer, consumer) == 0) {
        (void)fputs(", in use by a gateway that runs\n", findings->out);
    } else {
        findings->diagnostics++;
        (void)fprintf(findings->out, ", in use by \"%s\": end that first\n", found->consumer);
    }
}

/* Reports the location and the consumer of all lines of the config; a start reports the first problem only. */
static void report_lines(struct findings *findings, const struct config *config)
{
    const char *consumer = config->gpio.consumer[0] ? config->gpio.consumer : "gpio-gateway";
    if (config->gpio.backend == GPIO_BACKEND_SIMULATOR ||
        (config->gpio.backend == GPIO_BACKEND_AUTO && findings->chips == 0))
        return;
    for (size_t i = 0; i < config->circuit.line_count; i++) {
        const struct circuit_line_options *line = &config->circuit.lines[i];
        struct gpio_line_config wanted = line->gpio;
        struct gpio_finding found;
        wanted.name = line->name;
        memcpy(wanted.pwm, line->pwm_channel, sizeof wanted.pwm);
        if (gpio_locate(&config->gpio, &wanted, &found) == 0)
            report_finding(findings, line, &found, consumer);
    }
}

/* The firmware's line for each output, so that a pin is quiet from power-on until the start:
 * op output, dl driven low, dh driven high (config.txt, gpio=). */
static void report_quiet_pins(struct findings *findings, const struct config *config)
{
    bool any = false;
    for (size_t i = 0; i < config->circuit.line_count; i++) {
        const struct circuit_line_options *line = &config->circuit.lines[i];
        const char *name = line->gpio.gpio;
        if (line->gpio.direction != GPIO_DIRECTION_OUTPUT || strncmp(name, "GPIO", 4) != 0)
            continue;
        if (!any)
            (void)fputs("to keep a Raspberry Pi's pins quiet from power-on until the start, put "
                        "into /boot/firmware/config.txt:\n",
                        findings->out);
        any = true;
        bool high = (line->safe == CIRCUIT_SAFE_1) != line->gpio.active_low;
        (void)fprintf(findings->out, "  gpio=%s=op,%s    # %s\n", name + 4, high ? "dh" : "dl",
                      line->name);
    }
}

static void report_clock(struct findings *findings, const struct config *config)
{
    if (!circuit_options_need_clock(&config->circuit) || wall_clock_is_set())
        return;
    findings->diagnostics++;
    (void)fputs(
        "the clock is not set, and rules by the clock wait for it: `timedatectl` shows why; "
        "`sudo timedatectl set-ntp true` has the network set it\n",
        findings->out);
}

static void report_broker(struct findings *findings, const char *path,
                          const struct config_mqtt *mqtt)
{
    char reason[BROKER_REASON_SIZE];
    if (!mqtt->is_given)
        return;
    (void)fflush(findings->out);
    if (mqtt_helper_check(path, mqtt, reason)) {
        (void)fprintf(findings->out, "broker %s:%u answers\n", mqtt->host, mqtt->port);
    } else {
        findings->diagnostics++;
        (void)fprintf(findings->out, "broker %s:%u does not let us in: %s\n", mqtt->host,
                      mqtt->port, reason);
    }
}

/* Who listens on loopback alone is reached through a proxy or a tunnel, and from this machine. */
static void report_proxy(const struct findings *findings, const struct config *config)
{
    bool has_loopback = false;
    if (config->proxy.from.count > 0 || config->proxy.from.has_unix)
        return;
    for (size_t i = 0; i < config->listen.http.count; i++) {
        struct address address;
        if (address_parse(config->listen.http.texts[i], "/", &address, NULL) != 0 ||
            address.kind == ADDRESS_UNIX)
            continue;
        if (!address_is_loopback(&address))
            return;
        has_loopback = true;
    }
    if (has_loopback)
        (void)fprintf(findings->out,
                      "behind a proxy everybody is one host, of which "
                      "limits.connections_per_peer lets in %u: name the proxy in proxy.from, let "
                      "it come by a unix socket, or raise that limit\n",
                      config->limits.net.connections_per_peer);
}

static void report_config(struct findings *findings, const char *path)
{
    struct config config = {0};
    struct config_report report;
    config_report_init(&report);
    if (config_load(path, &config, &report)) {
        findings->diagnostics++;
        (void)fprintf(findings->out, "config %s is not good:\n%s", path, buffer_text(&report.text));
    } else {
        (void)fprintf(findings->out, "config %s is good: %zu lines\n", path,
                      config.circuit.line_count);
        report_lines(findings, &config);
        report_clock(findings, &config);
        struct addresses urls = {0};
        for (size_t i = 0; i < config.listen.http.count; i++) {
            struct address address;
            if (address_parse(config.listen.http.texts[i], "/", &address, NULL) == 0)
                startup_urls_add(&urls, &address);
        }
        (void)fprintf(findings->out,
                      "addresses to open (`%s token show` has the token):", findings->program);
        startup_urls_print(&urls, NULL, false, findings->out);
        report_proxy(findings, &config);
        if (config.announce.mdns && !mdns_helper_has_tools())
            (void)fputs(
                "not announced in the network: sudo apt-get install avahi-daemon avahi-utils\n",
                findings->out);
        report_broker(findings, path, &config.mqtt);
        report_quiet_pins(findings, &config);
    }
    config_report_done(&report);
    config_done(&config);
}

int doctor_run(const char *path, const char *program, FILE *out)
{
    struct findings findings = {.out = out, .program = program};
    char folder[PATH_MAX];
    (void)fprintf(out, "gpio-gateway %s\n", GATEWAY_VERSION);
    report_gpio(&findings);
    if (folder_state(folder, sizeof folder) == 0)
        (void)fprintf(out, "state folder %s\n", folder);
    if (path)
        report_config(&findings, path);
    else
        findings.diagnostics++;
    return findings.diagnostics > 0;
}
