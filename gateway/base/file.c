#include "base/file.h"

#include "base/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK_BYTES = 16 * 1024 };

static bool is_ready(int fd)
{
    struct pollfd wanted = {.fd = fd, .events = POLLIN};
    return poll(&wanted, 1, FILE_WAIT_MS) > 0;
}

static int read_all(int fd, struct buffer *buffer)
{
    for (;;) {
        char chunk[CHUNK_BYTES];
        ssize_t got = read(fd, chunk, sizeof chunk);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == EAGAIN && is_ready(fd))
            continue;
        if (got < 0)
            return errno == EAGAIN ? -ETIMEDOUT : -errno;
        if (got == 0)
            return 0;
        int error = buffer_append(buffer, chunk, (size_t)got);
        if (error)
            return error;
    }
}

int file_read(const char *path, struct buffer *buffer)
{
    AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return -errno;
    struct stat status;
    if (fstat(fd, &status) < 0)
        return -errno;
    return S_ISDIR(status.st_mode) ? -EISDIR : read_all(fd, buffer);
}

/* The folder that a path's last name stands in. */
static void put_folder_of(const char *path, char folder[PATH_MAX])
{
    const char *slash = strrchr(path, '/');
    (void)snprintf(folder, PATH_MAX, "%.*s", slash ? (int)(slash - path) + 1 : 1,
                   slash ? path : ".");
}

int file_check_private(int fd, const char *path, struct stat *ret_status)
{
    char folder[PATH_MAX];
    struct stat above;
    if (fstat(fd, ret_status) < 0)
        return -errno;
    if (!S_ISREG(ret_status->st_mode))
        return -EBADMSG;
    if (ret_status->st_mode & (S_IWGRP | S_IWOTH))
        return -EPERM;
    if (ret_status->st_uid == geteuid() || ret_status->st_uid == 0)
        return 0;
    /* Root looks into the folder of a service. */
    put_folder_of(path, folder);
    return stat(folder, &above) == 0 && above.st_uid == ret_status->st_uid ? 0 : -EPERM;
}

int file_check_folder(const char *path)
{
    struct stat status;
    if (stat(path, &status) < 0)
        return -errno;
    if (!S_ISDIR(status.st_mode))
        return -ENOTDIR;
    bool is_ours = status.st_uid == geteuid() || status.st_uid == 0;
    return is_ours && !(status.st_mode & (S_IWGRP | S_IWOTH)) ? 0 : -EPERM;
}

bool file_is_regular(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

const char *file_error_text(int error)
{
    switch (error) {
    case -ELOOP:
    case -EBADMSG:
    case -EISDIR:
    case -EEXIST:
        return "is not a file; remove it";
    case -ENOTDIR:
        return "is not a folder; remove it";
    case -ENOTEMPTY:
        return "cannot be replaced, a folder of its name with .new behind it is in the way; remove "
               "it";
    case -EPERM:
        return "belongs to another user, or others may write it; remove it, or see that it is "
               "right, then chown it to the gateway's user and chmod go-w";
    default:
        return strerror(-error);
    }
}

int file_read_private(const char *path, struct buffer *buffer, mode_t *ret_mode)
{
    /* Without O_NONBLOCK, opening a FIFO waits for somebody who writes into it. */
    AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    if (fd < 0)
        return -errno;
    struct stat status;
    int error = file_check_private(fd, path, &status);
    if ((!error || error == -EPERM) && ret_mode)
        *ret_mode = status.st_mode;
    return error ? error : read_all(fd, buffer);
}

static int write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t put = write(fd, bytes, length);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return -errno;
        bytes += put;
        length -= (size_t)put;
    }
    return 0;
}

/* A rename is on the disk when its folder is. */
static int sync_folder_of(const char *path)
{
    char folder[PATH_MAX];
    put_folder_of(path, folder);
    AUTO_FD fd = open(folder, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    if (fd < 0)
        return -errno;
    /* EINVAL: a file system that cannot sync folders, as some that are mounted over a network. */
    return fsync(fd) < 0 && errno != EINVAL ? -errno : 0;
}

static int replace(const char *path, const void *bytes, size_t length, mode_t mode, bool is_synced)
{
    char beside[PATH_MAX];
    if (snprintf(beside, sizeof beside, "%s.new", path) >= (int)sizeof beside)
        return -ENAMETOOLONG;
    /* A leftover of a crash may carry another mode: start from nothing. */
    if (unlink(beside) < 0 && errno != ENOENT)
        return errno == EISDIR ? -ENOTEMPTY : -errno;
    AUTO_FD fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0)
        return -errno;
    int error = write_all(fd, bytes, length);
    if (!error && is_synced && fsync(fd) < 0)
        error = -errno;
    if (!error && rename(beside, path) < 0)
        error = -errno;
    if (error) {
        (void)unlink(beside);
        return error;
    }
    return is_synced ? sync_folder_of(path) : 0;
}

int file_write(const char *path, const void *bytes, size_t length, mode_t mode)
{
    return replace(path, bytes, length, mode, true);
}

int file_write_unsynced(const char *path, const void *bytes, size_t length, mode_t mode)
{
    return replace(path, bytes, length, mode, false);
}

int file_make_folder(const char *path, mode_t mode)
{
    char partial[PATH_MAX];
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof partial)
        return length == 0 ? -ENOENT : -ENAMETOOLONG;
    memcpy(partial, path, length + 1);
    for (size_t i = 1; i <= length; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        partial[i] = '\0';
        if (mkdir(partial, mode) < 0 && errno != EEXIST)
            return -errno;
        partial[i] = path[i];
    }
    struct stat status;
    if (stat(path, &status) < 0)
        return -errno;
    return S_ISDIR(status.st_mode) ? 0 : -ENOTDIR;
}

int file_make_writable_folder(const char *path, mode_t mode)
{
    int error = file_make_folder(path, mode);
    if (!error && faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS) < 0)
        error = -errno;
    return error;
}
