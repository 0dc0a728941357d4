#include "protocol/datagram/datagram_watch.h"

#include "base/clock.h"
#include "base/list.h"
#include "base/owner.h"
#include "loop/loop.h"
#include "net/datagram.h"
#include "protocol/feed.h"
#include "protocol/text/text_command.h"

#include <errno.h>
#include <stdlib.h>

enum {
    EVENTS_PER_TURN = 64, /* to one peer that lags: the others wait meanwhile */
    RETRY_MS =
        20, /* after the kernel had no room; twice as long each time that it still has none */
    RETRY_MAX_MS = 1000,
};

struct watcher {
    struct list in_watch;
    struct datagram *datagram; /* borrowed */
    struct address peer;
    enum role role;
    uint64_t grant_key;
    struct feed_cursor cursor;
    int64_t until_ns;
};

struct datagram_watch {
    struct service *service;
    struct feed_subscriber subscriber;
    struct loop_timer retry;
    int64_t retry_ms;
    struct list watchers;
    unsigned count;
};

static void drop(struct datagram_watch *watch, struct watcher *watcher)
{
    list_remove(&watcher->in_watch);
    watch->count--;
    free(watcher);
}

/* An AF_UNIX peer whose socket is closed; of a UDP peer nobody knows. */
static bool is_unreachable(int error)
{
    return error == -ECONNREFUSED || error == -ENOENT || error == -EPERM || error == -ENOTSOCK;
}

/* 0 when nothing is left, -EAGAIN when something is, another negative errno when the peer is gone. */
static int report(struct datagram_watch *watch, struct watcher *watcher, bool *ret_reported_any)
{
    struct feed *feed = watch->service->feed;
    for (int i = 0; i < EVENTS_PER_TURN; i++) {
        struct feed_cursor before = watcher->cursor;
        size_t length;
        const char *text = feed_next(feed, &text_format, &watcher->cursor, watcher->role, &length);
        if (!text)
            return 0;
        int error = datagram_send(watcher->datagram, text, length, &watcher->peer);
        if (error == -EAGAIN) {
            watcher->cursor = before;
            return error;
        }
        if (is_unreachable(error))
            return error;
        *ret_reported_any = true;
    }
    return feed_has_next(feed, &watcher->cursor) ? -EAGAIN : 0;
}

static void report_all(void *context)
{
    struct datagram_watch *watch = context;
    int64_t now_ns = clock_monotonic_ns();
    bool again = false;
    bool sent_any = false;
    LIST_FOR_EACH (member, &watch->watchers) {
        struct watcher *watcher = CONTAINER_OF(member, struct watcher, in_watch);
        int error = watcher->until_ns > now_ns ? report(watch, watcher, &sent_any) : -ETIME;
        if (error == -EAGAIN)
            again = true;
        else if (error)
            drop(watch, watcher);
    }
    /* Who never reads its socket shall not keep us awake. */
    watch->retry_ms = sent_any || !again                   ? RETRY_MS
                      : watch->retry_ms * 2 < RETRY_MAX_MS ? watch->retry_ms * 2
                                                           : RETRY_MAX_MS;
    if (again)
        (void)loop_timer_set(&watch->retry, now_ns + watch->retry_ms * CLOCK_NS_PER_MS);
}

int datagram_watch_new(struct service *service, struct datagram_watch **ret_watch)
{
    struct datagram_watch *watch = calloc(1, sizeof *watch);
    if (!watch)
        return -ENOMEM;
    watch->service = service;
    watch->retry_ms = RETRY_MS;
    list_init(&watch->watchers);
    loop_timer_init(&watch->retry, service->loop, report_all, watch);
    watch->subscriber = (struct feed_subscriber){.ready = report_all, .context = watch};
    feed_subscribe(service->feed, &watch->subscriber);
    *ret_watch = watch;
    return 0;
}

struct datagram_watch *datagram_watch_free(struct datagram_watch *watch)
{
    if (!watch)
        return NULL;
    LIST_FOR_EACH (member, &watch->watchers)
        drop(watch, CONTAINER_OF(member, struct watcher, in_watch));
    loop_timer_stop(&watch->retry);
    feed_unsubscribe(&watch->subscriber);
    free(watch);
    return NULL;
}

static struct watcher *find(struct datagram_watch *watch, const struct datagram *datagram,
                            const struct address *peer)
{
    LIST_FOR_EACH (member, &watch->watchers) {
        struct watcher *watcher = CONTAINER_OF(member, struct watcher, in_watch);
        if (watcher->datagram == datagram && address_equals(&watcher->peer, peer))
            return watcher;
    }
    return NULL;
}

static void drop_old(struct datagram_watch *watch)
{
    int64_t now_ns = clock_monotonic_ns();
    LIST_FOR_EACH (member, &watch->watchers) {
        struct watcher *watcher = CONTAINER_OF(member, struct watcher, in_watch);
        if (watcher->until_ns <= now_ns)
            drop(watch, watcher);
    }
}

static int add(struct datagram_watch *watch, struct datagram *datagram, const struct address *peer,
               const struct auth_grant *grant, int64_t until_ns)
{
    struct watcher *watcher = calloc(1, sizeof *watcher);
    if (!watcher)
        return -ENOMEM;
    *watcher = (struct watcher){.datagram = datagram,
                                .peer = *peer,
                                .role = grant->role,
                                .grant_key = grant->key,
                                .cursor = feed_begin(watch->service->feed, NULL, false),
                                .until_ns = until_ns};
    list_append(&watch->watchers, &watcher->in_watch);
    watch->count++;
    return 0;
}

int datagram_watch_add(struct datagram_watch *watch, struct datagram *datagram,
                       const struct address *peer, const struct auth_grant *grant, unsigned seconds)
{
    int64_t until_ns = clock_monotonic_ns() + seconds * CLOCK_NS_PER_SECOND;
    drop_old(watch);
    struct watcher *watcher = find(watch, datagram, peer);
    if (watcher) {
        watcher->until_ns = until_ns;
        watcher->role = grant->role;
        watcher->grant_key = grant->key;
        return 0;
    }
    if (watch->count >= WATCH_PEERS_MAX)
        return -ENOBUFS;
    return add(watch, datagram, peer, grant, until_ns);
}

void datagram_watch_remove(struct datagram_watch *watch, const struct datagram *datagram,
                           const struct address *peer)
{
    struct watcher *watcher = find(watch, datagram, peer);
    if (watcher)
        drop(watch, watcher);
}

int datagram_watch_add_group(struct datagram_watch *watch, struct datagram *group)
{
    const struct auth_grant everybody = {.role = ROLE_VIEWER};
    return add(watch, group, datagram_address(group), &everybody, INT64_MAX);
}

void datagram_watch_check_grants(struct datagram_watch *watch)
{
    LIST_FOR_EACH (member, &watch->watchers) {
        struct watcher *watcher = CONTAINER_OF(member, struct watcher, in_watch);
        if (!auth_grant_stands(watch->service->auth, watcher->grant_key))
            drop(watch, watcher);
    }
}

void datagram_watch_flush(struct datagram_watch *watch)
{
    report_all(watch);
}
