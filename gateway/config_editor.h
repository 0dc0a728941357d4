/* Changes the circuit's file while the gateway runs: check, write, reload, store the earlier version.
 * It implements the functions of protocol/config_store.h. */
#ifndef CONFIG_EDITOR_H
#define CONFIG_EDITOR_H

#include "config/config.h"
#include "protocol/config_store.h"

struct circuit;
struct gpio_error;

struct config_editor {
    struct config_store store; /* for the servers */
    const char *path;          /* of the file; borrowed */
    const char *state_folder;  /* where versions are kept; borrowed */
    const struct config
        *started;    /* the config of the start, to find the keys that need a restart; borrowed */
    bool fixed_http; /* listen.http came from the command line */
    struct circuit *circuit; /* borrowed */
    /* Applies a checked config to the running circuit. 0, or the negative errno of the pin that refused, with
     * `error` filled: then nothing has changed. */
    int (*reload)(void *context, struct config *config, struct gpio_error *error);
    void *context;
};

/* Fills `editor->store`; everything else is set already. */
void config_editor_init(struct config_editor *editor);

#endif
