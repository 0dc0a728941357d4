#include "mqtt_helper.h"

#include "base/log.h"
#include "base/number.h"
#include "config/config.h"
#include "helper.h"
#include "net/address.h"
#include "protocol/service.h"
#include "protocol/text/text_server.h"
#include "state/gateway_id.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { URL_SIZE = 128, ARGUMENTS_MAX = 8 };

struct mqtt_helper {
    struct loop *loop;
    struct net *net;
    struct spawner *spawner;
    struct text_server *server;
    struct helper *helper; /* NULL while there is no "mqtt" */
    struct config_mqtt config;
    char id[GATEWAY_ID_SIZE], url[URL_SIZE], source[ADDRESS_TEXT_SIZE];
    const char *arguments[ARGUMENTS_MAX];
    struct service_helpers *report; /* borrowed */
    struct service_helpers before;  /* messages that earlier runs dropped */
};

static const char *const states[] = {"connected", "connecting", "refused"};

static void take_state(struct mqtt_helper *helper, const char *text)
{
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
        if (strcmp(text, states[i]) == 0)
            helper->report->mqtt = states[i];
}

/* "LARGE RETAINED MALFORMED": the counts of messages that this run dropped. */
static void take_dropped(struct mqtt_helper *helper, const char *text)
{
    int64_t counts[3];
    for (size_t i = 0; i < 3; i++) {
        size_t length = strcspn(text, " ");
        if (number_parse_bytes(text, length, 0, INT64_MAX, &counts[i]) != 0)
            return;
        text += length + (text[length] == ' ');
    }
    const struct service_helpers *before = &helper->before;
    struct service_helpers *report = helper->report;
    report->mqtt_dropped_large = before->mqtt_dropped_large + (uint64_t)counts[0];
    report->mqtt_dropped_retained = before->mqtt_dropped_retained + (uint64_t)counts[1];
    report->mqtt_dropped_malformed = before->mqtt_dropped_malformed + (uint64_t)counts[2];
}

static void on_line(void *context, const char *text)
{
    if (strncmp(text, "state ", 6) == 0)
        take_state(context, text + 6);
    else if (strncmp(text, "dropped ", 8) == 0)
        take_dropped(context, text + 8);
}

static void on_started(void *context, struct stream *stream)
{
    struct mqtt_helper *helper = context;
    text_server_adopt(helper->server, stream, ROLE_OPERATOR, helper->source);
}

static void on_ended(void *context)
{
    struct mqtt_helper *helper = context;
    helper->before = *helper->report;
    helper->report->mqtt = "connecting";
}

static void start(struct mqtt_helper *helper, const struct config *config)
{
    const struct helper_options options = {.name = "mqtt",
                                           .spawner = helper->spawner,
                                           .arguments = helper->arguments,
                                           .started = on_started,
                                           .line = on_line,
                                           .ended = on_ended,
                                           .context = helper};
    helper->config = config->mqtt;
    helper->report->mqtt = "off";
    if (!config->mqtt.is_given)
        return;
    (void)snprintf(helper->source, sizeof helper->source, "mqtt:%.60s", config->mqtt.host);
    helper->report->mqtt = "connecting";
    if (helper_new(helper->loop, helper->net, &options, &helper->helper))
        log_error("helper=mqtt out of memory");
}

int mqtt_helper_new(struct loop *loop, struct net *net, struct spawner *spawner,
                    struct text_server *server, struct service_helpers *report,
                    const struct config *config, const char *config_path, const char *id,
                    const char *url, struct mqtt_helper **ret_helper)
{
    struct mqtt_helper *helper = calloc(1, sizeof *helper);
    if (!helper)
        return -ENOMEM;
    helper->loop = loop;
    helper->net = net;
    helper->spawner = spawner;
    helper->server = server;
    helper->report = report;
    (void)snprintf(helper->url, sizeof helper->url, "%s", url);
    (void)snprintf(helper->id, sizeof helper->id, "%s", id);
    const char *const arguments[ARGUMENTS_MAX] = {"mqtt",     "--config", config_path, "--id",
                                                  helper->id, "--url",    helper->url};
    memcpy(helper->arguments, arguments, sizeof arguments);
    start(helper, config);
    *ret_helper = helper;
    return 0;
}

void mqtt_helper_reload(struct mqtt_helper *helper, const struct config *config)
{
    bool has_trouble = helper->helper && strcmp(helper->report->mqtt, "connected") != 0;
    if (config_same_mqtt(&helper->config, &config->mqtt) && !has_trouble)
        return;
    helper->helper = helper_free(helper->helper);
    on_ended(helper);
    start(helper, config);
}

struct mqtt_helper *mqtt_helper_free(struct mqtt_helper *helper)
{
    if (!helper)
        return NULL;
    helper_free(helper->helper);
    free(helper);
    return NULL;
}
