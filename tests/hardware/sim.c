#include "sim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/gpio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#define CONFIGFS "/sys/kernel/config/gpio-sim"

enum { PATH_SIZE = 256 };

static void write_text(const char *path, const char *text)
{
    AUTO_FD fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
        fail_msg("%s: %s", path, strerror(errno));
}

static const char *read_text(const char *path)
{
    static char text[64];
    AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (got < 0)
        fail_msg("%s: %s", path, strerror(errno));
    text[got < 0 ? 0 : got] = '\0';
    text[strcspn(text, "\n")] = '\0';
    return text;
}

static void make_folder(const char *path)
{
    if (mkdir(path, 0755) < 0 && errno != EEXIST)
        fail_msg("%s: %s", path, strerror(errno));
}

void sim_plug(const char *device, bool in)
{
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, CONFIGFS "/%s/live", device);
    if ((read_text(path)[0] == '1') != in)
        write_text(path, in ? "1" : "0");
}

void sim_name_line(const char *device, unsigned offset, const char *name)
{
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, CONFIGFS "/%s/bank0/line%u", device, offset);
    make_folder(path);
    (void)snprintf(path, sizeof path, CONFIGFS "/%s/bank0/line%u/name", device, offset);
    write_text(path, name);
}

void sim_name_chip(const char *device, const char *label)
{
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, CONFIGFS "/%s/bank0/label", device);
    write_text(path, label);
}

void sim_make(const char *device, const char *label, unsigned lines, unsigned offset,
              const char *name)
{
    char path[PATH_SIZE];
    char count[16];
    (void)snprintf(path, sizeof path, CONFIGFS "/%s", device);
    make_folder(path);
    (void)snprintf(path, sizeof path, CONFIGFS "/%s/bank0", device);
    make_folder(path);
    (void)snprintf(path, sizeof path, CONFIGFS "/%s/bank0/num_lines", device);
    (void)snprintf(count, sizeof count, "%u", lines);
    write_text(path, count);
    sim_name_chip(device, label);
    sim_name_line(device, offset, name);
    sim_plug(device, true);
}

void sim_remove(const char *device)
{
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, CONFIGFS "/%s", device);
    if (access(path, F_OK) < 0)
        return;
    sim_plug(device, false);
    for (unsigned i = 0; i < 64; i++) {
        (void)snprintf(path, sizeof path, CONFIGFS "/%s/bank0/line%u", device, i);
        (void)rmdir(path);
    }
    (void)snprintf(path, sizeof path, CONFIGFS "/%s/bank0", device);
    (void)rmdir(path);
    (void)snprintf(path, sizeof path, CONFIGFS "/%s", device);
    (void)rmdir(path);
}

const char *sim_chip_name(const char *device)
{
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, CONFIGFS "/%s/bank0/chip_name", device);
    return read_text(path);
}

static const char *chosen = SIM_PI;

void sim_choose(const char *device)
{
    chosen = device;
}

static void pin_path(unsigned offset, const char *attribute, char path[PATH_SIZE])
{
    char name[64];
    (void)snprintf(path, PATH_SIZE, CONFIGFS "/%s/dev_name", chosen);
    (void)snprintf(name, sizeof name, "%s", read_text(path));
    (void)snprintf(path, PATH_SIZE, "/sys/devices/platform/%s/%s/sim_gpio%u/%s", name,
                   sim_chip_name(chosen), offset, attribute);
}

void sim_pull(unsigned offset, bool up)
{
    char path[PATH_SIZE];
    pin_path(offset, "pull", path);
    write_text(path, up ? "pull-up" : "pull-down");
}

int sim_open_pull(unsigned offset)
{
    char path[PATH_SIZE];
    pin_path(offset, "pull", path);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        fail_msg("%s: %s", path, strerror(errno));
    return fd;
}

int sim_level(unsigned offset)
{
    char path[PATH_SIZE];
    pin_path(offset, "value", path);
    return read_text(path)[0] == '1';
}

unsigned long sim_served(void)
{
    unsigned long sum = 0;
    char row[256];
    AUTO_FILE interrupts = fopen("/proc/interrupts", "re");
    while (interrupts && fgets(row, sizeof row, interrupts)) {
        const char *colon = strchr(row, ':');
        if (colon && strstr(colon, "irq_sim"))
            sum += strtoul(colon + 1, NULL, 10);
    }
    return sum;
}

unsigned long long sim_flags(unsigned offset)
{
    char path[PATH_SIZE];
    struct gpio_v2_line_info info = {.offset = offset};
    (void)snprintf(path, sizeof path, "/dev/%s", sim_chip_name(chosen));
    AUTO_FD fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0 || ioctl(fd, GPIO_V2_GET_LINEINFO_IOCTL, &info) < 0)
        fail_msg("%s: %s", path, strerror(errno));
    return info.flags;
}

int sim_hold(unsigned offset, const char *consumer)
{
    struct gpio_v2_line_request request = {
        .num_lines = 1, .offsets = {offset}, .config.flags = GPIO_V2_LINE_FLAG_INPUT};
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, "/dev/%s", sim_chip_name(chosen));
    AUTO_FD chip = open(path, O_RDWR | O_CLOEXEC);
    (void)snprintf(request.consumer, sizeof request.consumer, "%s", consumer);
    if (chip < 0 || ioctl(chip, GPIO_V2_GET_LINE_IOCTL, &request) < 0)
        fail_msg("%s: %s", path, strerror(errno));
    return request.fd;
}
