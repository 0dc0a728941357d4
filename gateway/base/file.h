/* Small files, read and replaced whole: configs, tokens, stored values, page files. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/buffer.h"

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

/* Reads a whole file into `buffer` (its ceiling is the file's). A FIFO into which nobody writes is empty; one that is
 * being written is waited for, FILE_WAIT_MS at most.
 * 0; -ENOBUFS over the ceiling; -EISDIR; -ETIMEDOUT; any errno of open(2) or read(2). */
enum { FILE_WAIT_MS = 5000 };
int file_read(const char *path, struct buffer *buffer);

/* The same for a file that nobody else should have touched, as those in the state folder. It never
 * waits for a FIFO or a device. `*ret_mode` is the file's mode (st_mode), also with -EPERM; it may be NULL.
 * -ELOOP for a symbolic link, -EBADMSG for anything else that is no regular file, -EPERM where others could have
 * written it: it is neither of this user, root or the owner of its folder, or its mode lets others write. */
int file_read_private(const char *path, struct buffer *buffer, mode_t *ret_mode);

/* What file_read_private() asks of an open file that stands at `path`. 0, -EBADMSG or -EPERM. */
int file_check_private(int fd, const char *path, struct stat *ret_status);

/* Whether nobody but this user and root can put files into a folder. 0; -EPERM; an errno of stat(2), -ENOTDIR. */
int file_check_folder(const char *path);

/* False for what reading may wait for, and what is not there. */
bool file_is_regular(const char *path);

/* What is wrong with a file and what to do, for an error of these functions: "is not a file; remove it". Borrowed. */
const char *file_error_text(int error);

/* Replaces a file in one step: written beside it as `path`.new, synced, renamed over it, and the folder
 * synced. A reader sees the old or the new content, never half of it, also after a power cut. `mode` as
 * in open(2). 0 or a negative errno (-ENOTEMPTY: `path`.new is a folder);
 * the old file is then still there. */
int file_write(const char *path, const void *bytes, size_t length, mode_t mode);

/* The same without waiting for the disk, for what the next start makes anew: after a power cut the file may
 * be the old one or empty. */
int file_write_unsynced(const char *path, const void *bytes, size_t length, mode_t mode);

/* Makes a folder and its missing parents with `mode` (existing ones keep theirs).
 * 0 or the errno of mkdir(2), -ENOTDIR included. */
int file_make_folder(const char *path, mode_t mode);

/* Makes a folder as file_make_folder() does, and checks that this process may put files there.
 * 0; the same errors; -EACCES or -EROFS where it may not. */
int file_make_writable_folder(const char *path, mode_t mode);

#endif
