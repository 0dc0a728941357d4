#include "client/watch.h"

#include "base/clock.h"
#include "base/number.h"
#include "client/print.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    LEASE_S = 60,     /* asked for with a datagram */
    RENEW_MS = 20000, /* a third of it: two renewals may be lost */
};

struct watch {
    const struct client_options *options;
    int64_t seq; /* of the last event; 0 before the first */
    bool closed; /* nobody reads what is printed */
};

static bool is_wanted(const struct client_options *options, const char *text)
{
    size_t offset = strlen("event ");
    const char *line = text + offset + strcspn(text + offset, " ");
    line += *line == ' ';
    size_t length = strcspn(line, " ");
    if (options->argument_count == 0 || strncmp(text, "event ", offset) != 0)
        return true;
    for (size_t i = 0; i < options->argument_count; i++)
        if (strlen(options->arguments[i]) == length &&
            strncmp(options->arguments[i], line, length) == 0)
            return true;
    return false;
}

/* Datagrams may be lost: the numbers show it. */
static void note_seq(struct watch *watch, const char *text)
{
    int64_t seq = 0;
    const char *number = text + strcspn(text, " ");
    number += *number == ' ';
    if (number_parse_bytes(number, strcspn(number, " "), 0, INT64_MAX, &seq) < 0)
        return;
    if (watch->seq > 0 && seq > watch->seq + 1 && strncmp(text, "event ", 6) == 0)
        (void)fprintf(stderr, "gpio-gateway: %" PRId64 " events were lost\n", seq - watch->seq - 1);
    watch->seq = seq;
}

static void on_event(void *context, const char *text)
{
    struct watch *watch = context;
    note_seq(watch, text);
    if (!watch->closed && is_wanted(watch->options, text))
        watch->closed = !print_event(text, watch->options->json);
}

/* A name that is none would be waited for in vain. */
static int check_lines(struct link *link, const struct address *address,
                       const struct client_options *options, struct buffer *answer)
{
    for (size_t i = 0; i < options->argument_count; i++) {
        char request[128];
        (void)snprintf(request, sizeof request, "get %.100s", options->arguments[i]);
        int error = link_ask(link, request, answer);
        if (error)
            return client_fail_call(address, "watch", error);
        int code = print_refusal(buffer_text(answer));
        if (code)
            return code;
    }
    return CLIENT_EXIT_DONE;
}

/* Asks for events, or for events for longer. */
static int ask(struct link *link, const struct address *address, struct buffer *answer)
{
    char request[32];
    (void)snprintf(request, sizeof request, link->is_datagram ? "watch %d" : "watch", LEASE_S);
    int error = link_ask(link, request, answer);
    if (error)
        return client_fail_call(address, "watch", error);
    return print_refusal(buffer_text(answer));
}

int watch_run(struct link *link, const struct address *address,
              const struct client_options *options, struct buffer *answer)
{
    struct watch watch = {.options = options};
    link->event = on_event;
    link->context = &watch; /* cppcheck-suppress autoVariables ; forgotten before this returns */
    int code = check_lines(link, address, options, answer);
    if (!code)
        code = ask(link, address, answer);
    int64_t renew_ns = clock_monotonic_ns() + RENEW_MS * CLOCK_NS_PER_MS;
    while (!code && !watch.closed) {
        int64_t left_ms = (renew_ns - clock_monotonic_ns()) / CLOCK_NS_PER_MS;
        int timeout_ms = !link->is_datagram ? -1 : left_ms > 0 ? (int)left_ms : 0;
        int error = link_receive(link, answer, timeout_ms);
        if (!error) {
            on_event(&watch, buffer_text(answer));
        } else if (error == -ETIMEDOUT) {
            code = ask(link, address, answer);
            renew_ns = clock_monotonic_ns() + RENEW_MS * CLOCK_NS_PER_MS;
        } else if (error != -EINTR) {
            code = client_fail_call(address, "watch", error);
        }
    }
    link->event = NULL;
    link->context = NULL;
    return code;
}
