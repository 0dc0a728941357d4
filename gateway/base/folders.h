/* Where the program keeps things: the folders that systemd.exec(5) hands out, else those of the XDG
 * base directory specification. Nothing is made here: see file_make_folder(). */
#ifndef BASE_FOLDERS_H
#define BASE_FOLDERS_H

#include <stddef.h>

/* Writes the folder for what outlives a run: the first of $STATE_DIRECTORY, else
 * $XDG_STATE_HOME/gpio-gateway, else ~/.local/state/gpio-gateway (~ from the user database when HOME
 * is unset). As XDG asks, a relative path in a variable counts as unset.
 * 0; -ENOENT when there is no home; -ENAMETOOLONG. `path` is touched on success only. */
int folder_state(char *path, size_t size);

/* Writes the folder for sockets: the first of $RUNTIME_DIRECTORY, else $XDG_RUNTIME_DIR/gpio-gateway,
 * else folder_state(). The same errors. */
int folder_runtime(char *path, size_t size);

#endif
