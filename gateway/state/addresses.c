#include "state/addresses.h"

#include "base/buffer.h"
#include "base/file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

enum { FILE_MAX_BYTES = ADDRESSES_MAX * (ADDRESSES_URL_SIZE + 8) };

void addresses_add(struct addresses *addresses, const char *url, bool is_lan)
{
    if (addresses->count == ADDRESSES_MAX || strlen(url) >= ADDRESSES_URL_SIZE)
        return;
    for (size_t i = 0; i < addresses->count; i++)
        if (strcmp(addresses->items[i].url, url) == 0)
            return;
    (void)snprintf(addresses->items[addresses->count].url, ADDRESSES_URL_SIZE, "%s", url);
    addresses->items[addresses->count++].is_lan = is_lan;
}

static int put_path(char path[PATH_MAX], const char *folder)
{
    return snprintf(path, PATH_MAX, "%s/addresses", folder) >= PATH_MAX ? -ENAMETOOLONG : 0;
}

int addresses_store(const struct addresses *addresses, const char *folder)
{
    char path[PATH_MAX];
    struct buffer text;
    int error = put_path(path, folder);
    if (error)
        return error;
    buffer_init(&text, FILE_MAX_BYTES);
    for (size_t i = 0; i < addresses->count; i++)
        (void)buffer_printf(&text, "%s %s\n", addresses->items[i].is_lan ? "lan" : "here",
                            addresses->items[i].url);
    error =
        text.error ? text.error : file_write_unsynced(path, buffer_text(&text), text.length, 0600);
    buffer_done(&text);
    return error;
}

static void take_line(struct addresses *addresses, const char *line)
{
    char kind[8];
    char url[ADDRESSES_URL_SIZE];
    if (sscanf(line, "%7s %127s", kind, url) == 2)
        addresses_add(addresses, url, strcmp(kind, "lan") == 0);
}

int addresses_load(const char *folder, struct addresses *ret_addresses)
{
    char path[PATH_MAX];
    struct buffer text;
    int error = put_path(path, folder);
    if (error)
        return error;
    buffer_init(&text, FILE_MAX_BYTES);
    error = file_read_private(path, &text, NULL);
    if (!error) {
        struct addresses addresses = {0};
        char *rest = NULL;
        (void)buffer_text(&text);
        for (char *line = strtok_r(text.data, "\n", &rest); line;
             line = strtok_r(NULL, "\n", &rest))
            take_line(&addresses, line);
        *ret_addresses = addresses;
    }
    buffer_done(&text);
    return error;
}
