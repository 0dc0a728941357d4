#include "client/options.h"

#include "base/file.h"
#include "base/folders.h"
#include "base/number.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HOST_SIZE = 256, TOKEN_FILE_MAX_BYTES = 4096 };

int client_options_read(int argc, char **argv, size_t min, size_t max, const char *usage,
                        struct client_options *ret_options)
{
    static const struct option words[] = {{"to", required_argument, NULL, 't'},
                                          {"token", required_argument, NULL, 'k'},
                                          {"json", no_argument, NULL, 'j'},
                                          {"explain", no_argument, NULL, 'e'},
                                          {0}};
    struct client_options options = {.word = argv[0]};
    bool wrong = false;
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "", words, NULL)) != -1) {
        switch (option) {
        case 't':
            options.to = optarg;
            break;
        case 'k':
            options.token = optarg;
            break;
        case 'j':
            options.json = true;
            break;
        case 'e':
            options.explain = true;
            break;
        default:
            wrong = true;
            break;
        }
    }
    options.arguments = argv + optind;
    options.argument_count = (size_t)(argc - optind);
    if (wrong || options.argument_count < min || options.argument_count > max) {
        (void)fprintf(stderr,
                      "usage: gpio-gateway %s [--to tcp:HOST:PORT | udp:HOST:PORT | "
                      "unix:PATH] [--token TOKEN] [--json] [--explain]\n",
                      usage);
        return -1;
    }
    *ret_options = options;
    return 0;
}

/* ---- where to ---- */

/* "HOST:PORT" with a name in front: the first address that it has. */
static int look_up(const char *text, enum address_kind kind, bool explain,
                   struct address *ret_address)
{
    char host[HOST_SIZE];
    char shown[ADDRESS_TEXT_SIZE];
    const char *colon = strrchr(text, ':');
    size_t length = colon ? (size_t)(colon - text) : 0;
    int64_t port;
    if (length == 0 || length >= sizeof host || number_parse(colon + 1, 1, UINT16_MAX, &port) < 0)
        return -EINVAL;
    memcpy(host, text, length);
    host[length] = '\0';
    struct addrinfo *found = NULL;
    const struct addrinfo wanted = {.ai_family = AF_UNSPEC,
                                    .ai_socktype = kind == ADDRESS_UDP ? SOCK_DGRAM : SOCK_STREAM,
                                    .ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG};
    int error = getaddrinfo(host, colon + 1, &wanted, &found);
    if (error) {
        (void)fprintf(stderr, "gpio-gateway: %s: %s\n", host, gai_strerror(error));
        return -EHOSTUNREACH;
    }
    struct address address = {.kind = kind, .length = found->ai_addrlen};
    memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    if (explain)
        (void)fprintf(stderr, "getaddrinfo(\"%s\", \"%s\") = %s\n", host, colon + 1,
                      address_format_exact(&address, shown));
    *ret_address = address;
    return 0;
}

static int find_own(struct address *ret_address)
{
    char folder[PATH_MAX];
    struct address address;
    if (folder_runtime(folder, sizeof folder) == 0 &&
        address_parse("unix:gateway.sock", folder, &address, NULL) == 0 &&
        access(address.un.sun_path, F_OK) == 0) {
        *ret_address = address;
        return CLIENT_EXIT_DONE;
    }
    (void)address_parse("tcp:[::1]:7070", NULL, ret_address, NULL);
    return CLIENT_EXIT_DONE;
}

int client_find_target(const char *to, bool explain, struct address *ret_address)
{
    char folder[PATH_MAX] = ".";
    const char *reason = NULL;
    if (!to)
        return find_own(ret_address);
    bool is_unix = strncmp(to, "unix:", 5) == 0;
    if (is_unix && !strchr(to, '/')) /* a bare name stands where the gateway puts it */
        (void)folder_runtime(folder, sizeof folder);
    int error = address_parse(to, folder, ret_address, &reason);
    bool is_tcp = strncmp(to, "tcp:", 4) == 0;
    bool is_udp = strncmp(to, "udp:", 4) == 0;
    if (error == -EINVAL && (is_tcp || is_udp))
        error = look_up(to + 4, is_udp ? ADDRESS_UDP : ADDRESS_TCP, explain, ret_address);
    if (error == -EHOSTUNREACH)
        return CLIENT_EXIT_UNAVAILABLE;
    if (!error && (is_unix || is_tcp || is_udp))
        return CLIENT_EXIT_DONE;
    (void)fprintf(stderr, "gpio-gateway: --to %s: %s\n", to,
                  reason ? reason : "tcp:HOST:PORT, udp:HOST:PORT or unix:PATH is needed");
    return CLIENT_EXIT_USAGE;
}

/* ---- as whom ---- */

/* The first line of the file is "operator TOKEN". */
static void read_own_token(char token[CLIENT_TOKEN_SIZE])
{
    static const char name[] = "operator ";
    char folder[PATH_MAX];
    char path[PATH_MAX + sizeof "/token"];
    struct buffer text;
    if (folder_state(folder, sizeof folder) != 0)
        return;
    (void)snprintf(path, sizeof path, "%s/token", folder);
    buffer_init(&text, TOKEN_FILE_MAX_BYTES);
    if (file_read(path, &text) == 0 && strncmp(buffer_text(&text), name, sizeof name - 1) == 0) {
        const char *start = buffer_text(&text) + sizeof name - 1;
        (void)snprintf(token, CLIENT_TOKEN_SIZE, "%.*s", (int)strcspn(start, "\n"), start);
        explicit_bzero(text.data, text.length);
    }
    buffer_done(&text);
}

void client_token(const struct client_options *options, const struct address *address,
                  char token[CLIENT_TOKEN_SIZE])
{
    const char *given = options->token ? options->token : getenv("GPIO_GATEWAY_TOKEN");
    token[0] = '\0';
    if (given)
        (void)snprintf(token, CLIENT_TOKEN_SIZE, "%s", given);
    else if (address->kind != ADDRESS_UNIX && address_is_loopback(address))
        read_own_token(token);
}
