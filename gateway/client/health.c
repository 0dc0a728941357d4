#include "base/buffer.h"
#include "client/client.h"
#include "client/link.h"
#include "client/options.h"
#include "client/print.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { ANSWER_MAX_BYTES = 65536, TARGET_SIZE = 300 };

static const char *const default_to = "http://127.0.0.1:8080";

/* "http://HOST:PORT/" as "tcp:HOST:PORT"; "unix:PATH" stays. 0 or -1. */
static int read_target(const char *to, char target[TARGET_SIZE])
{
    static const char scheme[] = "http://";
    if (strncmp(to, "unix:", 5) == 0)
        return snprintf(target, TARGET_SIZE, "%s", to) < TARGET_SIZE ? 0 : -1;
    if (strncmp(to, scheme, sizeof scheme - 1) != 0)
        return -1;
    const char *host = to + sizeof scheme - 1;
    int length = (int)strcspn(host, "/");
    return snprintf(target, TARGET_SIZE, "tcp:%.*s", length, host) < TARGET_SIZE ? 0 : -1;
}

/* The status line alone matters: "HTTP/1.1 200 OK". */
static int ask(struct link *link, const struct address *address)
{
    static const char request[] = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
                                  "Connection: close\r\n\r";
    struct buffer answer;
    buffer_init(&answer, ANSWER_MAX_BYTES);
    int error = link_ask(link, request, &answer);
    const char *status = buffer_text(&answer);
    int code = CLIENT_EXIT_DONE;
    if (error) {
        code = client_fail_call(address, "health", error);
    } else if (strncmp(status, "HTTP/1.", 7) != 0 || strncmp(status + 8, " 200", 4) != 0) {
        (void)fprintf(stderr, "gpio-gateway: it answers %.*s\n", (int)strcspn(status, "\r\n"),
                      status);
        code = CLIENT_EXIT_FAILED;
    }
    buffer_done(&answer);
    return code;
}

int client_health(int argc, char **argv)
{
    struct client_options options;
    struct client_target found;
    const struct address *address;
    struct link link;
    char target[TARGET_SIZE];
    const char *call;
    if (client_options_read(argc, argv, &options) || options.argument_count > 0) {
        (void)fprintf(stderr, "usage: gpio-gateway health [--to http://HOST:PORT] [--explain]\n");
        return CLIENT_EXIT_USAGE;
    }
    if (read_target(options.to ? options.to : default_to, target)) {
        (void)fprintf(stderr, "gpio-gateway: --to %s: http://HOST:PORT is needed\n", options.to);
        return CLIENT_EXIT_USAGE;
    }
    int code = client_find_target(target, options.explain, &found);
    if (code)
        return code;
    int error =
        link_open(&link, found.addresses, found.count, "", options.explain, &address, &call);
    code = error ? client_fail_call(address, call, error) : ask(&link, address);
    link_close(&link);
    return code;
}
