#include "state/history_search.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/json_check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    PAGE_BYTES = 4 * 1024 * 1024, /* of 4,096 events, the most that anybody asks for */
    /* Blocks that one search reads: some in any case, more while it has time. */
    BLOCKS_MIN = 4,
    BLOCKS_MAX = 16,
};
#define BUSY_NS (5 * CLOCK_NS_PER_MS)    /* of the processor */
#define BUDGET_NS (20 * CLOCK_NS_PER_MS) /* with what the disk takes */

struct search {
    const struct history_query *query;
    struct history_page *page;
    char *text;     /* room for a block and the line that goes on behind it */
    bool is_behind; /* the event that the query begins after was met, or there is none */
    bool is_over;
    bool has_seen; /* any event: page->run_id and page->seq name the last one */
    unsigned blocks;
    int64_t busy_ns, began_ns; /* when it began */
    uint64_t line_bit;
};

static int64_t busy_now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * CLOCK_NS_PER_SECOND + now.tv_nsec;
}

int history_open(const char *path, int flags)
{
    struct stat status;
    int fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600);
    if (fd < 0)
        return -errno;
    int error = file_check_private(fd, path, &status);
    if (!error)
        return fd;
    (void)close(fd);
    return error;
}

/* ---- one event ---- */

static bool is_run(const char *run_id, const char *run)
{
    return memcmp(run_id, run, HISTORY_RUN_ID_LENGTH) == 0;
}

/* Whether the event comes after the one that the query begins after; notes that it was met. */
static bool is_after_start(struct search *search, const struct history_head *head)
{
    const struct history_query *query = search->query;
    if (search->is_behind)
        return true;
    if (!is_run(head->run_id, query->run_id) || head->seq < query->seq)
        return false;
    search->is_behind = true;
    search->page->is_missing |= head->seq > query->seq;
    return head->seq > query->seq;
}

static bool is_wanted(const struct history_query *query, const struct history_head *head)
{
    if (head->time_ns < query->from_ns || head->time_ns >= query->to_ns)
        return false;
    return !query->line || (strlen(query->line) == head->line_length &&
                            memcmp(query->line, head->line, head->line_length) == 0);
}

static int take_event(struct search *search, const struct history_head *head, const char *text,
                      size_t length)
{
    struct history_page *page = search->page;
    const struct history_query *query = search->query;
    struct json_error problem;
    if (is_run(head->run_id, query->own_run_id) && head->seq >= query->own_first)
        return 0;
    if (!is_after_start(search, head))
        return 0;
    bool is_found = is_wanted(query, head);
    if (is_found && page->count == query->limit) {
        search->is_over = page->is_partial = true;
        return 0;
    }
    if (is_found && json_check(text, length, &problem)) {
        page->is_missing = true;
        return 0;
    }
    memcpy(page->run_id, head->run_id, HISTORY_RUN_ID_LENGTH);
    page->seq = head->seq;
    search->has_seen = true;
    if (!is_found)
        return 0;
    page->count++;
    (void)buffer_append(&page->text, text, length);
    return buffer_append_char(&page->text, '\n');
}

/* ---- one block ---- */

/* Whether nothing in the block can be wanted. */
static bool is_passed_over(struct search *search, const struct history_block *block)
{
    const struct history_query *query = search->query;
    bool is_one_run = !block->is_mixed && block->min_ns <= block->max_ns;
    if (!search->is_behind)
        return is_one_run ? !is_run(block->run_id, query->run_id) || query->seq > block->last_seq
                          : block->min_ns > block->max_ns;
    if (is_one_run && is_run(block->run_id, query->own_run_id) &&
        block->first_seq >= query->own_first)
        return true;
    if (block->max_ns < query->from_ns || block->min_ns >= query->to_ns)
        return true;
    bool has_line = !query->line || (block->lines & search->line_bit) != 0;
    search->page->is_missing |= !has_line && block->has_loss;
    return !has_line;
}

/* Ends the search where it has taken its share of the loop, but not before it has seen an event, which is
 * where the next one goes on. */
static bool has_time(struct search *search)
{
    unsigned blocks = search->blocks++;
    if (!search->has_seen || blocks < BLOCKS_MIN)
        return true;
    if (blocks < BLOCKS_MAX && busy_now_ns() - search->busy_ns < BUSY_NS &&
        clock_monotonic_ns() - search->began_ns < BUDGET_NS)
        return true;
    search->is_over = search->page->is_partial = true;
    return false;
}

