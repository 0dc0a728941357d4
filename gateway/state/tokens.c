#include "state/tokens.h"

#include "base/buffer.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/owner.h"
#include "base/random.h"
#include "circuit/role.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum {
    TOKEN_LENGTH_MIN = 26,
    FILE_MAX_BYTES = TOKENS_MAX * (TOKEN_SIZE + NAME_SIZE + 16), /* longer is something else */
};

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

static bool is_token(const char *text, size_t length)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    return length >= TOKEN_LENGTH_MIN && length < TOKEN_SIZE && strspn(text, letters) >= length;
}

static bool holds(const struct tokens *tokens, const char *text)
{
    for (size_t i = 0; i < tokens->count; i++)
        if (strcmp(tokens->items[i].text, text) == 0)
            return true;
    return false;
}

/* Takes the line "ROLE TOKEN" or "ROLE TOKEN NAME", of `length` bytes. */
static bool take_line(struct tokens *tokens, const char *line, size_t length)
{
    struct token token = {0};
    const char *end = line + length;
    const char *space = memchr(line, ' ', length);
    if (!space || tokens->count == TOKENS_MAX)
        return false;
    token.role = role_find(line, (size_t)(space - line));
    const char *text = space + 1;
    space = memchr(text, ' ', (size_t)(end - text));
    size_t text_length = (size_t)((space ? space : end) - text);
    if (token.role == ROLE_NONE || !is_token(text, text_length))
        return false;
    memcpy(token.text, text, text_length);
    if (space) {
        size_t name_length = (size_t)(end - space) - 1;
        if (name_length >= NAME_SIZE)
            return false;
        memcpy(token.name, space + 1, name_length);
        if (!name_is_valid(token.name))
            return false;
    }
    if (holds(tokens, token.text))
        return false; /* two roles of one token */
    tokens->items[tokens->count++] = token;
    return true;
}

static bool parse(const char *text, struct tokens *ret_tokens)
{
    struct tokens tokens = {0};
    while (*text) {
        size_t length = strcspn(text, "\n");
        if (text[length] != '\n' || !take_line(&tokens, text, length))
            return false;
        text += length + 1;
    }
    if (tokens.count == 0)
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
    if (error && error != -ENOBUFS && error != -EPERM)
        return fail_open(remedy, error, path);
    if (mode & (S_IRWXG | S_IRWXO))
        return fail(remedy, -EPERM,
                    "%s: has mode %04o, others may know it; remove it for a new one, or chmod 600",
                    path, (unsigned)(mode & 07777));
    if (error == -EPERM)
        return fail(remedy, error,
                    "%s: belongs to another user, who may know it; remove it for a new one, or "
                    "chown it to this user",
                    path);
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
        error =
            fail(remedy, -EBADMSG,
                 "%s: does not hold tokens; remove it, and new ones are made at the start", path);
    buffer_done(&text);
    return error;
}

/* systemd keeps a dynamic user's folder behind a link into a place that only root may enter
 * (systemd.exec(5), StateDirectory=): the link itself shows it. */
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

const struct token *tokens_of_role(const struct tokens *tokens, enum role role)
{
    for (size_t i = 0; i < tokens->count; i++)
        if (tokens->items[i].role == role)
            return &tokens->items[i];
    return NULL;
}

const char *tokens_link(const struct tokens *tokens)
{
    for (int role = ROLE_ADMIN; role > ROLE_NONE; role--) {
        const struct token *token = tokens_of_role(tokens, (enum role)role);
        if (token)
            return token->text;
    }
    return NULL;
}

void token_fingerprint(const char *text, char fingerprint[TOKEN_FINGERPRINT_SIZE])
{
    uint64_t hash = hash_bytes(HASH_SEED, text, strlen(text));
    (void)snprintf(fingerprint, TOKEN_FINGERPRINT_SIZE, "%08x", (uint32_t)(hash >> 32));
}

