#include "notify.h"

#if GATEWAY_SYSTEMD
#include "base/clock.h"

#include <systemd/sd-daemon.h>

void notify_ready(void)
{
    (void)sd_notify(0, "READY=1");
}

void notify_reloading(void)
{
    /* The time lets the service manager tell this reload from an earlier one. */
    (void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld",
                     (long long)(clock_monotonic_ns() / 1000));
}

void notify_stopping(void)
{
    (void)sd_notify(0, "STOPPING=1");
}
#else
void notify_ready(void) {}
void notify_reloading(void) {}
void notify_stopping(void) {}
#endif
