/* The files: the system's may be read, the gateway's own written, and none executed. */
#include "sandbox.h"

#include "base/owner.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of later kernels than the header may be. */
#define ACCESS_REFER (UINT64_C(1) << 13)
#define ACCESS_TRUNCATE (UINT64_C(1) << 14)

#define READ_FILE LANDLOCK_ACCESS_FS_READ_FILE
#define READ (READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITE_FILE (LANDLOCK_ACCESS_FS_WRITE_FILE | ACCESS_TRUNCATE)
#define WRITE                                                                                      \
    (WRITE_FILE | ACCESS_REFER | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |  \
     LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK)
/* Nobody gets these. */
#define NEVER                                                                                      \
    (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK |   \
     LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_SYM)

struct rules {
    int fd;
    uint64_t handled;
};

/* What this kernel knows of landlock(7), "Access rights". */
static uint64_t known_rights(long version)
{
    uint64_t rights = READ | WRITE | NEVER;
    if (version < 2)
        rights &= ~ACCESS_REFER;
    if (version < 3)
        rights &= ~ACCESS_TRUNCATE;
    return rights;
}

static int allow(const struct rules *rules, const char *path, uint64_t rights)
{
    struct stat status;
    AUTO_FD fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return errno == EMFILE || errno == ENFILE || errno == ENOMEM
                   ? -errno
                   : 0; /* what is not there needs no rule */
    if (fstat(fd, &status) < 0)
        return -errno;
    if (!S_ISDIR(status.st_mode))
        rights &= READ_FILE | WRITE_FILE;
    const struct landlock_path_beneath_attr rule = {.allowed_access = rights & rules->handled,
                                                    .parent_fd = fd};
    long done = syscall(SYS_landlock_add_rule, rules->fd, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    return done < 0 ? -errno : 0;
}

/* Folders of people, and those that anybody may write. */
static bool is_of_people(const char *name)
{
    static const char *const names[] = {"home", "root",  "tmp",  "var",       "srv",
                                        "mnt",  "media", "boot", "lost+found"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return name[0] == '.';
}

/* The folders in which distributions keep libraries, time zones and devices. */
static int allow_system(const struct rules *rules)
{
    char path[sizeof(((struct dirent *)NULL)->d_name) + 1];
    int error = 0;
    DIR *root = opendir("/");
    if (!root)
        return -errno;
    for (const struct dirent *entry; !error && (errno = 0, entry = readdir(root));) {
        (void)snprintf(path, sizeof path, "/%.255s", entry->d_name);
        if (!is_of_people(entry->d_name))
            error = allow(rules, path, READ);
    }
    if (!error && errno)
        error = -errno;
    (void)closedir(root);
    /* GPIO chips and terminals; PWM. The kernel's own rights stay. */
    if (!error)
        error = allow(rules, "/dev", READ | WRITE_FILE);
    return error ? error : allow(rules, "/sys", READ | WRITE_FILE);
}

int sandbox_close_files(const struct sandbox_paths *paths)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 1)
        return -ENOSYS;
    struct rules rules = {.fd = -1, .handled = known_rights(version)};
    const struct landlock_ruleset_attr attributes = {.handled_access_fs = rules.handled};
    AUTO_FD fd = (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0);
    if (fd < 0)
        return -errno;
    rules.fd = fd;
    int error = allow_system(&rules);
    for (size_t i = 0; !error && i < paths->read_count; i++)
        error = allow(&rules, paths->read[i], READ);
    for (size_t i = 0; !error && i < paths->write_count; i++)
        error = allow(&rules, paths->write[i], READ | WRITE);
    if (!error && syscall(SYS_landlock_restrict_self, fd, 0) < 0)
        error = -errno;
    return error;
}
