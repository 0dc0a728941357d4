#include "state/gateway_id.h"

#include "base/buffer.h"
#include "base/file.h"
#include "base/random.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

enum { FILE_MAX_BYTES = 64 };

static int read_id(const char *path, char id[GATEWAY_ID_SIZE])
{
    struct buffer text;
    buffer_init(&text, FILE_MAX_BYTES);
    int error = file_read_private(path, &text, NULL);
    size_t length = strspn(buffer_text(&text), "0123456789abcdef");
    if (!error && (length != GATEWAY_ID_SIZE - 1 || strcmp(text.data + length, "\n") != 0))
        error = -EBADMSG;
    if (!error)
        (void)snprintf(id, GATEWAY_ID_SIZE, "%.12s", text.data);
    buffer_done(&text);
    return error;
}

static int make_id(const char *folder, const char *path, char id[GATEWAY_ID_SIZE])
{
    char line[GATEWAY_ID_SIZE + 1];
    int error = random_hex((GATEWAY_ID_SIZE - 1) / 2, id);
    if (!error)
        error = file_make_folder(folder, 0700);
    (void)snprintf(line, sizeof line, "%s\n", id);
    return error ? error : file_write(path, line, GATEWAY_ID_SIZE, 0600);
}

int gateway_id(const char *state_folder, char id[GATEWAY_ID_SIZE])
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/id", state_folder) >= (int)sizeof path)
        return -ENAMETOOLONG;
    int error = read_id(path, id);
    return error == -ENOENT ? make_id(state_folder, path, id) : error;
}
