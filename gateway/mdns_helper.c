#include "mdns_helper.h"

#include "base/clock.h"
#include "base/log.h"
#include "config/config.h"
#include "helper.h"
#include "listeners.h"
#include "net/address.h"
#include "protocol/neighbours.h"
#include "protocol/service.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PUBLISHED_MAX = 4, ARGUMENTS_MAX = 12, TEXT_SIZE = 64 };

static const char type[] = "_http._tcp";
static const char subtype[] = "_gpio-gateway._sub._http._tcp";

/* One service: a port of HTTP. */
struct published {
    unsigned port;
    char port_text[8];
    const char *arguments[ARGUMENTS_MAX];
    struct helper *helper;
};

struct mdns_helper {
    struct published published[PUBLISHED_MAX];
    size_t count;
    struct helper *browser;
    struct spawner *spawner;        /* borrowed */
    struct neighbours *neighbours;  /* borrowed */
    struct service_helpers *report; /* borrowed */
    char name[CIRCUIT_TEXT_SIZE], id[NEIGHBOUR_ID_SIZE];
    char id_text[TEXT_SIZE], version_text[TEXT_SIZE], auth_text[TEXT_SIZE];
};

static bool is_on_path(const char *program)
{
    char folders[PATH_MAX];
    const char *path = getenv("PATH");
    (void)snprintf(folders, sizeof folders, "%s", path ? path : "/usr/local/bin:/usr/bin:/bin");
    char *rest = NULL;
    for (char *folder = strtok_r(folders, ":", &rest); folder;
         folder = strtok_r(NULL, ":", &rest)) {
        char file[PATH_MAX];
        if (snprintf(file, sizeof file, "%s/%s", folder, program) < (int)sizeof file &&
            access(file, X_OK) == 0)
            return true;
    }
    return false;
}

static void on_line(void *context, const char *text)
{
    struct mdns_helper *helper = context;
    helper->report->mdns = "announced"; /* the daemon speaks */
    neighbours_take(helper->neighbours, text, helper->id, clock_wall_ns());
}

static void on_ended(void *context)
{
    struct mdns_helper *helper = context;
    helper->report->mdns = "missing";
}

/* ---- announcing ---- */

static void add_port(struct mdns_helper *helper, unsigned port)
{
    for (size_t i = 0; i < helper->count; i++)
        if (helper->published[i].port == port)
            return;
    if (helper->count == PUBLISHED_MAX)
        return;
    struct published *added = &helper->published[helper->count++];
    added->port = port;
    (void)snprintf(added->port_text, sizeof added->port_text, "%u", port);
}

static void find_ports(struct mdns_helper *helper, const struct listeners *listeners)
{
    const struct address *address;
    for (size_t i = 0; (address = listeners_http(listeners, i)); i++)
        if (address->kind != ADDRESS_UNIX && !address_is_loopback(address))
            add_port(helper, address_port(address));
}

static int publish(struct loop *loop, struct net *net, struct mdns_helper *helper,
                   struct published *published)
{
    const char *const arguments[ARGUMENTS_MAX] = {
        "-s",    "--subtype",          subtype,         helper->name,
        type,    published->port_text, helper->id_text, helper->version_text,
        "api=1", helper->auth_text,    "path=/"};
    memcpy(published->arguments, arguments, sizeof arguments);
    const struct helper_options options = {.name = "mdns",
                                           .spawner = helper->spawner,
                                           .program = "avahi-publish",
                                           .arguments = published->arguments,
                                           .ended = on_ended,
                                           .context = helper};
    return helper_new(loop, net, &options, &published->helper);
}

static int browse(struct loop *loop, struct net *net, struct mdns_helper *helper)
{
    static const char *const arguments[] = {"-p", "-r", subtype, NULL};
    const struct helper_options options = {.name = "neighbours",
                                           .spawner = helper->spawner,
                                           .program = "avahi-browse",
                                           .arguments = arguments,
                                           .line = on_line,
                                           .ended = on_ended,
                                           .context = helper};
    return helper_new(loop, net, &options, &helper->browser);
}

static void name_service(struct mdns_helper *helper, const struct config *config)
{
    const struct circuit_title *title = &config->circuit.title;
    const char *name = title->count > 0 ? title->texts[0].text : config->circuit.name;
    if (config->announce.name[0])
        name = config->announce.name;
    /* A label of DNS has 63 bytes at most (RFC 6763 §4.1.1), and no half of a character. */
    size_t length = strlen(name) < 63 ? strlen(name) : 63;
    while (length > 0 && length < strlen(name) && ((unsigned char)name[length] & 0xC0) == 0x80)
        length--;
    (void)snprintf(helper->name, sizeof helper->name, "%.*s", (int)length, name);
    if (helper->name[0] == '\0' || helper->name[0] == '-')
        (void)snprintf(helper->name, sizeof helper->name, "gpio-gateway");
}

bool mdns_helper_has_tools(void)
{
    return is_on_path("avahi-publish") && is_on_path("avahi-browse");
}

int mdns_helper_new(struct loop *loop, struct net *net, struct spawner *spawner,
                    const struct config *config, const struct listeners *listeners, const char *id,
                    struct neighbours *neighbours, struct service_helpers *report,
                    struct mdns_helper **ret_helper)
{
    struct mdns_helper *helper = calloc(1, sizeof *helper);
    if (!helper)
        return -ENOMEM;
    *ret_helper = helper;
    report->mdns = "off";
    helper->spawner = spawner;
    helper->neighbours = neighbours;
    helper->report = report;
    (void)snprintf(helper->id, sizeof helper->id, "%s", id);
    find_ports(helper, listeners);
    if (!config->announce.mdns || helper->count == 0 || !*id)
        return 0;
    if (!mdns_helper_has_tools()) {
        report->mdns = "missing";
        log_info("not announced in the network: install the package avahi-utils");
        return 0;
    }
    name_service(helper, config);
    (void)snprintf(helper->id_text, TEXT_SIZE, "id=%s", id);
    (void)snprintf(helper->version_text, TEXT_SIZE, "v=%s", GATEWAY_VERSION);
    (void)snprintf(helper->auth_text, TEXT_SIZE, "auth=%s",
                   config->auth.mode == CONFIG_AUTH_TOKEN ? "token" : "none");
    int error = browse(loop, net, helper);
    for (size_t i = 0; !error && i < helper->count; i++)
        error = publish(loop, net, helper, &helper->published[i]);
    report->mdns = "announced";
    return error;
}

struct mdns_helper *mdns_helper_free(struct mdns_helper *helper)
{
    if (!helper)
        return NULL;
    for (size_t i = 0; i < helper->count; i++)
        helper_free(helper->published[i].helper);
    helper_free(helper->browser);
    free(helper);
    return NULL;
}
