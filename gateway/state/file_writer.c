#include "state/file_writer.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/thread.h"
#include "loop/loop.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POLL_MS = 100, FILE_MODE = 0600 };

struct file_writer {
    struct loop *loop;
    struct loop_timer timer;
    char path[PATH_MAX];
    char what[32];
    struct buffer next; /* empty where nothing waits */
    /* Until `has_written` only the thread touches `text` and `result`. */
    pthread_t thread;
    bool is_writing;
    atomic_bool has_written;
    struct buffer text;
    int result;
};

static void *write_out(void *context)
{
    struct file_writer *writer = context;
    writer->result = file_write(writer->path, writer->text.data, writer->text.length, FILE_MODE);
    atomic_store(&writer->has_written, true);
    return NULL;
}

static void finish(struct file_writer *writer, int result)
{
    if (result)
        log_warning("not stored what=%s file=%s error=\"%s\"", writer->what, writer->path,
                    file_error_text(result));
    if (writer->text.data)
        explicit_bzero(writer->text.data, writer->text.length);
    buffer_done(&writer->text);
    writer->is_writing = false;
}

static void begin(struct file_writer *writer)
{
    writer->text = writer->next;
    buffer_init(&writer->next, SIZE_MAX);
    atomic_store(&writer->has_written, false);
    int error = thread_start(&writer->thread, write_out, writer);
    writer->is_writing = error == 0;
    if (error)
        finish(writer, error);
}

static void check_again(struct file_writer *writer)
{
    (void)loop_timer_set(&writer->timer, loop_now_ns(writer->loop) + POLL_MS * CLOCK_NS_PER_MS);
}

static void on_due(void *context)
{
    struct file_writer *writer = context;
    if (writer->is_writing && !atomic_load(&writer->has_written)) {
        check_again(writer);
        return;
    }
    if (writer->is_writing) {
        (void)pthread_join(writer->thread, NULL);
        finish(writer, writer->result);
    }
    if (writer->next.length > 0) {
        begin(writer);
        check_again(writer);
    }
}

int file_writer_new(struct loop *loop, const char *path, const char *what,
                    struct file_writer **ret_writer)
{
    struct file_writer *writer = calloc(1, sizeof *writer);
    if (!writer)
        return -ENOMEM;
    writer->loop = loop;
    (void)snprintf(writer->path, sizeof writer->path, "%s", path);
    (void)snprintf(writer->what, sizeof writer->what, "%s", what);
    buffer_init(&writer->next, SIZE_MAX);
    buffer_init(&writer->text, SIZE_MAX);
    loop_timer_init(&writer->timer, loop, on_due, writer);
    *ret_writer = writer;
    return 0;
}

void file_writer_put(struct file_writer *writer, struct buffer *text)
{
    buffer_done(&writer->next);
    writer->next = *text;
    buffer_init(text, text->max);
    if (!writer->is_writing)
        begin(writer);
    check_again(writer);
}

struct file_writer *file_writer_free(struct file_writer *writer)
{
    if (!writer)
        return NULL;
    loop_timer_stop(&writer->timer);
    if (writer->is_writing) {
        (void)pthread_join(writer->thread, NULL);
        finish(writer, writer->result);
    }
    if (writer->next.length > 0) {
        writer->text = writer->next;
        buffer_init(&writer->next, SIZE_MAX);
        finish(writer, file_write(writer->path, writer->text.data, writer->text.length, FILE_MODE));
    }
    free(writer);
    return NULL;
}
