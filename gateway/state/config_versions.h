/* Earlier versions of the circuit's file, in the state folder, so that an edit can be undone. Each is a
 * file `config-versions/TIME.json` with the text and who replaced it; the oldest go. */
#ifndef STATE_CONFIG_VERSIONS_H
#define STATE_CONFIG_VERSIONS_H

#include "base/buffer.h"

#include <stddef.h>
#include <stdint.h>

enum {
    CONFIG_VERSIONS_MAX = 10,
    CONFIG_VERSION_TEXT_MAX_BYTES = 1024 * 1024,
    CONFIG_ETAG_SIZE = 20, /* a strong entity tag with its quotes: 16 hex digits, and a NUL */
    CONFIG_VERSION_SOURCE_SIZE = 64,
    CONFIG_VERSION_ROLE_SIZE = 16,
    CONFIG_VERSION_SUMMARY_SIZE = 160,
};

/* A text that was replaced: when, by whom, and what the replacement changed. */
struct config_version {
    char etag[CONFIG_ETAG_SIZE]; /* of the text that is kept */
    int64_t wall_ns;
    char source[CONFIG_VERSION_SOURCE_SIZE];
    char role[CONFIG_VERSION_ROLE_SIZE];
    char summary[CONFIG_VERSION_SUMMARY_SIZE];
    size_t bytes;
};

/* Names a text: the same bytes have the same tag. */
void config_etag(const char *text, size_t length, char ret_etag[CONFIG_ETAG_SIZE]);

/* Keeps a text; the oldest beyond CONFIG_VERSIONS_MAX goes. `version->etag` and `bytes` are filled in.
 * 0 or a negative errno: then nothing was kept. */
int config_versions_keep(const char *folder, struct config_version *version, const char *text,
                         size_t length);

/* What is kept, newest first; at most CONFIG_VERSIONS_MAX. What cannot be read is left out. */
size_t config_versions_list(const char *folder, struct config_version *ret_versions);

/* The newest text, appended to `text`. 0; -ENOENT when nothing is kept; a negative errno. */
int config_versions_newest(const char *folder, struct buffer *text);

/* Forgets the one before the newest: after an undo it is the file itself. 0 or a negative errno. */
int config_versions_drop_second(const char *folder);

#endif
