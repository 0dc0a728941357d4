#include "listeners.h"

#include "base/file.h"
#include "base/folders.h"
#include "base/log.h"
#include "net/call.h"
#include "net/port_owner.h"
#include "net/stream.h"
#include "net/tls_context.h"
#include "net/tls_relay.h"
#include "tls_command.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* One socket, and the server of its kind. */
struct endpoint {
    struct listeners *listeners;
    enum config_listener kind;
    struct listener *listener; /* of HTTP and lines */
    struct datagram *datagram; /* of datagrams and groups */
};

struct listeners {
    size_t count;
    struct endpoint listeners[5 * CONFIG_LISTENERS_MAX];
    struct tls_context *tls; /* NULL without a listener for HTTPS */
    struct tls_relays *relays;
    struct listener_servers servers;
    bool is_served;
};

static const char *const kind_names[] = {[CONFIG_HTTP] = "http",
                                         [CONFIG_HTTPS] = "https",
                                         [CONFIG_LINE] = "line",
                                         [CONFIG_DATAGRAM] = "datagram",
                                         [CONFIG_MULTICAST] = "multicast"};

/* ---- from a socket to its server ---- */

static const struct listener_events *server_of(const struct endpoint *endpoint)
{
    const struct listener_servers *servers = &endpoint->listeners->servers;
    return endpoint->kind == CONFIG_HTTP || endpoint->kind == CONFIG_HTTPS ? &servers->http
                                                                           : &servers->line;
}

static void on_accepted(void *context, struct stream *stream)
{
    const struct endpoint *endpoint = context;
    if (endpoint->listeners->is_served && endpoint->kind == CONFIG_HTTPS)
        tls_relays_add(endpoint->listeners->relays, stream, server_of(endpoint));
    else if (endpoint->listeners->is_served)
        server_of(endpoint)->accepted(server_of(endpoint)->context, stream);
    else
        stream_close(stream);
}

static void on_refused(void *context, struct stream *stream, const char *reason)
{
    const struct endpoint *endpoint = context;
    /* Who speaks TLS reads no plain refusal. */
    if (endpoint->listeners->is_served && endpoint->kind != CONFIG_HTTPS)
        server_of(endpoint)->refused(server_of(endpoint)->context, stream, reason);
}

static void on_received(void *context, const struct datagram_message *message)
{
    const struct endpoint *endpoint = context;
    const struct datagram_events *server = &endpoint->listeners->servers.datagram;
    if (endpoint->listeners->is_served)
        server->received(server->context, message);
}

/* ---- opening ---- */

enum { HINT_SIZE = 128 };

struct opening {
    struct net *net;
    struct listeners *listeners;
    struct inherited *inherited;
    char folder[PATH_MAX]; /* of relative unix paths */
    mode_t mode;
    gid_t group;
};

static const char *hint_in_use(const struct address *address, char text[HINT_SIZE])
{
    char name[PORT_OWNER_NAME_SIZE];
    pid_t pid = port_owner(address, name);
    if (pid <= 0)
        return ": another program (perhaps a second gateway) is there; stop it or choose another "
               "address";
    if (strcmp(name, "gpio-gateway") == 0)
        (void)snprintf(text, HINT_SIZE,
                       ": another gateway (process %d) is there; stop it or choose another address",
                       (int)pid);
    else
        (void)snprintf(text, HINT_SIZE,
                       ": another program (%s, process %d) is there; stop it or choose another "
                       "address",
                       name, (int)pid);
    return text;
}

static const char *hint(const char *call, int error, const struct address *address,
                        char text[HINT_SIZE])
{
    if (error == -EADDRINUSE)
        return hint_in_use(address, text);
    if (error == -EADDRNOTAVAIL)
        return ": this machine has no such address";
    if (error == -EACCES && strcmp(call, "bind") == 0 && address->kind != ADDRESS_UNIX)
        return ": ports below 1024 need root or CAP_NET_BIND_SERVICE; choose one above";
    if (error == -EACCES)
        return ": the folder of the socket may not be written";
    if (error == -ENOENT)
        return ": the folder of the socket does not exist";
    return "";
}

