#include "sd_notify.h"

#include "base/clock.h"

#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    STATE_SIZE = 320, /* the longest word and a name of 255 bytes */
    WAIT_US = 500000, /* a manager that is busier than that does not keep the pins waiting */
};

/* The three functions of sd-daemon.h, which is no part of a build without libsystemd's headers. */
struct words {
    int (*service_manager)(int unset_environment, const char *state);
    int (*notify_with_fds)(int pid, int unset_environment, const char *state, const int *fds,
                           unsigned count);
    int (*barrier)(int unset_environment, uint64_t timeout_us);
};

static void find(void *library, const char *name, void *function)
{
    /* dlsym(3): ISO C has no conversion from an object pointer to a function pointer. */
    void *symbol = dlsym(library, name);
    memcpy(function, &symbol, sizeof symbol);
}

/* The library is opened for the call only: it brings 1 MB of others along, and the gateway says a few
 * things to the service manager in its life. NULL: nobody listens, or there is no library. */
static void *open_library(struct words *words)
{
    void *library =
        service_manager_is_heard() ? dlopen("libsystemd.so.0", RTLD_NOW | RTLD_LOCAL) : NULL;
    if (!library)
        return NULL;
    find(library, "sd_notify", &words->service_manager);
    find(library, "sd_pid_notify_with_fds", &words->notify_with_fds);
    find(library, "sd_notify_barrier", &words->barrier);
    return library;
}

static void service_manager(const char *state)
{
    struct words words;
    void *library = open_library(&words);
    if (!library)
        return;
    if (words.service_manager)
        (void)words.service_manager(0, state);
    (void)dlclose(library);
}

bool service_manager_is_heard(void)
{
    return getenv("NOTIFY_SOCKET") != NULL;
}

void service_manager_ready(void)
{
    service_manager("READY=1");
}

void service_manager_reloading(void)
{
    char state[64];
    /* The time lets the service manager tell this reload from an earlier one. */
    (void)snprintf(state, sizeof state, "RELOADING=1\nMONOTONIC_USEC=%lld",
                   (long long)(clock_monotonic_ns() / 1000));
    service_manager(state);
}

void service_manager_stopping(void)
{
    service_manager("STOPPING=1");
}

void service_manager_keep(const char *name, int fd)
{
    char state[STATE_SIZE];
    struct words words;
    void *library = open_library(&words);
    if (!library)
        return;
    (void)snprintf(state, sizeof state, "FDSTORE=1\nFDNAME=%s", name);
    if (words.notify_with_fds)
        (void)words.notify_with_fds(0, 0, state, &fd, 1);
    (void)dlclose(library);
}

void service_manager_forget(const char *name)
{
    char state[STATE_SIZE];
    (void)snprintf(state, sizeof state, "FDSTOREREMOVE=1\nFDNAME=%s", name);
    service_manager(state);
}

void service_manager_wait(void)
{
    struct words words;
    void *library = open_library(&words);
    if (!library)
        return;
    if (words.barrier)
        (void)words.barrier(0, WAIT_US);
    (void)dlclose(library);
}
