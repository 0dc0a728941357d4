/* Changes of the circuit's file while the gateway runs: check, write, reload, keep the version before.
 * It fills the functions that protocol/config_store.h asks for. */
#ifndef CONFIG_EDITOR_H
#define CONFIG_EDITOR_H

#include "config/config.h"
#include "protocol/config_store.h"

struct circuit;
struct gpio_error;

struct config_editor {
    struct config_store store;    /* what the servers are given */
    const char *path;             /* of the file; borrowed */
    const char *state_folder;     /* where versions are kept; borrowed */
    const struct config *started; /* the config of the start, for what waits; borrowed */
    bool fixed_http;              /* listen.http came from the command line */
    struct circuit *circuit;      /* borrowed */
    /* Takes a checked config for the circuit that runs. 0, or the negative errno of the pin that refused
     * with `error` filled: then nothing has changed. */
    int (*reload)(void *context, struct config *config, struct gpio_error *error);
    void *context;
};

/* Fills `editor->store`; everything else is set already. */
void config_editor_init(struct config_editor *editor);

#endif
