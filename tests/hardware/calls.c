#include "calls.h"

#include "sim.h"

#include <linux/gpio.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

struct calls calls;

static bool is_claim(unsigned long request)
{
    return request == GPIO_GET_LINEHANDLE_IOCTL || request == GPIO_GET_LINEEVENT_IOCTL ||
           request == GPIO_V2_GET_LINE_IOCTL;
}

static bool is_change(unsigned long request)
{
    return request == GPIOHANDLE_SET_LINE_VALUES_IOCTL || request == GPIOHANDLE_SET_CONFIG_IOCTL ||
           request == GPIO_V2_LINE_SET_VALUES_IOCTL || request == GPIO_V2_LINE_SET_CONFIG_IOCTL;
}

/* Stands before the C library's, for libgpiod too. */
int ioctl(int fd, unsigned long request, ...)
{
    va_list arguments;
    va_start(arguments, request);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    int result = (int)syscall(SYS_ioctl, fd, request, argument);
    if (!calls.watching || !(is_claim(request) || is_change(request)))
        return result;
    calls.claims += is_claim(request);
    if (calls.count < CALLS_MAX)
        calls.levels[calls.count++] = sim_level(calls.offset);
    return result;
}

void calls_start(unsigned offset)
{
    memset(&calls, 0, sizeof calls);
    calls.offset = offset;
    calls.watching = true;
}

void calls_stop(void)
{
    calls.watching = false;
}
