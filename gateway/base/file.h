/* Small files, whole: configs, tokens, stored values, page files. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/buffer.h"

#include <sys/types.h>

/* Reads a whole regular file into `buffer` (its ceiling is the file's).
 * 0; -ENOBUFS over the ceiling; -EISDIR; any errno of open(2) or read(2). */
int file_read(const char *path, struct buffer *buffer);

/* Replaces a file in one step: written beside it, synced, renamed over it; a reader sees the old or
 * the new content, never half of it. `mode` as in open(2). 0 or a negative errno. */
int file_write(const char *path, const void *bytes, size_t length, mode_t mode);

/* Makes a folder and its missing parents with `mode` (existing ones keep theirs).
 * 0 or the errno of mkdir(2), -ENOTDIR included. */
int file_make_folder(const char *path, mode_t mode);

#endif
