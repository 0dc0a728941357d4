#include "state/history_file.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "loop/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define GATHER_NS (CLOCK_NS_PER_SECOND / 2)

/* 2,000 events or so; more in half a second are written at once, 64 kB at a time: some tens of
 * microseconds each into the page cache. */
enum { GATHER_BYTES = 512 * 1024, WRITE_BYTES = 64 * 1024 };

struct history_file {
    struct loop *loop; /* borrowed */
    struct loop_timer timer;
    struct buffer waiting;
    int fd;
    uint64_t length;
    uint32_t max_bytes;
    bool has_failed; /* said once */
    uint64_t lost;   /* bytes that a full disk cost since the last line that was written */
    char last;       /* byte written: '\n' unless a full disk cut a line */
    char path[PATH_MAX];
};

static int open_file(struct history_file *file)
{
    struct stat status;
    int fd =
        open(file->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (fd < 0)
        return -errno;
    int error = fstat(fd, &status) < 0 ? -errno : S_ISREG(status.st_mode) ? 0 : -EBADMSG;
    if (error) {
        (void)close(fd);
        return error;
    }
    file->fd = fd;
    file->length = (uint64_t)status.st_size;
    file->last = '\n';
    if (file->length > 0 && pread(fd, &file->last, 1, status.st_size - 1) != 1)
        file->last = '\n';
    if (file->last != '\n' && write(fd, "\n", 1) == 1)
        file->last = '\n';
    return 0;
}

static int rotate(struct history_file *file)
{
    char before[PATH_MAX + 2];
    (void)snprintf(before, sizeof before, "%s.1", file->path);
    (void)close(file->fd);
    file->fd = -1;
    if (rename(file->path, before) < 0)
        return -errno;
    return open_file(file);
}

static int write_waiting(struct history_file *file)
{
    while (file->waiting.length > 0) {
        size_t length = file->waiting.length < WRITE_BYTES ? file->waiting.length : WRITE_BYTES;
        ssize_t put = write(file->fd, file->waiting.data, length);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return -errno;
        file->last = file->waiting.data[put - 1];
        buffer_consume(&file->waiting, (size_t)put);
        file->length += (uint64_t)put;
    }
    return file->length >= file->max_bytes ? rotate(file) : 0;
}

/* What comes after a loss begins on a line of its own and says that something is missing. */
static int mark_loss(struct history_file *file)
{
    char mark[64];
    int length = snprintf(mark, sizeof mark, "%s{\"lost_bytes\":%llu}\n",
                          file->last == '\n' ? "" : "\n", (unsigned long long)file->lost);
    ssize_t put = write(file->fd, mark, (size_t)length);
    if (put <= 0)
        return put < 0 ? -errno : -ENOSPC;
    file->last = mark[put - 1];
    file->length += (uint64_t)put;
    if (put < length)
        return -ENOSPC;
    file->lost = 0;
    return 0;
}

static int write_all(struct history_file *file)
{
    int error = file->fd < 0 ? open_file(file) : 0;
    if (!error && file->lost > 0)
        error = mark_loss(file);
    return error ? error : write_waiting(file);
}

static void on_due(void *context)
{
    struct history_file *file = context;
    int error = write_all(file);
    if (error && !file->has_failed)
        log_warning("history not written path=%s errno=%s", file->path, strerror(-error));
    file->has_failed = error != 0;
    if (error) { /* newer events must not pile up */
        file->lost += file->waiting.length;
        buffer_clear(&file->waiting);
    }
}

void history_file_append(struct history_file *file, const char *text, size_t length)
{
    if (file->waiting.length + length > GATHER_BYTES)
        on_due(file);
    (void)buffer_append(&file->waiting, text, length);
    if (file->timer.place == 0)
        (void)loop_timer_set(&file->timer, loop_now_ns(file->loop) + GATHER_NS);
}

int history_file_new(struct loop *loop, const char *folder, uint32_t max_bytes,
                     struct history_file **ret_file)
{
    int error = file_make_folder(folder, 0700);
    if (error)
        return error;
    struct history_file *file = calloc(1, sizeof *file);
    if (!file)
        return -ENOMEM;
    file->loop = loop;
    file->max_bytes = max_bytes;
    file->fd = -1;
    buffer_init(&file->waiting, GATHER_BYTES);
    loop_timer_init(&file->timer, loop, on_due, file);
    if (snprintf(file->path, sizeof file->path, "%s/history.jsonl", folder) >=
        (int)sizeof file->path)
        error = -ENAMETOOLONG;
    if (!error)
        error = open_file(file);
    if (error) {
        history_file_free(file);
        return error;
    }
    *ret_file = file;
    return 0;
}

struct history_file *history_file_free(struct history_file *file)
{
    if (!file)
        return NULL;
    if (file->fd >= 0) {
        on_due(file);
        if (file->fd >= 0)
            (void)close(file->fd);
    }
    loop_timer_stop(&file->timer);
    buffer_done(&file->waiting);
    free(file);
    return NULL;
}
