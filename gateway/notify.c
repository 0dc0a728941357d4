#include "notify.h"

#include "base/clock.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The library is opened for the call only: it brings 1 MB of others along, and the gateway says three
 * things to the service manager in its life. Without $NOTIFY_SOCKET nobody listens. */
static void notify(const char *state)
{
    int (*sd_notify)(int unset_environment, const char *state);
    if (!getenv("NOTIFY_SOCKET"))
        return;
    void *library = dlopen("libsystemd.so.0", RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return;
    /* dlsym(3): ISO C has no conversion from an object pointer to a function pointer. */
    void *symbol = dlsym(library, "sd_notify");
    memcpy(&sd_notify, &symbol, sizeof sd_notify);
    if (symbol)
        (void)sd_notify(0, state);
    (void)dlclose(library);
}

void notify_ready(void)
{
    notify("READY=1");
}

void notify_reloading(void)
{
    char state[64];
    /* The time lets the service manager tell this reload from an earlier one. */
    (void)snprintf(state, sizeof state, "RELOADING=1\nMONOTONIC_USEC=%lld",
                   (long long)(clock_monotonic_ns() / 1000));
    notify(state);
}

void notify_stopping(void)
{
    notify("STOPPING=1");
}
