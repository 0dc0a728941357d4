/* `gpio-gateway handover`: has the gateway that runs hand over to this version of the program. */
#ifndef HANDOVER_H
#define HANDOVER_H

#include <stdbool.h>
#include <sys/types.h>

struct handover_options {
    const char *config_path; /* NULL for the one that the process was started with; borrowed */
    const char *service;     /* a unit's name, whose main process is meant unless `pid` is given */
    bool if_outdated;        /* nothing to do where no gateway runs, or this program itself */
    pid_t pid; /* 0 for none: then no service manager is asked, and nobody is waited for */
};

/* Checks the config first, since a new process that refuses to start would leave the circuit to nobody.
 * Then sends SIGUSR2, waits until the process has ended and the service's next one is ready, and prints on
 * standard output what happened. An exit code: 69 where no gateway runs, 77 without permission, 78 for a
 * config that is not good, 1 when the process refused or the next one did not come; what went wrong is
 * printed on standard error. */
int handover_run(const struct handover_options *options);

#endif
