#include "state/tokens.h"

#include "base/file.h"
#include "base/random.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { FILE_MAX_BYTES = 4096 }; /* two lines of 48 bytes; whatever is longer is something else */

static int fail(char remedy[TOKENS_REMEDY_SIZE], int error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static int fail(char remedy[TOKENS_REMEDY_SIZE], int error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(remedy, TOKENS_REMEDY_SIZE, format, arguments);
    va_end(arguments);
    return error;
}

static int put_path(char path[PATH_MAX], const char *folder, char remedy[TOKENS_REMEDY_SIZE])
{
    if (snprintf(path, PATH_MAX, "%s/token", folder) >= PATH_MAX)
        return fail(remedy, -ENAMETOOLONG, "the state folder's path is too long");
    return 0;
}

static int fail_open(char remedy[TOKENS_REMEDY_SIZE], int error, const char *path)
{
    if (error == -ENOENT)
        return fail(remedy, error, "%s: there is no token yet; the gateway makes it when it starts",
                    path);
    if (error == -EACCES)
        return fail(remedy, error,
                    "%s: belongs to another user; start as the user who started it before", path);
    return fail(remedy, error, "%s: cannot be read: %s", path, strerror(-error));
}

/* Copies the token of the line "NAME TOKEN\n" at `*text`, and moves on behind it. */
static bool take_line(const char **text, const char *name, char token[TOKENS_SIZE])
{
    static const char hex[] = "0123456789abcdef";
    size_t length = strlen(name);
    const char *at = *text;
    if (strncmp(at, name, length) != 0 || at[length] != ' ')
        return false;
    at += length + 1;
    if (strspn(at, hex) != TOKENS_SIZE - 1 || at[TOKENS_SIZE - 1] != '\n')
        return false;
    memcpy(token, at, TOKENS_SIZE - 1);
    token[TOKENS_SIZE - 1] = '\0';
    *text = at + TOKENS_SIZE;
    return true;
}

static bool parse(const char *text, struct tokens *ret_tokens)
{
    struct tokens tokens;
    bool whole = take_line(&text, "operator", tokens.operator_token) &&
                 take_line(&text, "viewer", tokens.viewer_token) && *text == '\0';
    if (!whole || strcmp(tokens.operator_token, tokens.viewer_token) == 0)
        return false;
    *ret_tokens = tokens;
    return true;
}

/* A token that others could read is no secret any more, whatever the file's mode is made now. */
static int read_text(const char *path, struct buffer *text, char remedy[TOKENS_REMEDY_SIZE])
{
    mode_t mode = 0;
    int error = file_read_private(path, text, &mode);
    if (error == -EBADMSG || error == -ELOOP)
        return fail(remedy, -EBADMSG, "%s: is not a file; remove it, and start again", path);
    if (error && error != -ENOBUFS)
        return fail_open(remedy, error, path);
    if (mode & (S_IRWXG | S_IRWXO))
        return fail(remedy, -EPERM,
                    "%s: has mode %04o, others may know it; remove it for a new one, or chmod 600",
                    path, (unsigned)(mode & 07777));
    return error;
}

int tokens_load(const char *folder, struct tokens *ret_tokens, char remedy[TOKENS_REMEDY_SIZE])
{
    char path[PATH_MAX];
    struct buffer text;
    int error = put_path(path, folder, remedy);
    if (error)
        return error;
    buffer_init(&text, FILE_MAX_BYTES);
    error = read_text(path, &text, remedy);
    if (error == -ENOBUFS || (!error && (strlen(buffer_text(&text)) != text.length ||
                                         !parse(buffer_text(&text), ret_tokens))))
        error = fail(remedy, -EBADMSG,
                     "%s: does not hold two tokens; remove it, and new ones are made at the start",
                     path);
    buffer_done(&text);
    return error;
}

/* systemd keeps a dynamic user's folder behind a link into a place that only root may enter
 * (systemd.exec(5), StateDirectory=): the link itself tells. */
static bool has_entry(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0;
}

static int load_of_service(const char *folder, struct tokens *ret_tokens,
                           char remedy[TOKENS_REMEDY_SIZE])
{
    int error = tokens_load(folder, ret_tokens, remedy);
    if (error == -EACCES)
        return fail(remedy, error,
                    "the gateway runs as a service here, and its tokens are shown by: "
                    "sudo gpio-gateway token show");
    if (error == -ENOENT)
        return fail(remedy, error,
                    "the gateway is installed as a service and has no tokens yet; they are made by "
                    "its first start: sudo systemctl start gpio-gateway");
    return error;
}

static int make(const char *folder, struct tokens *ret_tokens, char remedy[TOKENS_REMEDY_SIZE])
{
    struct tokens tokens;
    char path[PATH_MAX];
    char text[2 * TOKENS_SIZE + 32];
    int error = put_path(path, folder, remedy);
    if (error)
        return error;
    error = random_hex(TOKENS_BYTES, tokens.operator_token);
    if (!error)
        error = random_hex(TOKENS_BYTES, tokens.viewer_token);
    if (error)
        return fail(remedy, error, "the kernel gives no random bytes: %s", strerror(-error));
    int length = snprintf(text, sizeof text, "operator %s\nviewer %s\n", tokens.operator_token,
                          tokens.viewer_token);
    error = file_make_folder(folder, 0700);
    if (!error)
        error = file_write(path, text, (size_t)length, 0600);
    if (error)
        return fail(remedy, error, "%s: cannot be made: %s", path, strerror(-error));
    *ret_tokens = tokens;
    return 0;
}

int tokens_load_or_make(const char *folder, struct tokens *ret_tokens, bool *ret_made,
                        char remedy[TOKENS_REMEDY_SIZE])
{
    int error = tokens_load(folder, ret_tokens, remedy);
    bool missing = error == -ENOENT;
    if (missing)
        error = make(folder, ret_tokens, remedy);
    if (!error && ret_made)
        *ret_made = missing;
    return error;
}

int tokens_find(const char *own, const char *service, const char **ret_folder,
                struct tokens *ret_tokens, char remedy[TOKENS_REMEDY_SIZE])
{
    const char *folder = own;
    int error = tokens_load(own, ret_tokens, remedy);
    if (error == -ENOENT && strcmp(own, service) != 0 && has_entry(service)) {
        folder = service;
        error = load_of_service(service, ret_tokens, remedy);
    } else if (error == -ENOENT) {
        error = make(own, ret_tokens, remedy);
    }
    if (!error)
        *ret_folder = folder;
    return error;
}
