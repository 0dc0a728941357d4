/* Keeps the tokens that count the same as those in the state folder: `gpio-gateway token revoke` writes the
 * file, and whoever was let in by a token that is gone is out at once. */
#ifndef TOKEN_WATCH_H
#define TOKEN_WATCH_H

struct auth;
struct loop;
struct token_watch;

/* Watches `folder` by inotify(7). `changed` is told when other tokens count. Borrows everything.
 * Where the folder cannot be watched that is logged, and token_watch_reload() works all the same. 0 or
 * -ENOMEM. */
int token_watch_new(struct loop *loop, const char *folder, struct auth *auth,
                    void (*changed)(void *context), void *context, struct token_watch **ret_watch);

/* Reads the tokens anew; makes them where the file is gone, as a start does. NULL is legal. */
void token_watch_reload(struct token_watch *watch);

/* NULL is legal; returns NULL. */
struct token_watch *token_watch_free(struct token_watch *watch);

#endif
