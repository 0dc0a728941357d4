#include "state/journal_file.h"

#include "base/buffer.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "circuit/journal_store.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int find_path(const char *folder, char path[PATH_MAX])
{
    int length = snprintf(path, PATH_MAX, "%s/journal.json", folder);
    return length > 0 && length < PATH_MAX ? 0 : -ENAMETOOLONG;
}

int journal_file_write(const char *folder, const struct journal *journal)
{
    char path[PATH_MAX];
    struct buffer text;
    int error = find_path(folder, path);
    if (error)
        return error;
    buffer_init(&text, JOURNAL_STORE_MAX_BYTES);
    journal_print(journal, &text);
    error = text.error ? text.error : file_make_folder(folder, 0700);
    if (!error)
        error = file_write_unsynced(path, buffer_text(&text), text.length, 0600);
    buffer_done(&text);
    return error;
}

struct json *journal_file_take(const char *folder)
{
    char path[PATH_MAX];
    struct buffer text;
    struct json *stored = NULL;
    if (find_path(folder, path))
        return NULL;
    buffer_init(&text, JOURNAL_STORE_MAX_BYTES);
    int error = file_read_private(path, &text, NULL);
    if (!error)
        error = json_parse(buffer_text(&text), text.length, &stored, NULL);
    buffer_done(&text);
    if (error == -ENOENT)
        return NULL;
    (void)unlink(path);
    if (error)
        log_warning("the events before the hand-over are lost file=%s error=\"%s\"", path,
                    file_error_text(error));
    return stored;
}
