#include "client/options.h"

#include "base/file.h"
#include "base/folders.h"
#include "base/number.h"
#include "base/owner.h"

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

void client_options_fail(const char *usage)
{
    (void)fprintf(stderr,
                  "usage: gpio-gateway %s [--to tcp:HOST:PORT | udp:HOST:PORT | unix:PATH] "
                  "[--token TOKEN | --token-file FILE] [--json] [--explain]\n",
                  usage);
}

static void take_token(struct client_options *options, char *argument)
{
    (void)snprintf(options->token, sizeof options->token, "%s", argument);
    options->has_token = true;
    explicit_bzero(argument, strlen(argument));
}

int client_options_read(int argc, char **argv, struct client_options *ret_options)
{
    static const struct option words[] = {
        {"to", required_argument, NULL, 't'},         {"token", required_argument, NULL, 'k'},
        {"token-file", required_argument, NULL, 'f'}, {"json", no_argument, NULL, 'j'},
        {"explain", no_argument, NULL, 'e'},          {0}};
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
            take_token(&options, optarg);
            break;
        case 'f':
            options.token_file = optarg;
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
    if (wrong)
        return -1;
    *ret_options = options;
    return 0;
}

/* ---- where to ---- */

static void add(struct client_target *target, const struct address *address)
{
    if (target->count < CLIENT_ADDRESSES_MAX)
        target->addresses[target->count++] = *address;
}

/* Whatever /etc/hosts says of it, it is this machine, by either protocol (RFC 6761, 6.3): a gateway may
 * listen on one of them only. */
static void add_localhost(struct client_target *target, const char *kind, const char *port)
{
    static const char *const hosts[] = {"[::1]", "127.0.0.1"};
    for (size_t i = 0; i < ARRAY_LENGTH(hosts); i++) {
        char text[ADDRESS_TEXT_SIZE];
        struct address address;
        (void)snprintf(text, sizeof text, "%s:%s:%s", kind, hosts[i], port);
        if (address_parse(text, NULL, &address, NULL) == 0)
            add(target, &address);
    }
}

static int add_found(struct client_target *target, const char *host, const char *port,
                     enum address_kind kind, bool explain)
{
    char shown[ADDRESS_TEXT_SIZE];
    struct addrinfo *found = NULL;
    const struct addrinfo wanted = {.ai_family = AF_UNSPEC,
                                    .ai_socktype = kind == ADDRESS_UDP ? SOCK_DGRAM : SOCK_STREAM,
                                    .ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG};
    int error = getaddrinfo(host, port, &wanted, &found);
    if (error) {
        (void)fprintf(stderr, "gpio-gateway: %s: %s\n", host, gai_strerror(error));
        return -EHOSTUNREACH;
    }
    for (const struct addrinfo *at = found; at; at = at->ai_next) {
        struct address address = {.kind = kind, .length = at->ai_addrlen};
        memcpy(&address.un, at->ai_addr, at->ai_addrlen);
        add(target, &address);
        if (explain)
            (void)fprintf(stderr, "getaddrinfo(\"%s\", \"%s\") = %s\n", host, port,
                          address_format_exact(&address, shown));
    }
    freeaddrinfo(found);
    return 0;
}

/* "tcp:HOST:PORT" or "udp:HOST:PORT" with a name for the host. */
static int look_up(const char *to, bool explain, struct client_target *target)
{
    bool is_udp = strncmp(to, "udp:", 4) == 0;
    char host[HOST_SIZE];
    const char *name = to + 4;
    const char *colon = strrchr(name, ':');
    size_t length = colon ? (size_t)(colon - name) : 0;
    int64_t port;
    if (length == 0 || length >= sizeof host || number_parse(colon + 1, 1, UINT16_MAX, &port) < 0)
        return -EINVAL;
    memcpy(host, name, length);
    host[length] = '\0';
    if (strcasecmp(host, "localhost") != 0)
        return add_found(target, host, colon + 1, is_udp ? ADDRESS_UDP : ADDRESS_TCP, explain);
    add_localhost(target, is_udp ? "udp" : "tcp", colon + 1);
    return 0;
}

