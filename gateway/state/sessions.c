#include "state/sessions.h"

#include "base/buffer.h"
#include "base/file.h"
#include "base/log.h"
#include "base/random.h"
#include "state/file_writer.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_BYTES = 256, FILE_MAX_BYTES = SESSIONS_MAX * LINE_MAX_BYTES };

struct sessions {
    struct file_writer *writer; /* NULL: nothing is stored */
    size_t count;
    struct session items[SESSIONS_MAX];
};

/* ---- the file: a line "SECRET ID ROLE TOKEN-KEY BEGUN ENDS SOURCE" for each ---- */

static bool take_line(struct sessions *sessions, const char *line)
{
    struct session session = {0};
    char role[16];
    int end = 0;
    /* NOLINTNEXTLINE(cert-err34-c): times that a damaged file makes wrong have passed */
    int fields = sscanf(
        line, "%32[0-9a-f] %8[0-9a-f] %15[a-z] %16" SCNx64 " %" SCNd64 " %" SCNd64 " %63[^ \n]%n",
        session.secret, session.id, role, &session.token_key, &session.begun_s, &session.ends_s,
        session.source, &end);
    if (fields != 7 || line[end] != '\n' || strlen(session.secret) != SESSION_SECRET_SIZE - 1 ||
        sessions->count == SESSIONS_MAX)
        return false;
    session.role = role_find(role, strlen(role));
    if (session.role == ROLE_NONE)
        return false;
    sessions->items[sessions->count++] = session;
    return true;
}

static void read_file(struct sessions *sessions, const char *path)
{
    struct buffer text;
    buffer_init(&text, FILE_MAX_BYTES);
    int error = file_read_private(path, &text, NULL);
    const char *at = buffer_text(&text);
    if (strcmp(at, "\n") == 0)
        at++; /* none: a file is never empty */
    while (!error && *at) {
        if (!take_line(sessions, at))
            error = -EBADMSG;
        at += strcspn(at, "\n");
        at += *at == '\n';
    }
    if (error)
        sessions->count = 0;
    if (error && error != -ENOENT)
        log_warning("sessions not read, everybody logs in again file=%s error=\"%s\"", path,
                    file_error_text(error));
    if (text.data)
        explicit_bzero(text.data, text.length);
    buffer_done(&text);
}

static void store(struct sessions *sessions)
{
    struct buffer text;
    if (!sessions->writer)
        return;
    buffer_init(&text, FILE_MAX_BYTES);
    for (size_t i = 0; i < sessions->count; i++) {
        const struct session *session = &sessions->items[i];
        (void)buffer_printf(&text, "%s %s %s %016" PRIx64 " %" PRId64 " %" PRId64 " %s\n",
                            session->secret, session->id, role_name(session->role),
                            session->token_key, session->begun_s, session->ends_s, session->source);
    }
    if (sessions->count == 0)
        (void)buffer_append_text(&text, "\n");
    if (text.error)
        log_warning("sessions not stored errno=%s", strerror(-text.error));
    else
        file_writer_put(sessions->writer, &text);
    buffer_done(&text);
}

/* ---- life ---- */

int sessions_new(struct loop *loop, const char *folder, struct sessions **ret_sessions)
{
    struct sessions *sessions = calloc(1, sizeof *sessions);
    char path[PATH_MAX];
    if (!sessions)
        return -ENOMEM;
    int error = 0;
    if (folder && snprintf(path, sizeof path, "%s/sessions", folder) >= (int)sizeof path)
        error = -ENAMETOOLONG;
    if (folder && !error)
        error = file_writer_new(loop, path, "sessions", &sessions->writer);
    if (error) {
        free(sessions);
        return error;
    }
    if (folder)
        read_file(sessions, path);
    *ret_sessions = sessions;
    return 0;
}

struct sessions *sessions_free(struct sessions *sessions)
{
    if (!sessions)
        return NULL;
    sessions->writer = file_writer_free(sessions->writer);
    explicit_bzero(sessions, sizeof *sessions);
    free(sessions);
    return NULL;
}

/* ---- sessions ---- */

static void remove_at(struct sessions *sessions, size_t index)
{
    sessions->count--;
    memmove(&sessions->items[index], &sessions->items[index + 1],
            (sessions->count - index) * sizeof sessions->items[0]);
    explicit_bzero(&sessions->items[sessions->count], sizeof sessions->items[0]);
}

/* A blank ends a field of the file. */
static void copy_source(struct session *session, const char *source)
{
    (void)snprintf(session->source, sizeof session->source, "%s", *source ? source : "-");
    for (char *at = session->source; *at; at++)
        if (*at == ' ' || *at == '\n')
            *at = '_';
}

const struct session *sessions_begin(struct sessions *sessions, enum role role, uint64_t token_key,
                                     const char *source, int64_t now_s)
{
    struct session session = {.role = role,
                              .token_key = token_key,
                              .begun_s = now_s,
                              .ends_s = now_s + SESSION_LIFETIME_S};
    if (random_hex((SESSION_SECRET_SIZE - 1) / 2, session.secret) ||
        random_hex((SESSION_ID_SIZE - 1) / 2, session.id))
        return NULL;
    copy_source(&session, source);
    for (size_t i = sessions->count; i-- > 0;)
        if (sessions->items[i].ends_s <= now_s)
            remove_at(sessions, i);
    if (sessions->count == SESSIONS_MAX)
        remove_at(sessions, 0);
    sessions->items[sessions->count++] = session;
    store(sessions);
    return &sessions->items[sessions->count - 1];
}

const struct session *sessions_find(const struct sessions *sessions, const char *secret,
                                    size_t length, int64_t now_s)
{
    const struct session *found = NULL;
    if (length != SESSION_SECRET_SIZE - 1)
        return NULL;
    for (size_t i = 0; i < sessions->count; i++) {
        const struct session *session = &sessions->items[i];
        unsigned char difference = 0;
        for (size_t j = 0; j < length; j++)
            difference |= (unsigned char)(session->secret[j] ^ secret[j]);
        if (difference == 0 && session->ends_s > now_s)
            found = session;
    }
    return found;
}

const struct session *sessions_at(const struct sessions *sessions, size_t index)
{
    return index < sessions->count ? &sessions->items[index] : NULL;
}

bool sessions_end(struct sessions *sessions, const char *id)
{
    for (size_t i = 0; i < sessions->count; i++) {
        if (strcmp(sessions->items[i].id, id) != 0)
            continue;
        remove_at(sessions, i);
        store(sessions);
        return true;
    }
    return false;
}

size_t sessions_sweep(struct sessions *sessions,
                      bool (*keeps)(const void *context, const struct session *session),
                      const void *context)
{
    size_t before = sessions->count;
    for (size_t i = sessions->count; i-- > 0;)
        if (!keeps(context, &sessions->items[i]))
            remove_at(sessions, i);
    if (sessions->count != before)
        store(sessions);
    return before - sessions->count;
}