static int open_socket(const struct opening *opening, struct endpoint *endpoint,
                       const struct address *address, const char **ret_call)
{
    const char *owner = kind_names[endpoint->kind];
    bool is_stream = endpoint->kind == CONFIG_HTTP || endpoint->kind == CONFIG_HTTPS ||
                     endpoint->kind == CONFIG_LINE;
    int fd = inherit_take(opening->inherited, address, is_stream ? SOCK_STREAM : SOCK_DGRAM);
    if (is_stream) {
        struct listener_options options = {.owner = owner,
                                           .socket_mode = opening->mode,
                                           .socket_group = opening->group,
                                           .inherited_fd = fd};
        struct listener_events events = {
            .context = endpoint, .accepted = on_accepted, .refused = on_refused};
        return listener_open(opening->net, address, &options, &events, &endpoint->listener,
                             ret_call);
    }
    if (endpoint->kind == CONFIG_MULTICAST)
        return datagram_open_group(opening->net, address, owner, &endpoint->datagram, ret_call);
    struct datagram_options options = {.owner = owner,
                                       .socket_mode = opening->mode,
                                       .socket_group = opening->group,
                                       .inherited_fd = fd};
    struct datagram_events events = {.context = endpoint, .received = on_received};
    return datagram_open(opening->net, address, &options, &events, &endpoint->datagram, ret_call);
}

static int open_endpoint(const struct opening *opening, enum config_listener kind, const char *text)
{
    struct address address;
    const char *reason = NULL;
    int error = address_parse(text, opening->folder, &address, &reason);
    if (error) {
        (void)fprintf(stderr, "listen.%s: \"%s\": %s\n", kind_names[kind], text,
                      reason ? reason : call_errno_name(error));
        return -1;
    }
    if (address.kind == ADDRESS_UNIX)
        (void)file_make_folder(opening->folder, 0700); /* bind() reports the error */
    struct endpoint *endpoint = &opening->listeners->listeners[opening->listeners->count];
    *endpoint = (struct endpoint){.listeners = opening->listeners, .kind = kind};
    const char *call = "socket";
    error = open_socket(opening, endpoint, &address, &call);
    if (error) {
        char shown[ADDRESS_TEXT_SIZE];
        char remedy[HINT_SIZE];
        (void)fprintf(stderr, "cannot listen on %s: %s: %s%s\n", address_format(&address, shown),
                      call, call_errno_name(error), hint(call, error, &address, remedy));
        return -1;
    }
    opening->listeners->count++;
    return 0;
}

static int open_all(const struct opening *opening, enum config_listener kind,
                    const struct config_addresses *addresses)
{
    int error = 0;
    for (size_t i = 0; i < addresses->count && !error; i++)
        error = open_endpoint(opening, kind, addresses->texts[i]);
    return error;
}

static int find_group(const char *name, gid_t *ret_group)
{
    *ret_group = (gid_t)-1;
    if (name[0] == '\0')
        return 0;
    const struct group *group = getgrnam(name);
    if (!group) {
        (void)fprintf(stderr, "listen.socket_group: there is no group \"%s\" here\n", name);
        return -1;
    }
    *ret_group = group->gr_gid;
    return 0;
}

static int open_tls(struct net *net, const struct config_tls *tls, struct listeners *listeners)
{
    char reason[TLS_REASON_SIZE] = "out of memory";
    char certificate[PATH_MAX] = "";
    char key[PATH_MAX] = "";
    (void)tls_default_path("certificate.pem", certificate, sizeof certificate);
    (void)tls_default_path("key.pem", key, sizeof key);
    int error = tls_context_new(tls->certificate[0] ? tls->certificate : certificate,
                                tls->key[0] ? tls->key : key, !tls->certificate[0] && !tls->key[0],
                                &listeners->tls, reason);
    if (!error)
        error = tls_relays_new(net, listeners->tls, &listeners->relays);
    if (error)
        (void)fprintf(
            stderr,
            "listen.https: %s; `gpio-gateway tls new` makes a certificate, tls.certificate "
            "and tls.key name another\n",
            reason);
    return error;
}

void listeners_reload(struct listeners *listeners)
{
    char reason[TLS_REASON_SIZE];
    if (!listeners->tls)
        return;
    if (tls_context_reload(listeners->tls, reason))
        log_warning("the certificate stays as it was reason=\"%s\"", reason);
}

