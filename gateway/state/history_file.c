#include "state/history_file.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/thread.h"
#include "loop/loop.h"
#include "state/history_search.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define GATHER_NS (CLOCK_NS_PER_SECOND / 2)
#define POLL_NS (100 * CLOCK_NS_PER_MS) /* between two checks of the thread */

enum {
    GATHER_BYTES = 512 * 1024, /* more than that in half a second is written at once */
    WAITING_BYTES =
        4 * 1024 * 1024, /* 14,000 events: what a card that stalls for seconds may cost */
    END_S = 1,           /* the end waits so long for a disk that does not answer */
};

/* What the thread works on. Until `has_written` nobody else touches it. */
struct job {
    struct buffer text;
    uint64_t lost_after; /* bytes that were lost after the text, since too much waited */
    int error;
    uint64_t lost_lines; /* of the text, for which the disk had no room */
};

struct history_file {
    struct loop *loop; /* borrowed */
    struct loop_timer timer;
    struct buffer waiting;
    uint64_t lost_waiting; /* bytes that found no room there */
    uint64_t lost_lines;
    bool has_failed; /* logged once */
    uint32_t max_bytes;
    char path[PATH_MAX];
    char path_before[PATH_MAX + 2];

    pthread_t thread;
    bool is_writing;
    atomic_bool has_written, is_ending;
    struct job job;
    /* Of the thread: */
    int fd;
    uint64_t length;
    uint64_t lost; /* bytes that are missing since the last line that was written */
    char last;     /* byte written: '\n' unless a full disk cut a line */

    pthread_mutex_t lock; /* of the indexes */
    struct history_index now, before;
};

/* ---- in the thread ---- */

static int open_file(struct history_file *file)
{
    struct stat status;
    int fd = history_open(file->path, O_RDWR | O_CREAT | O_APPEND);
    if (fd < 0)
        return fd;
    if (fstat(fd, &status) < 0) {
        int error = -errno;
        (void)close(fd);
        return error;
    }
    file->fd = fd;
    file->length = (uint64_t)status.st_size;
    file->last = '\n';
    if (file->length > 0 && pread(fd, &file->last, 1, status.st_size - 1) != 1)
        file->last = '\n';
    if (file->last != '\n' && write(fd, "\n", 1) == 1) {
        file->last = '\n';
        file->length++;
    }
    return 0;
}

static int rotate(struct history_file *file)
{
    (void)close(file->fd);
    file->fd = -1;
    if (rename(file->path, file->path_before) < 0)
        return -errno;
    (void)pthread_mutex_lock(&file->lock);
    history_index_done(&file->before);
    file->before = file->now;
    file->now = (struct history_index){.lock = &file->lock};
    (void)pthread_mutex_unlock(&file->lock);
    return open_file(file);
}

/* All of it, or as much as the disk has room for. */
static int write_bytes(struct history_file *file, const char *bytes, size_t length,
                       size_t *ret_written)
{
    for (*ret_written = 0; *ret_written < length;) {
        ssize_t put = write(file->fd, bytes + *ret_written, length - *ret_written);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return put < 0 ? -errno : -ENOSPC;
        *ret_written += (size_t)put;
        file->length += (uint64_t)put;
        file->last = bytes[*ret_written - 1];
    }
    return 0;
}

/* What comes after a loss begins on a line of its own and says that something is missing. */
static int mark_loss(struct history_file *file)
{
    char mark[64];
    size_t written;
    int length = snprintf(mark, sizeof mark, "%s{\"lost_bytes\":%llu}\n",
                          file->last == '\n' ? "" : "\n", (unsigned long long)file->lost);
    int error = write_bytes(file, mark, (size_t)length, &written);
    if (!error)
        file->lost = 0;
    return error;
}

static uint64_t count_lines(const char *text, size_t length)
{
    uint64_t count = 0;
    for (size_t i = 0; i < length; i++)
        count += text[i] == '\n';
    return count;
}

static void write_job(struct history_file *file)
{
    struct job *job = &file->job;
    size_t written = 0;
    int error = file->fd < 0 ? open_file(file) : 0;
    if (!error && file->lost > 0 && job->text.length > 0)
        error = mark_loss(file);
    if (!error)
        error = write_bytes(file, job->text.data, job->text.length, &written);
    size_t rest = job->text.length - written;
    file->lost += rest + job->lost_after;
    job->lost_lines = rest > 0 ? count_lines(job->text.data + written, rest) : 0;
    if (!error && file->length >= file->max_bytes)
        error = rotate(file);
    job->error = error;
}

/* An index is a help: where it cannot be made, a search looks into the file itself. */
static void read_indexes(struct history_file *file)
{
    int before = file->before.inode ? -1 : history_open(file->path_before, O_RDONLY);
    if (before >= 0) {
        (void)history_index_read(&file->before, before, &file->is_ending);
        (void)close(before);
    }
    if (file->fd >= 0)
        (void)history_index_read(&file->now, file->fd, &file->is_ending);
}

static void *work(void *context)
{
    struct history_file *file = context;
    write_job(file);
    read_indexes(file);
    atomic_store(&file->has_written, true);
    return NULL;
}

