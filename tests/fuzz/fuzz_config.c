/* A whole config file: accepted, or told in valid UTF-8 what is wrong with it. */
#include "fuzz.h"

#include "base/utf8.h"
#include "config/config.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    char path[64];
    struct config config = {0};
    struct config_report report;
    int fd = memfd_create("config", MFD_CLOEXEC);
    PROMISE(fd >= 0 && write(fd, bytes, length) == (ssize_t)length);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    config_report_init(&report);
    int error = config_load(path, &config, &report);
    PROMISE(error == 0 || report.errors > 0);
    PROMISE(utf8_is_valid(buffer_text(&report.text), report.text.length));
    config_report_done(&report);
    config_done(&config);
    (void)close(fd);
    return 0;
}
