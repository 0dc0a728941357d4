/* Who is logged in with a browser. A session is a random id in a cookie; here stands what it is worth: the
 * role, the token that it was begun with, and when it ends. Kept in memory and in the file `sessions` of the
 * state folder (0600), so that a restart keeps people logged in. */
#ifndef STATE_SESSIONS_H
#define STATE_SESSIONS_H

#include "circuit/role.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;
struct sessions;

enum {
    SESSIONS_MAX = 256,       /* when one more begins, the oldest ends */
    SESSION_SECRET_SIZE = 33, /* 128 random bits as hex, and a NUL */
    SESSION_ID_SIZE = 9,      /* what a session is called in lists; reveals nothing of the secret */
    SESSION_SOURCE_SIZE = 64, /* the address that logged in */
    SESSION_LIFETIME_S = 31536000, /* a year */
};

struct session {
    char secret[SESSION_SECRET_SIZE];
    char id[SESSION_ID_SIZE];
    enum role role;
    uint64_t token_key; /* of the token that it was begun with: token_key() */
    int64_t begun_s;    /* wall clock, seconds since 1970 */
    int64_t ends_s;
    char source[SESSION_SOURCE_SIZE];
};

/* Reads what the folder holds; a file that holds anything else is an empty list, and is logged.
 * `loop` and `folder` may be NULL: nothing is stored then. 0, -ENAMETOOLONG or -ENOMEM. */
int sessions_new(struct loop *loop, const char *folder, struct sessions **ret_sessions);

/* Writes what is not yet written. NULL is legal; returns NULL. */
struct sessions *sessions_free(struct sessions *sessions);

/* Begins a session. NULL without random bytes (getrandom(2)). Borrowed until the next change. */
const struct session *sessions_begin(struct sessions *sessions, enum role role, uint64_t token_key,
                                     const char *source, int64_t now_s);

/* The session of a cookie's value, or NULL. Compares with every one, so that the time reveals nothing. */
const struct session *sessions_find(const struct sessions *sessions, const char *secret,
                                    size_t length, int64_t now_s);

/* The oldest first; NULL after the last. */
const struct session *sessions_at(const struct sessions *sessions, size_t index);

/* Ends the session of that id. False when there is none. */
bool sessions_end(struct sessions *sessions, const char *id);

/* Ends those for which `keeps` answers false. Returns how many. */
size_t sessions_sweep(struct sessions *sessions,
                      bool (*keeps)(const void *context, const struct session *session),
                      const void *context);

#endif