int tokens_add(struct tokens *tokens, enum role role, const char *name)
{
    struct token token = {.role = role};
    if (tokens->count == TOKENS_MAX)
        return -ENOSPC;
    for (size_t i = 0; i < tokens->count; i++)
        if (*name && strcmp(tokens->items[i].name, name) == 0)
            return -EEXIST;
    int error = random_token(token.text);
    if (error)
        return error;
    (void)snprintf(token.name, sizeof token.name, "%s", name);
    tokens->items[tokens->count++] = token;
    return 0;
}

/* By name, fingerprint, or the token itself. */
static bool is_meant(const struct token *token, const char *which)
{
    char fingerprint[TOKEN_FINGERPRINT_SIZE];
    token_fingerprint(token->text, fingerprint);
    return strcmp(fingerprint, which) == 0 || strcmp(token->text, which) == 0 ||
           (token->name[0] && strcmp(token->name, which) == 0);
}

int tokens_revoke(struct tokens *tokens, const char *which)
{
    size_t kept = 0;
    for (size_t i = 0; i < tokens->count; i++)
        if (!is_meant(&tokens->items[i], which))
            tokens->items[kept++] = tokens->items[i];
    size_t revoked = tokens->count - kept;
    tokens->count = kept;
    return revoked > 0 ? 0 : -ENOENT;
}

int tokens_store(const char *folder, const struct tokens *tokens, char remedy[TOKENS_REMEDY_SIZE])
{
    char path[PATH_MAX];
    struct buffer text;
    int error = put_path(path, folder, remedy);
    if (error)
        return error;
    buffer_init(&text, FILE_MAX_BYTES);
    for (size_t i = 0; i < tokens->count; i++) {
        const struct token *token = &tokens->items[i];
        (void)buffer_printf(&text, "%s %s%s%s\n", role_name(token->role), token->text,
                            token->name[0] ? " " : "", token->name);
    }
    error = text.error ? text.error : file_make_folder(folder, 0700);
    if (!error)
        error = file_write(path, buffer_text(&text), text.length, 0600);
    if (text.data)
        explicit_bzero(text.data, text.length);
    buffer_done(&text);
    return error ? fail(remedy, error, "%s: cannot be written: %s", path, strerror(-error)) : 0;
}

/* Adds a token for each role of `roles` that has none. Whether any was added. 0 or a negative errno. */
static int complete(struct tokens *tokens, const enum role *roles, size_t count, bool *ret_added)
{
    for (size_t i = 0; i < count; i++) {
        if (tokens_of_role(tokens, roles[i]))
            continue;
        int error = tokens_add(tokens, roles[i], "");
        if (error)
            return error;
        *ret_added = true;
    }
    return 0;
}

static int make(const char *folder, struct tokens *ret_tokens, char remedy[TOKENS_REMEDY_SIZE])
{
    static const enum role all[] = {ROLE_OPERATOR, ROLE_VIEWER, ROLE_ADMIN};
    struct tokens tokens = {0};
    bool added = false;
    int error = complete(&tokens, all, ARRAY_LENGTH(all), &added);
    if (error)
        return fail(remedy, error, "the kernel gives no random bytes: %s", strerror(-error));
    error = tokens_store(folder, &tokens, remedy);
    if (!error)
        *ret_tokens = tokens;
    return error;
}

int tokens_load_or_make(const char *folder, struct tokens *ret_tokens, bool *ret_made,
                        char remedy[TOKENS_REMEDY_SIZE])
{
    int error = tokens_load(folder, ret_tokens, remedy);
    bool made = error == -ENOENT;
    if (made) {
        error = make(folder, ret_tokens, remedy);
    } else if (!error) {
        /* A file of the time when there were two roles: its tokens stay, the admin's is added. */
        static const enum role needed[] = {ROLE_ADMIN};
        error = complete(ret_tokens, needed, 1, &made);
        if (!error && made)
            error = tokens_store(folder, ret_tokens, remedy);
        else if (error)
            (void)fail(remedy, error, "no token for the admin: %s", strerror(-error));
    }
    if (!error && ret_made)
        *ret_made = made;
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