static void find_own(struct client_target *target)
{
    char folder[PATH_MAX];
    struct address address;
    if (folder_runtime(folder, sizeof folder) == 0 &&
        address_parse("unix:gateway.sock", folder, &address, NULL) == 0 &&
        access(address.un.sun_path, F_OK) == 0)
        add(target, &address);
    else
        add_localhost(target, "tcp", "7070");
}

static int fail_target(const char *to, const char *reason)
{
    if (reason)
        (void)fprintf(stderr, "gpio-gateway: --to %s: %s\n", to, reason);
    else if (strchr(to, ':') && !strchr(to, '/'))
        (void)fprintf(stderr, "gpio-gateway: --to %s: write tcp:%s, or udp:%s\n", to, to, to);
    else
        (void)fprintf(
            stderr, "gpio-gateway: --to %s: tcp:HOST:PORT, udp:HOST:PORT or unix:PATH is needed\n",
            to);
    return CLIENT_EXIT_USAGE;
}

int client_find_target(const char *to, bool explain, struct client_target *ret_target)
{
    char folder[PATH_MAX] = ".";
    const char *reason = NULL;
    struct client_target target = {0};
    struct address address;
    bool is_unix = to && strncmp(to, "unix:", 5) == 0;
    bool is_host = to && (strncmp(to, "tcp:", 4) == 0 || strncmp(to, "udp:", 4) == 0);
    if (to && !is_unix && !is_host)
        return fail_target(to, NULL);
    if (is_unix && !strchr(to, '/')) /* a bare name stands where the gateway puts it */
        (void)folder_runtime(folder, sizeof folder);
    int error = to ? address_parse(to, folder, &address, &reason) : 0;
    if (!to)
        find_own(&target);
    else if (!error)
        add(&target, &address);
    else if (error == -EINVAL && is_host)
        error = look_up(to, explain, &target);
    if (error == -EHOSTUNREACH)
        return CLIENT_EXIT_UNAVAILABLE;
    if (error)
        return fail_target(to, reason ? reason : strerror(-error));
    *ret_target = target;
    return CLIENT_EXIT_DONE;
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

static bool is_this_machine(const struct client_target *target)
{
    for (size_t i = 0; i < target->count; i++)
        if (!address_is_loopback(&target->addresses[i]))
            return false;
    return true;
}

/* The first line of a stream, without its end. 0, or a negative errno. */
static int read_line(FILE *file, char token[CLIENT_TOKEN_SIZE])
{
    if (!fgets(token, CLIENT_TOKEN_SIZE, file))
        return ferror(file) ? -EIO : -ENODATA;
    token[strcspn(token, "\r\n")] = '\0';
    return *token ? 0 : -ENODATA;
}

static int read_token_file(const char *path, char token[CLIENT_TOKEN_SIZE])
{
    FILE *file = fopen(path, "re");
    int error = file ? read_line(file, token) : -errno;
    if (file)
        (void)fclose(file);
    if (!error)
        return CLIENT_EXIT_DONE;
    (void)fprintf(stderr, "gpio-gateway: --token-file %s: %s\n", path,
                  error == -ENODATA ? "the first line is empty" : strerror(-error));
    return CLIENT_EXIT_USAGE;
}

static int read_token_input(char token[CLIENT_TOKEN_SIZE])
{
    if (read_line(stdin, token) == 0)
        return CLIENT_EXIT_DONE;
    (void)fprintf(stderr, "gpio-gateway: --token -: standard input has no token\n");
    return CLIENT_EXIT_USAGE;
}

int client_token(const struct client_options *options, const struct client_target *target,
                 char token[CLIENT_TOKEN_SIZE])
{
    const char *given = options->has_token ? options->token : getenv("GPIO_GATEWAY_TOKEN");
    token[0] = '\0';
    if (options->has_token && strcmp(options->token, "-") == 0)
        return read_token_input(token);
    if (!options->has_token && options->token_file)
        return read_token_file(options->token_file, token);
    if (given)
        (void)snprintf(token, CLIENT_TOKEN_SIZE, "%s", given);
    else if (target->addresses[0].kind != ADDRESS_UNIX && is_this_machine(target))
        read_own_token(token);
    return CLIENT_EXIT_DONE;
}
