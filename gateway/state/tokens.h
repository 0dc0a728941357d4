/* The tokens of a gateway and the role that each gives: one file in the state folder, `token`, with a line
 * "ROLE TOKEN" or "ROLE TOKEN NAME" for each, made at the first start. Nothing here is ever logged. */
#ifndef STATE_TOKENS_H
#define STATE_TOKENS_H

#include "base/name.h"
#include "circuit/command.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    TOKENS_MAX = 64,
    TOKEN_SIZE = 65,            /* 26 characters of base32 (130 bits); older ones are 32 of hex */
    TOKEN_FINGERPRINT_SIZE = 9, /* 8 hex digits and NUL */
    TOKENS_REMEDY_SIZE = 512,
};

struct token {
    enum role role;
    char text[TOKEN_SIZE];
    char name[NAME_SIZE]; /* "" for none */
};

/* In the order of the file. Plain data; wipe it after use. */
struct tokens {
    size_t count;
    struct token items[TOKENS_MAX];
};

/* The first token of `role`, or NULL. Borrowed. */
const struct token *tokens_of_role(const struct tokens *tokens, enum role role);

/* The token that a printed link carries: the first of the highest role. NULL where there is none. Borrowed. */
const char *tokens_link(const struct tokens *tokens);

/* Names a token without revealing it: 8 hex digits. */
void token_fingerprint(const char *text, char fingerprint[TOKEN_FINGERPRINT_SIZE]);

/* Appends a new random token; `name` may be "". 0; -EEXIST when another has the name; -ENOSPC; or the errno
 * of getrandom(2). */
int tokens_add(struct tokens *tokens, enum role role, const char *name);

/* Removes the tokens that `which` means: a name, a fingerprint, or a token. 0, or -ENOENT. */
int tokens_revoke(struct tokens *tokens, const char *which);

/* Replaces the file in `folder` (0600; the folder, 0700, is made if need be). A running gateway notices. 0, or
 * a negative errno with `remedy`. */
int tokens_store(const char *folder, const struct tokens *tokens, char remedy[TOKENS_REMEDY_SIZE]);

/* Reads `folder`/token. 0; -ENOENT when there is none; -EACCES; -EPERM when others than its owner may
 * read it; -EBADMSG when it holds anything else. On failure `remedy` holds one sentence with what to do.
 * A file is never repaired or replaced: whoever holds the old token must be informed by a person. */
int tokens_load(const char *folder, struct tokens *ret_tokens, char remedy[TOKENS_REMEDY_SIZE]);

/* The same, but makes the folder (0700) and the file (0600) where they are missing, and adds an admin's token
 * where none is; `*ret_made` says whether it made any, and may be NULL. Also the errno of mkdir(2), open(2), getrandom(2) and so on. */
int tokens_load_or_make(const char *folder, struct tokens *ret_tokens, bool *ret_made,
                        char remedy[TOKENS_REMEDY_SIZE]);

/* The tokens to show to a person: those in the folder `own`; where there are none, those of the gateway
 * that runs as a service, when its folder `service` exists, for its tokens alone are of use then; and
 * only where that folder is missing, new ones in `own`. `*ret_folder` is the one of the two that holds
 * them. -EACCES when only root may read the service's, -ENOENT when it never started: `remedy` says so
 * and nothing is made; else as above. */
int tokens_find(const char *own, const char *service, const char **ret_folder,
                struct tokens *ret_tokens, char remedy[TOKENS_REMEDY_SIZE]);

#endif