/* ---- in the loop ---- */

static void report(struct history_file *file, int error)
{
    if (error && !file->has_failed)
        log_warning("history not written path=%s error=\"%s\"", file->path, file_error_text(error));
    file->has_failed = error != 0;
}

static void finish(struct history_file *file)
{
    file->is_writing = false;
    file->lost_lines += file->job.lost_lines;
    buffer_done(&file->job.text);
    report(file, file->job.error);
}

/* False while the thread is at work. */
static bool collect(struct history_file *file)
{
    if (!file->is_writing)
        return true;
    if (!atomic_load(&file->has_written))
        return false;
    (void)pthread_join(file->thread, NULL);
    finish(file);
    return true;
}

static void begin(struct history_file *file)
{
    file->job = (struct job){.text = file->waiting, .lost_after = file->lost_waiting};
    buffer_init(&file->waiting, WAITING_BYTES);
    file->lost_waiting = 0;
    atomic_store(&file->has_written, false);
    int error = thread_start(&file->thread, work, file);
    file->is_writing = error == 0;
    if (!error)
        return;
    file->lost += file->job.text.length + file->job.lost_after;
    file->job.lost_lines = count_lines(buffer_text(&file->job.text), file->job.text.length);
    file->job.error = error;
    finish(file);
}

static void on_due(void *context)
{
    struct history_file *file = context;
    if (collect(file) && file->waiting.length + file->lost_waiting > 0)
        begin(file);
    if (file->is_writing)
        (void)loop_timer_set(&file->timer, loop_now_ns(file->loop) + POLL_NS);
}

void history_file_append(struct history_file *file, const char *text, size_t length)
{
    if (file->waiting.length + length > GATHER_BYTES)
        on_due(file);
    if (file->lost_waiting > 0 || buffer_append(&file->waiting, text, length)) {
        file->lost_waiting += length;
        file->lost_lines += count_lines(text, length);
        if (file->waiting.error == -ENOBUFS)
            file->waiting.error = 0;
    }
    if (file->timer.heap_slot == 0)
        (void)loop_timer_set(&file->timer, loop_now_ns(file->loop) + GATHER_NS);
}

uint64_t history_file_lost(const struct history_file *file)
{
    return file->lost_lines;
}

int history_file_search(struct history_file *file, const struct history_query *query,
                        struct history_page *ret_page)
{
    struct history_head head;
    const struct history_source sources[] = {{file->path_before, &file->before},
                                             {file->path, &file->now}};
    int error =
        history_search(sources, sizeof sources / sizeof sources[0], &file->lock, query, ret_page);
    /* What was not written yet is missed only where the caller has it no longer. */
    size_t line = file->waiting.length > 0 ? strcspn(file->waiting.data, "\n") : 0;
    if (line > 0 && history_line_read(file->waiting.data, line, &head) == HISTORY_LINE_EVENT)
        ret_page->is_missing |= head.seq < query->own_first;
    return error;
}

/* ---- life ---- */

/* Said once: a search passes it over. */
static void report_before(const struct history_file *file)
{
    int fd = history_open(file->path_before, O_RDONLY);
    if (fd >= 0)
        (void)close(fd);
    else if (fd != -ENOENT)
        log_warning("history before it not read path=%s error=\"%s\"", file->path_before,
                    file_error_text(fd));
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
    file->now.lock = file->before.lock = &file->lock;
    (void)pthread_mutex_init(&file->lock, NULL);
    buffer_init(&file->waiting, WAITING_BYTES);
    loop_timer_init(&file->timer, loop, on_due, file);
    if (snprintf(file->path, sizeof file->path, "%s/history.jsonl", folder) >=
        (int)sizeof file->path) {
        history_file_free(file);
        return -ENAMETOOLONG;
    }
    (void)snprintf(file->path_before, sizeof file->path_before, "%s.1", file->path);
    report(file, open_file(file));
    report_before(file);
    begin(file); /* the indexes of what stands there */
    (void)loop_timer_set(&file->timer, loop_now_ns(loop) + POLL_NS);
    *ret_file = file;
    return 0;
}

/* Whether the thread has ended in time. */
static bool await(struct history_file *file)
{
    struct timespec until;
    if (!file->is_writing)
        return true;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += END_S;
    if (pthread_timedjoin_np(file->thread, NULL, &until))
        return false;
    finish(file);
    return true;
}

struct history_file *history_file_free(struct history_file *file)
{
    if (!file)
        return NULL;
    loop_timer_stop(&file->timer);
    atomic_store(&file->is_ending, true);
    bool has_ended = await(file);
    if (has_ended && file->path_before[0] && file->waiting.length + file->lost_waiting > 0) {
        begin(file);
        has_ended = await(file);
    }
    if (!has_ended) { /* the thread still needs its memory */
        log_warning("history not written path=%s errno=%s", file->path, strerror(ETIMEDOUT));
        return NULL;
    }
    if (file->fd >= 0)
        (void)close(file->fd);
    history_index_done(&file->now);
    history_index_done(&file->before);
    (void)pthread_mutex_destroy(&file->lock);
    buffer_done(&file->waiting);
    free(file);
    return NULL;
}