int listeners_open(struct net *net, const struct config_listen *listen,
                   const struct config_tls *tls, struct inherited *inherited,
                   struct listeners **ret_listeners)
{
    struct opening opening = {.net = net,
                              .listeners = calloc(1, sizeof *opening.listeners),
                              .inherited = inherited,
                              .folder = ".",
                              .mode = listen->socket_mode};
    if (!opening.listeners) {
        (void)fputs("cannot listen: out of memory\n", stderr);
        return -1;
    }
    (void)folder_runtime(opening.folder, sizeof opening.folder);
    int error = find_group(listen->socket_group, &opening.group);
    if (!error)
        error = open_all(&opening, CONFIG_HTTP, &listen->http);
    if (!error && listen->https.count > 0)
        error = open_tls(net, tls, opening.listeners);
    if (!error)
        error = open_all(&opening, CONFIG_HTTPS, &listen->https);
    if (!error)
        error = open_all(&opening, CONFIG_LINE, &listen->line);
    if (!error)
        error = open_all(&opening, CONFIG_DATAGRAM, &listen->datagram);
    if (!error)
        error = open_all(&opening, CONFIG_MULTICAST, &listen->multicast);
    if (error) {
        listeners_close(opening.listeners);
        return -1;
    }
    *ret_listeners = opening.listeners;
    return 0;
}

void listeners_serve(struct listeners *listeners, const struct listener_servers *servers)
{
    listeners->servers = *servers;
    listeners->is_served = true;
}

/* ---- addresses ---- */

static const struct address *address_of(const struct endpoint *endpoint)
{
    return endpoint->listener ? listener_address(endpoint->listener)
                              : datagram_address(endpoint->datagram);
}

static const char *scheme_of(const struct endpoint *endpoint, const struct address *address)
{
    if (address->kind == ADDRESS_UNIX)
        return ""; /* address_format() writes "unix:" itself */
    if (endpoint->kind == CONFIG_HTTPS)
        return "https://";
    if (endpoint->kind == CONFIG_HTTP)
        return "http://";
    return endpoint->kind == CONFIG_LINE ? "tcp:" : "udp:";
}

void listeners_print(const struct listeners *listeners, FILE *out)
{
    for (size_t i = 0; i < listeners->count; i++) {
        const struct endpoint *endpoint = &listeners->listeners[i];
        const struct address *address = address_of(endpoint);
        const char *scheme = scheme_of(endpoint, address);
        char text[ADDRESS_TEXT_SIZE];
        if (endpoint->kind == CONFIG_MULTICAST)
            continue; /* a group only sends */
        (void)fprintf(out, "listening %s %s%s%s\n", kind_names[endpoint->kind], scheme,
                      address_format(address, text), strncmp(scheme, "http", 4) == 0 ? "/" : "");
    }
}

const struct tls_context *listeners_tls(const struct listeners *listeners)
{
    return listeners->tls;
}

const struct address *listeners_http(const struct listeners *listeners, size_t index)
{
    for (size_t i = 0; i < listeners->count; i++)
        if (listeners->listeners[i].kind == CONFIG_HTTP && index-- == 0)
            return address_of(&listeners->listeners[i]);
    return NULL;
}

struct datagram *listeners_group(const struct listeners *listeners, size_t index)
{
    for (size_t i = 0; i < listeners->count; i++)
        if (listeners->listeners[i].kind == CONFIG_MULTICAST && index-- == 0)
            return listeners->listeners[i].datagram;
    return NULL;
}

/* ---- the end ---- */

void listeners_close_connections(struct listeners *listeners)
{
    for (size_t i = 0; i < listeners->count; i++)
        listeners->listeners[i].listener = listener_close(listeners->listeners[i].listener);
}

struct listeners *listeners_close(struct listeners *listeners)
{
    if (!listeners)
        return NULL;
    listeners_close_connections(listeners);
    for (size_t i = 0; i < listeners->count; i++)
        datagram_close(listeners->listeners[i].datagram);
    listeners->relays = tls_relays_free(listeners->relays);
    listeners->tls = tls_context_free(listeners->tls);
    free(listeners);
    return NULL;
}
