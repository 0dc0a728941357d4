/* `gpio-gateway mqtt`: the helper's own process, and `mqtt clean`. */
#include "base/file.h"
#include "base/folders.h"
#include "config/config.h"
#include "gateway.h"
#include "helper.h"
#include "loop/loop.h"
#include "mqtt/bridge.h"
#include "mqtt/mqtt_check.h"
#include "mqtt/mqtt_clean.h"
#include "mqtt_helper.h"
#include "state/gateway_id.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PASSWORD_SIZE = 1024, MODEL_SIZE = 128 };

struct mqtt_arguments {
    const char *config_path, *id, *url;
    bool clean;
};

/* ---- files that the config names ---- */

/* Relative to where systemd puts credentials (systemd.exec(5)), then to the config's folder. */
static int find_beside(const char *config_path, const char *name, char path[PATH_MAX])
{
    const char *credentials = getenv("CREDENTIALS_DIRECTORY");
    const char *slash = strrchr(config_path, '/');
    int length = slash ? (int)(slash - config_path) : 1;
    if (name[0] == '/')
        return snprintf(path, PATH_MAX, "%s", name) < PATH_MAX ? 0 : -ENAMETOOLONG;
    if (credentials && snprintf(path, PATH_MAX, "%s/%s", credentials, name) < PATH_MAX &&
        access(path, R_OK) == 0)
        return 0;
    return snprintf(path, PATH_MAX, "%.*s/%s", length, slash ? config_path : ".", name) < PATH_MAX
               ? 0
               : -ENAMETOOLONG;
}

static void warn_of_readers(const char *path)
{
    struct stat status;
    if (stat(path, &status) == 0 && (status.st_mode & 077) != 0)
        (void)fprintf(stderr, "gpio-gateway mqtt: others may read %s; chmod 600 %s\n", path, path);
}

static int read_password(const char *config_path, const char *name, char password[PASSWORD_SIZE])
{
    char path[PATH_MAX];
    struct buffer text;
    password[0] = '\0';
    if (name[0] == '\0')
        return 0;
    int error = find_beside(config_path, name, path);
    buffer_init(&text, PASSWORD_SIZE - 1);
    if (!error)
        error = file_read(path, &text);
    if (error) {
        (void)fprintf(stderr, "gpio-gateway mqtt: password_file %s: %s\n", name, strerror(-error));
    } else {
        warn_of_readers(path);
        (void)snprintf(password, PASSWORD_SIZE, "%.*s", (int)strcspn(buffer_text(&text), "\r\n"),
                       buffer_text(&text));
    }
    if (text.data)
        explicit_bzero(text.data, text.length);
    buffer_done(&text);
    return error;
}

/* libmosquitto would report for a file that is not there: invalid argument. */
static int find_authority(const char *config_path, const char *name, char path[PATH_MAX])
{
    path[0] = '\0';
    if (name[0] == '\0')
        return 0;
    int error = find_beside(config_path, name, path);
    if (!error && access(path, R_OK) < 0)
        error = -errno;
    if (error)
        (void)fprintf(stderr, "gpio-gateway mqtt: ca_file %s: %s\n", name, strerror(-error));
    return error;
}

static void read_model(char model[MODEL_SIZE])
{
    struct buffer text;
    buffer_init(&text, MODEL_SIZE - 1);
    bool known = file_read("/proc/device-tree/model", &text) == 0 && text.length > 0;
    (void)snprintf(model, MODEL_SIZE, "%s", known ? buffer_text(&text) : "Linux");
    buffer_done(&text);
}

static int load(const struct mqtt_arguments *arguments, struct config *config)
{
    struct config_report report;
    config_report_init(&report);
    int error = config_load(arguments->config_path, config, &report);
    if (error)
        (void)fputs(buffer_text(&report.text), stderr);
    config_report_done(&report);
    if (!error && !config->mqtt.is_given) {
        (void)fprintf(stderr, "gpio-gateway mqtt: there is no \"mqtt\" in %s\n",
                      arguments->config_path);
        error = -ENOENT;
    }
    return error;
}

static struct broker_options broker_options(const struct config_mqtt *config, const char *ca_file,
                                            const char *password)
{
    static const enum broker_version versions[] = {[CONFIG_MQTT_AUTO] = BROKER_VERSION_AUTO,
                                                   [CONFIG_MQTT_5] = BROKER_VERSION_5,
                                                   [CONFIG_MQTT_3_1_1] = BROKER_VERSION_3_1_1};
    return (struct broker_options){.host = config->host,
                                   .port = config->port,
                                   .tls = config->tls,
                                   .ca_file = ca_file,
                                   .user = config->user,
                                   .password = password,
                                   .version = versions[config->version],
                                   .keepalive_s = config->keepalive_s};
}

