/* The socket register: which sockets the program has, and which system calls it made on them, in
 * order. Sockets enter and leave it by net/socket.h; faces of the program read it here. */
#ifndef NET_REGISTER_H
#define NET_REGISTER_H

#include "base/list.h"
#include "net/call.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct socket;
struct socket_register;

enum {
    /* Calls of the whole program that can be read again: some minutes of a household's traffic in
     * 230 kB, of which only what was used is resident. */
    REGISTER_CALLS_MAX = 1024,
    /* Kept with each socket: the first ones made it, the last ones tell where it is now. */
    REGISTER_KEPT_FIRST = 10,
    REGISTER_KEPT_LAST = 4,
    REGISTER_KEPT_MAX = REGISTER_KEPT_FIRST + REGISTER_KEPT_LAST,
    /* Calls that move data are listed this often a second for each socket, so that one busy client
     * does not push all others out of the ring; the rest is counted. */
    REGISTER_DATA_PER_SECOND = 32,
};

/* 0 or -ENOMEM. */
int register_new(struct socket_register **ret_register);

/* Every socket must be gone. NULL is legal. */
struct socket_register *register_free(struct socket_register *reg);

/* Somebody who wants to know of every call as it is noted. Lives in its owner. */
struct register_listener {
    struct list in_register;
    /* `call` is borrowed until the function returns. It must not make calls on sockets itself: note
     * that something is new, and read it later with register_calls(). */
    void (*added)(void *context, const struct socket_call *call);
    void *context;
};
void register_listen(struct socket_register *reg, struct register_listener *listener);
void register_unlisten(struct register_listener *listener);

/* Copies up to `max` calls, oldest first, from number `since` on (0 and 1: from the first that is
 * still there). `*ret_next` is what to ask for next time; `*ret_lost` (may be NULL) how many calls
 * after `since` the ring no longer has. Returns how many were copied. */
size_t register_calls(const struct socket_register *reg, uint64_t since, struct socket_call *calls,
                      size_t max, uint64_t *ret_next, uint64_t *ret_lost);

/* The number that the next call will have. */
uint64_t register_next(const struct socket_register *reg);

/* The kept calls of one open socket, oldest first; `*ret_dropped` (may be NULL) is how many between
 * the first and the last ones were dropped. The count, or -ENOENT. */
int register_socket_calls(const struct socket_register *reg, uint32_t id,
                          struct socket_call calls[REGISTER_KEPT_MAX], uint32_t *ret_dropped);

/* Ids of the open sockets, oldest first: up to `max`. Returns how many there are. */
size_t register_ids(const struct socket_register *reg, uint32_t *ids, size_t max);

/* The socket `id`, or NULL. Borrowed until the next turn of the loop. */
const struct socket *register_find(const struct socket_register *reg, uint32_t id);

/* Every open socket, oldest first. `each` must neither open nor close one. */
void register_each(const struct socket_register *reg,
                   void (*each)(void *context, const struct socket *socket), void *context);

/* ---- for net/socket.c ---- */

/* Gives the socket an id and puts it into the list. */
void register_enter(struct socket_register *reg, struct socket *socket);

/* Takes it out and frees its kept calls. Legal for one that stands in no register. */
void register_leave(struct socket *socket);

enum register_keep { REGISTER_PASSING, REGISTER_KEPT };

/* Notes a call of `socket`: `format` makes the text up to " = ", the result is put behind it as a
 * number or as errno's name. REGISTER_KEPT stays with the socket, REGISTER_PASSING only in the
 * ring. A lack of memory loses the kept copy, never the call. */
void register_note(struct socket *socket, enum register_keep keep, const char *name, int result,
                   const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The same with the whole text given: "handed to websocket". */
void register_note_text(struct socket *socket, enum register_keep keep, const char *name,
                        int result, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* True when one more call that moves data may be listed for `socket` in this second. */
bool register_data_due(struct socket *socket);

#endif
