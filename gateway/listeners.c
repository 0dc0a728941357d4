#include "listeners.h"

#include "base/file.h"
#include "base/folders.h"
#include "net/call.h"
#include "net/stream.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum kind { KIND_HTTP, KIND_LINE, KINDS };

/* One listener and the way to the server that stands behind its kind. */
struct door {
    struct listener *listener;
    struct listeners *listeners;
    enum kind kind;
};

struct listeners {
    size_t count;
    struct door doors[2 * CONFIG_LISTENERS_MAX];
    struct listener_events servers[KINDS];
};

static const char *const owners[KINDS] = {"http", "line"};

static void on_accepted(void *context, struct stream *stream)
{
    const struct door *door = context;
    const struct listener_events *server = &door->listeners->servers[door->kind];
    if (server->accepted)
        server->accepted(server->context, stream);
    else
        stream_close(stream);
}

static void on_refused(void *context, struct stream *stream, const char *reason)
{
    const struct door *door = context;
    const struct listener_events *server = &door->listeners->servers[door->kind];
    if (server->refused)
        server->refused(server->context, stream, reason);
}

static const char *hint(const char *call, int error, const struct address *address)
{
    if (error == -EADDRINUSE)
        return ": another program (perhaps a second gateway) listens there; stop it or choose "
               "another port";
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

static int open_one(struct net *net, struct listeners *listeners, enum kind kind, const char *text,
                    const char *folder, struct listener_options *options,
                    struct inherited *inherited)
{
    struct address address;
    const char *reason = NULL;
    int error = address_parse(text, folder, &address, &reason);
    if (error) {
        (void)fprintf(stderr, "listen.%s: \"%s\": %s\n", owners[kind], text,
                      reason ? reason : call_errno_name(error));
        return -1;
    }
    if (address.kind == ADDRESS_UNIX)
        (void)file_make_folder(folder, 0700); /* listener_open() says what is wrong with it */
    struct door *door = &listeners->doors[listeners->count];
    *door = (struct door){.listeners = listeners, .kind = kind};
    struct listener_events events = {
        .context = door, .accepted = on_accepted, .refused = on_refused};
    const char *call = "socket";
    options->owner = owners[kind];
    options->inherited_fd = inherit_take(inherited, &address, SOCK_STREAM);
    error = listener_open(net, &address, options, &events, &door->listener, &call);
    if (error) {
        char shown[ADDRESS_TEXT_SIZE];
        (void)fprintf(stderr, "cannot listen on %s: %s: %s%s\n", address_format(&address, shown),
                      call, call_errno_name(error), hint(call, error, &address));
        return -1;
    }
    listeners->count++;
    return 0;
}

int listeners_open(struct net *net, const struct config_listen *listen, struct inherited *inherited,
                   struct listeners **ret_listeners)
{
    struct listeners *listeners = calloc(1, sizeof *listeners);
    if (!listeners)
        return -1;
    char folder[PATH_MAX] = ".";
    (void)folder_runtime(folder, sizeof folder);
    struct listener_options options = {.socket_mode = listen->socket_mode};
    int error = find_group(listen->socket_group, &options.socket_group);
    for (size_t i = 0; i < listen->http.count && !error; i++)
        error =
            open_one(net, listeners, KIND_HTTP, listen->http.texts[i], folder, &options, inherited);
    for (size_t i = 0; i < listen->line.count && !error; i++)
        error =
            open_one(net, listeners, KIND_LINE, listen->line.texts[i], folder, &options, inherited);
    if (error) {
        listeners_close(listeners);
        return -1;
    }
    *ret_listeners = listeners;
    return 0;
}

void listeners_serve_http(struct listeners *listeners, const struct listener_events *events)
{
    listeners->servers[KIND_HTTP] = *events;
}

void listeners_serve_line(struct listeners *listeners, const struct listener_events *events)
{
    listeners->servers[KIND_LINE] = *events;
}

void listeners_print(const struct listeners *listeners, FILE *out)
{
    for (size_t i = 0; i < listeners->count; i++) {
        const struct door *door = &listeners->doors[i];
        const struct address *address = listener_address(door->listener);
        char text[ADDRESS_TEXT_SIZE];
        bool is_url = door->kind == KIND_HTTP && address->kind != ADDRESS_UNIX;
        bool is_tcp = door->kind != KIND_HTTP && address->kind != ADDRESS_UNIX;
        (void)fprintf(out, "listening %s %s%s%s\n", owners[door->kind],
                      is_url   ? "http://"
                      : is_tcp ? "tcp:"
                               : "",
                      address_format(address, text), is_url ? "/" : "");
    }
}

const struct address *listeners_http(const struct listeners *listeners, size_t index)
{
    for (size_t i = 0; i < listeners->count; i++)
        if (listeners->doors[i].kind == KIND_HTTP && index-- == 0)
            return listener_address(listeners->doors[i].listener);
    return NULL;
}

struct listeners *listeners_close(struct listeners *listeners)
{
    for (size_t i = 0; listeners && i < listeners->count; i++)
        listener_close(listeners->doors[i].listener);
    free(listeners);
    return NULL;
}
