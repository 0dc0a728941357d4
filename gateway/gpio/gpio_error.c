#include "gpio/gpio_error.h"

#include "base/nearest.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NEAR_MAX = 3, GROUP_BYTES = 4096 };

int gpio_fail(struct gpio_error *error, int code, const char *line, const char *format, ...)
{
    size_t used = 0;
    error->code = code;
    error->line = line;
    if (line) {
        int length = snprintf(error->message, sizeof error->message, "line %s: ", line);
        used = length < (int)sizeof error->message ? (size_t)length : sizeof error->message - 1;
    }
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(error->message + used, sizeof error->message - used, format, arguments);
    va_end(arguments);
    return code;
}

void gpio_group_of(const char *path, char *group, size_t size)
{
    struct stat status;
    struct group entry;
    struct group *found = NULL;
    char texts[GROUP_BYTES];
    group[0] = '\0';
    if (stat(path, &status) < 0)
        return;
    if (getgrgid_r(status.st_gid, &entry, texts, sizeof texts, &found) == 0 && found)
        (void)snprintf(group, size, "%s", found->gr_name);
    else
        (void)snprintf(group, size, "%u", (unsigned)status.st_gid);
}

static const char *user_name(char *texts, size_t size)
{
    struct passwd entry;
    struct passwd *found = NULL;
    if (getpwuid_r(geteuid(), &entry, texts, size, &found) == 0 && found)
        return found->pw_name;
    return "$USER";
}

/* A container cannot be recognized from inside: the message has both remedies. */
int gpio_fail_access(struct gpio_error *error, const char *line, const char *path)
{
    char group[32];
    char texts[GROUP_BYTES];
    struct stat status;
    gpio_group_of(path, group, sizeof group);
    const char *user = user_name(texts, sizeof texts);
    /* Membership would not help: the group is root's, or its members have no access to the device. */
    if (strcmp(group, "root") == 0 || (stat(path, &status) == 0 && (status.st_mode & 060) != 060))
        return gpio_fail(error, -EACCES, line,
                         "no permission for %s (group %s); sudo groupadd -f gpio && "
                         "sudo chgrp gpio %s && sudo chmod g+rw %s && "
                         "sudo usermod -aG gpio %s, then log in again",
                         path, group, path, path, user);
    return gpio_fail(error, -EACCES, line,
                     "no permission for %s (group %s); sudo usermod -aG %s %s, then log in again; "
                     "in a container: --device %s --group-add %s",
                     path, group, group, user, path, group);
}

int gpio_fail_no_chip(struct gpio_error *error, const char *folder)
{
    return gpio_fail(error, -ENODEV, NULL,
                     "no %s/gpiochip* here (in a container: --device /dev/gpiochip0); "
                     "use \"backend\": \"simulator\" or \"auto\"",
                     folder);
}

int gpio_fail_busy(struct gpio_error *error, const char *line, const char *what,
                   const char *consumer)
{
    if (consumer[0] == '\0')
        return gpio_fail(error, -EBUSY, line,
                         "%s is in use by another program or by a driver of the kernel; "
                         "stop it first",
                         what);
    return gpio_fail(error, -EBUSY, line, "%s is in use by \"%s\"; stop it first", what, consumer);
}

/* The nearest names, best first; returns how many. */
static size_t find_near(const char *name, const char *const *names, size_t count,
                        const char *near[NEAR_MAX])
{
    unsigned limit = (unsigned)strlen(name) / 2;
    unsigned distances[NEAR_MAX];
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned distance = names[i][0] ? nearest_distance(name, names[i]) : UINT_MAX;
        if (distance > (limit > 0 ? limit : 1))
            continue;
        size_t at = found < NEAR_MAX ? found : NEAR_MAX - 1;
        if (found == NEAR_MAX && distance >= distances[at])
            continue;
        for (; at > 0 && distance < distances[at - 1]; at--) {
            near[at] = near[at - 1];
            distances[at] = distances[at - 1];
        }
        near[at] = names[i];
        distances[at] = distance;
        found += found < NEAR_MAX;
    }
    return found;
}

int gpio_fail_unknown(struct gpio_error *error, const char *line, const char *kind,
                      const char *name, const char *where, const char *const *names, size_t count)
{
    const char *near[NEAR_MAX];
    size_t found = find_near(name, names, count, near);
    char list[NEAR_MAX * (GPIO_NAME_SIZE + 6)] = "";
    size_t used = 0;
    for (size_t i = 0; i < found; i++) {
        const char *comma = i == 0 ? "" : i + 1 == found ? " or " : ", ";
        int length = snprintf(list + used, sizeof list - used, "%s%s", comma, near[i]);
        if (length < 0 || (size_t)length >= sizeof list - used)
            break;
        used += (size_t)length;
    }
    if (found == 0)
        return gpio_fail(error, -ENOENT, line,
                         "no %s \"%s\"%s; gpio-gateway doctor lists what there is", kind, name,
                         where);
    return gpio_fail(error, -ENOENT, line, "no %s \"%s\"%s; did you mean %s?", kind, name, where,
                     list);
}
