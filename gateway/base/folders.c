#include "base/folders.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PASSWD_BYTES = 16 * 1024 }; /* one entry of the user database; glibc suggests 1 kB */

/* An absolute path in the environment, or NULL. */
static const char *path_in(const char *variable)
{
    const char *path = getenv(variable);
    return path && path[0] == '/' ? path : NULL;
}

static int put(char *path, size_t size, const char *folder, size_t length, const char *below)
{
    if (length + strlen(below) >= size)
        return -ENAMETOOLONG;
    (void)snprintf(path, size, "%.*s%s", (int)length, folder, below);
    return 0;
}

/* systemd.exec(5): several folders are separated by colons. */
static int put_first(char *path, size_t size, const char *folders)
{
    return put(path, size, folders, strcspn(folders, ":"), "");
}

static int put_below_home(char *path, size_t size, const char *below)
{
    const char *home = path_in("HOME");
    if (home)
        return put(path, size, home, strlen(home), below);
    char bytes[PASSWD_BYTES];
    struct passwd entry;
    struct passwd *found = NULL;
    int error = getpwuid_r(getuid(), &entry, bytes, sizeof bytes, &found);
    if (error || !found || found->pw_dir[0] != '/')
        return -ENOENT;
    return put(path, size, found->pw_dir, strlen(found->pw_dir), below);
}

int folder_state(char *path, size_t size)
{
    const char *folder = path_in("STATE_DIRECTORY");
    if (folder)
        return put_first(path, size, folder);
    folder = path_in("XDG_STATE_HOME");
    if (folder)
        return put(path, size, folder, strlen(folder), "/gpio-gateway");
    return put_below_home(path, size, "/.local/state/gpio-gateway");
}

int folder_runtime(char *path, size_t size)
{
    const char *folder = path_in("RUNTIME_DIRECTORY");
    if (folder)
        return put_first(path, size, folder);
    folder = path_in("XDG_RUNTIME_DIR");
    if (folder)
        return put(path, size, folder, strlen(folder), "/gpio-gateway");
    return folder_state(path, size);
}
