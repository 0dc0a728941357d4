/* The two tokens of a gateway: who knows `operator` may act, who knows `viewer` may look. One file in
 * the state folder, two lines, made at the first start. Nothing here is ever logged. */
#ifndef STATE_TOKENS_H
#define STATE_TOKENS_H

#include <stdbool.h>
#include <stddef.h>

enum {
    TOKENS_BYTES = 16,                  /* 128 random bits each */
    TOKENS_SIZE = 2 * TOKENS_BYTES + 1, /* as lower-case hex */
    TOKENS_REMEDY_SIZE = 512,
};

struct tokens {
    char operator_token[TOKENS_SIZE];
    char viewer_token[TOKENS_SIZE];
};

/* Reads `folder`/token. 0; -ENOENT when there is none; -EACCES; -EPERM when others than its owner may
 * read it; -EBADMSG when it is not two tokens. On failure `remedy` holds one sentence with what to do.
 * A file is never repaired or replaced: whoever holds the old token must be told by a person. */
int tokens_load(const char *folder, struct tokens *ret_tokens, char remedy[TOKENS_REMEDY_SIZE]);

/* The same, but makes the folder (0700) and the file (0600) where they are missing; `*ret_made` says
 * whether it did, and may be NULL. Also the errno of mkdir(2), open(2), getrandom(2) and so on. */
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
