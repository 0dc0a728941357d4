#include "token_watch.h"

#include "base/log.h"
#include "loop/loop.h"
#include "protocol/auth.h"
#include "state/tokens.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

enum { EVENTS_BYTES = 4096 };

struct token_watch {
    const char *folder;
    struct auth *auth;
    void (*changed)(void *context);
    void *context;
    int fd;
    struct loop_source *source;
};

/* A file that cannot be read changes nothing: connections stay until it can be read. */
static void take_tokens(struct token_watch *watch, bool may_make)
{
    struct tokens tokens;
    bool made = false;
    char remedy[TOKENS_REMEDY_SIZE];
    int error = may_make ? tokens_load_or_make(watch->folder, &tokens, &made, remedy)
                         : tokens_load(watch->folder, &tokens, remedy);
    if (error) {
        log_error("tokens unchanged: %s", remedy);
        return;
    }
    auth_set_tokens(watch->auth, &tokens);
    log_info("tokens read count=%zu%s", tokens.count, made ? " new=1" : "");
    explicit_bzero(&tokens, sizeof tokens);
    watch->changed(watch->context);
}

static void on_ready(void *context, uint32_t events)
{
    struct token_watch *watch = context;
    _Alignas(struct inotify_event) char bytes[EVENTS_BYTES];
    bool is_ours = false;
    ssize_t got;
    (void)events;
    while ((got = read(watch->fd, bytes, sizeof bytes)) > 0) {
        for (ssize_t at = 0; at < got;) {
            struct inotify_event event;
            memcpy(&event, bytes + at, sizeof event);
            is_ours = is_ours || (event.mask & IN_Q_OVERFLOW) ||
                      (event.len > 0 && strcmp(bytes + at + sizeof event, "token") == 0);
            at += (ssize_t)(sizeof event + event.len);
        }
    }
    if (is_ours)
        take_tokens(watch, false);
}

int token_watch_new(struct loop *loop, const char *folder, struct auth *auth,
                    void (*changed)(void *context), void *context, struct token_watch **ret_watch)
{
    struct token_watch *watch = calloc(1, sizeof *watch);
    if (!watch)
        return -ENOMEM;
    *watch = (struct token_watch){
        .folder = folder, .auth = auth, .changed = changed, .context = context};
    watch->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    int error = watch->fd < 0 ? -errno : 0;
    /* Replaced in one step (rename(2)), or written in place by an editor. */
    if (!error && inotify_add_watch(watch->fd, folder, IN_MOVED_TO | IN_CLOSE_WRITE) < 0)
        error = -errno;
    if (!error)
        error = loop_watch(loop, watch->fd, EPOLLIN, on_ready, watch, &watch->source);
    if (error)
        log_warning("tokens are not watched, revoke them with a reload folder=%s errno=%s", folder,
                    strerror(-error));
    *ret_watch = watch;
    return 0;
}

void token_watch_reload(struct token_watch *watch)
{
    if (watch)
        take_tokens(watch, true);
}

struct token_watch *token_watch_free(struct token_watch *watch)
{
    if (!watch)
        return NULL;
    watch->source = loop_source_free(watch->source);
    if (watch->fd >= 0)
        (void)close(watch->fd);
    free(watch);
    return NULL;
}