/* Its lines begin in the first `size` bytes of the text, after `skip` bytes. */
static int take_lines(struct search *search, size_t skip, size_t size, size_t length)
{
    const char *end = search->text + length;
    const char *at = search->text + skip;
    while (at < search->text + size && !search->is_over) {
        struct history_head head;
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        if (!newline)
            return 0;
        enum history_line kind = history_line_read(at, (size_t)(newline - at), &head);
        if (kind == HISTORY_LINE_EVENT && take_event(search, &head, at, (size_t)(newline - at)))
            return -ENOMEM;
        search->page->is_missing |= kind != HISTORY_LINE_EVENT && search->is_behind;
        at = newline + 1;
    }
    return 0;
}

/* The block at `offset`: from the first line that begins there. The byte before it shows whether that is at
 * once. */
static int take_block(struct search *search, int fd, uint64_t offset)
{
    uint64_t start = offset > 0 ? offset - 1 : 0;
    ssize_t got = pread(fd, search->text, HISTORY_BLOCK_BYTES + HISTORY_LINE_MAX, (off_t)start);
    if (got <= 0) {
        search->page->is_missing |= got < 0;
        return 0;
    }
    const char *newline = offset > 0 ? memchr(search->text, '\n', (size_t)got) : search->text - 1;
    if (!newline)
        return 0;
    size_t size = HISTORY_BLOCK_BYTES + (size_t)(offset - start);
    return take_lines(search, (size_t)(newline + 1 - search->text),
                      (size_t)got < size ? (size_t)got : size, (size_t)got);
}

static int take_file(struct search *search, int fd, const struct history_index *index)
{
    struct stat status;
    int error = fstat(fd, &status) < 0 ? -errno : 0;
    uint64_t size = error ? 0 : (uint64_t)status.st_size;
    search->page->is_missing |= error != 0;
    for (uint64_t offset = 0; offset < size && !search->is_over; offset += HISTORY_BLOCK_BYTES) {
        const struct history_block *block =
            history_index_get(index, status.st_ino, offset / HISTORY_BLOCK_BYTES);
        if (block && is_passed_over(search, block))
            continue;
        if (has_time(search) && take_block(search, fd, offset))
            return -ENOMEM;
    }
    return 0;
}

/* ---- all of them ---- */

/* Whether the file's first event is younger than what is asked for: those before it are deleted. */
static bool begins_too_late(int fd, const struct history_query *query)
{
    char text[HISTORY_LINE_MAX];
    struct history_head head;
    ssize_t got = pread(fd, text, sizeof text, 0);
    const char *newline = got > 0 ? memchr(text, '\n', (size_t)got) : NULL;
    return newline &&
           history_line_read(text, (size_t)(newline - text), &head) == HISTORY_LINE_EVENT &&
           head.time_ns > query->from_ns;
}

static int search_files(struct search *search, const struct history_source *sources, size_t count)
{
    ino_t seen = 0;
    int error = 0;
    for (size_t i = 0; i < count && !error && !search->is_over; i++) {
        struct stat status;
        int fd = history_open(sources[i].path, O_RDONLY);
        if (fd < 0) {
            search->page->is_missing |= fd != -ENOENT || i + 1 == count;
            continue;
        }
        bool is_new = fstat(fd, &status) == 0 && status.st_ino != seen;
        seen = is_new ? status.st_ino : seen;
        if (i + 1 < count && !search->query->run_id)
            search->page->is_missing |= begins_too_late(fd, search->query);
        if (is_new) /* else it was put aside between the two openings */
            error = take_file(search, fd, sources[i].index);
        search->page->is_missing |= !is_new;
        (void)close(fd);
    }
    return error;
}

/* The index of a file that was put aside a moment ago is found by its inode, wherever it stands. */
int history_search(const struct history_source *sources, size_t count, pthread_mutex_t *lock,
                   const struct history_query *query, struct history_page *ret_page)
{
    struct search search = {.query = query,
                            .page = ret_page,
                            .text = malloc(HISTORY_BLOCK_BYTES + HISTORY_LINE_MAX),
                            .is_behind = !query->run_id,
                            .busy_ns = busy_now_ns(),
                            .began_ns = clock_monotonic_ns()};
    *ret_page = (struct history_page){0};
    buffer_init(&ret_page->text, PAGE_BYTES);
    if (!search.text)
        return -ENOMEM;
    if (query->line)
        search.line_bit = history_line_bit(query->line, strlen(query->line));
    (void)pthread_mutex_lock(lock);
    int error = search_files(&search, sources, count);
    if (!error && !search.is_behind) { /* that event is not there (any more): from the oldest on */
        search.is_behind = true;
        ret_page->is_missing = true;
        error = search_files(&search, sources, count);
    }
    (void)pthread_mutex_unlock(lock);
    free(search.text);
    return error;
}
