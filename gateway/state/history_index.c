#include "state/history_index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- one line ---- */

/* What stands behind `key`, or NULL. A key inside of a text has a backslash before its quotes, so it is not
 * mistaken for a member. */
static const char *find_value(const char *text, size_t length, const char *key)
{
    size_t key_length = strlen(key);
    const char *at = memmem(text, length, key, key_length);
    return at ? at + key_length : NULL;
}

static bool read_digits(const char *text, const char *end, uint64_t *ret_number)
{
    uint64_t number = 0;
    const char *at = text;
    for (; at < end && *at >= '0' && *at <= '9'; at++) {
        if (number > (UINT64_MAX - 9) / 10)
            return false;
        number = number * 10 + (uint64_t)(*at - '0');
    }
    *ret_number = number;
    return at > text && at < end;
}

static void find_line(const char *text, size_t length, struct history_head *head)
{
    const char *end = text + length;
    const char *name = find_value(text, length, ",\"line\":\"");
    const char *quote = name ? memchr(name, '"', (size_t)(end - name)) : NULL;
    head->line = quote ? name : "";
    head->line_length = quote ? (size_t)(quote - name) : 0;
}

enum history_line history_line_read(const char *text, size_t length, struct history_head *ret_head)
{
    static const char start[] = "{\"boot\":\"";
    static const char lost[] = "{\"lost_bytes\":";
    static const char seq[] = "\",\"seq\":";
    const char *end = text + length;
    size_t head_length = sizeof start - 1 + HISTORY_RUN_ID_LENGTH + sizeof seq - 1;
    if (length > sizeof lost - 1 && memcmp(text, lost, sizeof lost - 1) == 0)
        return HISTORY_LINE_LOSS;
    if (length <= head_length || memcmp(text, start, sizeof start - 1) != 0 || end[-1] != '}')
        return HISTORY_LINE_JUNK;
    ret_head->run_id = text + sizeof start - 1;
    const char *after = ret_head->run_id + HISTORY_RUN_ID_LENGTH;
    if (memcmp(after, seq, sizeof seq - 1) != 0)
        return find_value(text, length, "\"lost_before\":") ? HISTORY_LINE_LOSS : HISTORY_LINE_JUNK;
    uint64_t time_ns = 0;
    const char *digits = find_value(text, length, ",\"time_ns\":");
    if (!read_digits(after + sizeof seq - 1, end, &ret_head->seq) || !digits ||
        !read_digits(digits, end, &time_ns) || time_ns > INT64_MAX)
        return HISTORY_LINE_JUNK;
    ret_head->time_ns = (int64_t)time_ns;
    find_line(text, length, ret_head);
    return HISTORY_LINE_EVENT;
}

uint64_t history_line_bit(const char *name, size_t length)
{
    uint32_t hash = 2166136261U; /* FNV-1a */
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)name[i]) * 16777619U;
    return UINT64_C(1) << (hash >> 26);
}

/* ---- blocks ---- */

void history_index_done(struct history_index *index)
{
    free(index->blocks);
    index->blocks = NULL;
    index->count = index->capacity = 0;
    index->inode = 0;
    index->length = 0;
}

const struct history_block *history_index_get(const struct history_index *index, ino_t inode,
                                              uint64_t number)
{
    bool is_known = index->inode == inode && number < index->count &&
                    index->length >= (number + 1) * HISTORY_BLOCK_BYTES;
    return is_known ? &index->blocks[number] : NULL;
}

static int block_of(struct history_index *index, uint64_t offset, struct history_block **ret_block)
{
    size_t number = (size_t)(offset / HISTORY_BLOCK_BYTES);
    if (number >= index->capacity) {
        size_t capacity = 2 * number + 16;
        struct history_block *blocks = realloc(index->blocks, capacity * sizeof *blocks);
        if (!blocks)
            return -ENOMEM;
        index->blocks = blocks;
        index->capacity = capacity;
    }
    while (index->count <= number)
        index->blocks[index->count++] =
            (struct history_block){.min_ns = INT64_MAX, .max_ns = INT64_MIN};
    *ret_block = &index->blocks[number];
    return 0;
}

static void block_add(struct history_block *block, const struct history_head *head)
{
    bool is_first = block->min_ns > block->max_ns;
    if (is_first) {
        memcpy(block->run_id, head->run_id, HISTORY_RUN_ID_LENGTH);
        block->first_seq = block->last_seq = head->seq;
    }
    block->is_mixed |= memcmp(block->run_id, head->run_id, HISTORY_RUN_ID_LENGTH) != 0;
    block->first_seq = head->seq < block->first_seq ? head->seq : block->first_seq;
    block->last_seq = head->seq > block->last_seq ? head->seq : block->last_seq;
    block->min_ns = head->time_ns < block->min_ns ? head->time_ns : block->min_ns;
    block->max_ns = head->time_ns > block->max_ns ? head->time_ns : block->max_ns;
    block->lines |= history_line_bit(head->line, head->line_length);
}

/* Adds the whole lines of `text`, which stands at index->length in the file. */
static int add_lines(struct history_index *index, const char *text, size_t length)
{
    const char *end = text + length;
    const char *newline;
    for (const char *at = text; (newline = memchr(at, '\n', (size_t)(end - at)));
         at = newline + 1) {
        struct history_block *block;
        struct history_head head;
        if (block_of(index, index->length, &block))
            return -ENOMEM;
        enum history_line kind = history_line_read(at, (size_t)(newline - at), &head);
        if (kind == HISTORY_LINE_EVENT)
            block_add(block, &head);
        else
            block->has_loss = true;
        index->length += (uint64_t)(newline + 1 - at);
    }
    return 0;
}

/* Adds one piece of the file, which stands at index->length; `*ret_more` is false at the end. */
static int add_piece(struct history_index *index, int fd, char *text, size_t size, bool *ret_more)
{
    ssize_t got = pread(fd, text, size, (off_t)index->length);
    *ret_more = got > 0;
    if (got <= 0)
        return got < 0 ? -errno : 0;
    uint64_t before = index->length;
    (void)pthread_mutex_lock(index->lock);
    int error = add_lines(index, text, (size_t)got);
    if (!error && index->length == before && (size_t)got == size)
        index->length += size; /* no line of ours is so long */
    (void)pthread_mutex_unlock(index->lock);
    *ret_more = index->length > before;
    return error;
}

int history_index_read(struct history_index *index, int fd, const atomic_bool *stop)
{
    char text[4 * HISTORY_LINE_MAX];
    struct stat status;
    int error = fstat(fd, &status) < 0 ? -errno : 0;
    if (!error && (index->inode != status.st_ino || (uint64_t)status.st_size < index->length)) {
        (void)pthread_mutex_lock(index->lock);
        history_index_done(index);
        index->inode = status.st_ino;
        (void)pthread_mutex_unlock(index->lock);
    }
    for (bool more = true; !error && more && !atomic_load(stop);)
        error = add_piece(index, fd, text, sizeof text, &more);
    return error;
}
