/* Follows the token file in the state folder: after `gpio-gateway token revoke` the connections of the revoked
 * token are closed at once. */
#ifndef TOKEN_WATCH_H
#define TOKEN_WATCH_H

struct auth;
struct loop;
struct token_watch;

/* Watches `folder` by inotify(7), and calls `changed` when the tokens have changed. Borrows everything.
 * A folder that cannot be watched is logged; token_watch_reload() then still works. 0 or -ENOMEM. */
int token_watch_new(struct loop *loop, const char *folder, struct auth *auth,
                    void (*changed)(void *context), void *context, struct token_watch **ret_watch);

/* Reads the tokens again; makes them if the file is missing, as a start does. NULL is legal. */
void token_watch_reload(struct token_watch *watch);

/* NULL is legal; returns NULL. */
struct token_watch *token_watch_free(struct token_watch *watch);

#endif