bool mqtt_helper_check(const char *config_path, const struct config_mqtt *config,
                       char reason[BROKER_REASON_SIZE])
{
    char password[PASSWORD_SIZE];
    char ca_file[PATH_MAX];
    (void)snprintf(reason, BROKER_REASON_SIZE, "a file that it needs cannot be read");
    bool is_connected = false;
    if (read_password(config_path, config->password_file, password) == 0 &&
        find_authority(config_path, config->ca_file, ca_file) == 0) {
        const struct broker_options options = broker_options(config, ca_file, password);
        is_connected = mqtt_check(&options, reason);
    }
    explicit_bzero(password, sizeof password);
    return is_connected;
}

/* ---- running ---- */

static void on_signal(void *context, int number)
{
    (void)number;
    loop_stop(context);
}

static int run_bridge(const struct bridge_options *options)
{
    struct loop *loop = NULL;
    struct bridge *bridge = NULL;
    sigset_t signals;
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)signal(SIGPIPE, SIG_IGN);
    int error = loop_new(&loop);
    if (!error)
        error = loop_signals(loop, &signals, on_signal, loop);
    if (!error)
        error = bridge_new(loop, HELPER_STREAM_FD, options, &bridge);
    if (!error)
        error = loop_run(loop);
    if (error)
        (void)fprintf(stderr, "gpio-gateway mqtt: %s\n", strerror(-error));
    bridge_free(bridge);
    loop_free(loop);
    return error ? GATEWAY_EXIT_FAILED : GATEWAY_EXIT_DONE;
}

static int run(const struct mqtt_arguments *arguments, const struct config_mqtt *config,
               const char *id)
{
    char password[PASSWORD_SIZE];
    char ca_file[PATH_MAX];
    char model[MODEL_SIZE];
    if (read_password(arguments->config_path, config->password_file, password))
        return GATEWAY_EXIT_CONFIG;
    if (find_authority(arguments->config_path, config->ca_file, ca_file))
        return GATEWAY_EXIT_CONFIG;
    read_model(model);
    const struct bridge_options options = {.broker = broker_options(config, ca_file, password),
                                           .id = id,
                                           .prefix = config->prefix,
                                           .discovery = config->discovery,
                                           .language = config->language,
                                           .url = arguments->url ? arguments->url : "",
                                           .model = model,
                                           .commands = config->commands,
                                           .rate_hz = config->rate_hz,
                                           .lost_ms = config->lost_ms};
    int code = GATEWAY_EXIT_DONE;
    if (arguments->clean) {
        int error = mqtt_clean(&options, stdout);
        if (error)
            (void)fprintf(stderr, "gpio-gateway mqtt clean: no answer of the broker at %s:%u\n",
                          config->host, config->port);
        code = error ? GATEWAY_EXIT_UNAVAILABLE : GATEWAY_EXIT_DONE;
    } else {
        code = run_bridge(&options);
    }
    explicit_bzero(password, sizeof password);
    return code;
}

static int read_arguments(int argc, char **argv, struct mqtt_arguments *arguments)
{
    static const struct option words[] = {{"config", required_argument, NULL, 'c'},
                                          {"id", required_argument, NULL, 'i'},
                                          {"url", required_argument, NULL, 'u'},
                                          {0}};
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "", words, NULL)) != -1) {
        if (option == 'c')
            arguments->config_path = optarg;
        else if (option == 'i')
            arguments->id = optarg;
        else if (option == 'u')
            arguments->url = optarg;
        else
            return -1;
    }
    arguments->clean = optind < argc && strcmp(argv[optind], "clean") == 0;
    return optind + arguments->clean == argc && arguments->config_path ? 0 : -1;
}

int mqtt_helper_main(int argc, char **argv)
{
    struct mqtt_arguments arguments = {0};
    struct config config = {0};
    struct stat status;
    char folder[PATH_MAX];
    char own_id[GATEWAY_ID_SIZE] = "";
    if (read_arguments(argc, argv, &arguments) ||
        (!arguments.clean && (fstat(HELPER_STREAM_FD, &status) < 0 || !S_ISSOCK(status.st_mode)))) {
        (void)fputs("gpio-gateway: the gateway itself starts `mqtt` where its config has \"mqtt\"; "
                    "to empty the broker: gpio-gateway mqtt clean --config FILE\n",
                    stderr);
        return GATEWAY_EXIT_USAGE;
    }
    int code = GATEWAY_EXIT_CONFIG;
    if (load(&arguments, &config) == 0) {
        const char *id = config.mqtt.id[0] ? config.mqtt.id : arguments.id;
        if (!id && folder_state(folder, sizeof folder) == 0 && gateway_id(folder, own_id) == 0)
            id = own_id;
        if (id && *id)
            code = run(&arguments, &config.mqtt, id);
        else
            (void)fputs("gpio-gateway mqtt: no state folder for the id: set HOME, "
                        "XDG_STATE_HOME or STATE_DIRECTORY\n",
                        stderr);
    }
    config_done(&config);
    return code;
}
