/* The socket register: the open sockets of the program, and the system calls that it made on them, in
 * order. net/socket.h adds and removes sockets; protocols and demonstrations read the register here. */
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
    /* The last calls of the whole program: some minutes of a household's traffic in 230 kB, of which only
     * the used part is resident. */
    REGISTER_CALLS_MAX = 1024,
    /* Stored with each socket: the first calls created it, the last ones show its present state. */
    REGISTER_KEPT_FIRST = 10,
    REGISTER_KEPT_LAST = 4,
    REGISTER_KEPT_MAX = REGISTER_KEPT_FIRST + REGISTER_KEPT_LAST,
    /* Calls that move data are listed this often a second for each socket, so that one busy client does not
     * displace the calls of all others; the rest is counted. */
    REGISTER_DATA_PER_SECOND = 32,
};

/* 0 or -ENOMEM. */
int register_new(struct socket_register **ret_register);

/* Every socket must be closed before. NULL is legal. */
struct socket_register *register_free(struct socket_register *reg);

/* An observer that is called for every call as it is noted. Plain data in its owner. */
struct register_listener {
    struct list in_register;
    /* `call` is borrowed until the function returns. The function must not make calls on sockets: it may
     * remember that there is a new call, and read it later with register_calls(). */
    void (*added)(void *context, const struct socket_call *call);
    void *context;
};
void register_listen(struct socket_register *reg, struct register_listener *listener);
void register_unlisten(struct register_listener *listener);

/* Copies up to `max` calls, oldest first, from number `since` on (0 and 1: from the first that is
 * still stored). `*ret_next` is the number to continue with; `*ret_lost` (may be NULL) the count of calls
 * after `since` that are no longer stored. Returns how many were copied. */
size_t register_calls(const struct socket_register *reg, uint64_t since, struct socket_call *calls,
                      size_t max, uint64_t *ret_next, uint64_t *ret_lost);

/* The number that the next call will have. */
uint64_t register_next(const struct socket_register *reg);

/* The stored calls of one open socket, oldest first; `*ret_dropped` (may be NULL) is the count of calls
 * between the first and the last ones that are not stored. Returns the count, or -ENOENT. */
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

/* Removes the socket and frees its stored calls. Legal for a socket that is in no register. */
void register_leave(struct socket *socket);

enum register_keep { REGISTER_PASSING, REGISTER_KEPT };

/* Notes a call of `socket`: `format` makes the text up to " = ", which the result follows as a number or
 * as errno's name. A REGISTER_KEPT call is stored with the socket as well, a REGISTER_PASSING one only in
 * the ring. Without memory the copy of the socket is missing, never the call in the ring. */
void register_note(struct socket *socket, enum register_keep keep, const char *name, int result,
                   const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The same with the whole text given: "handed to websocket". */
void register_note_text(struct socket *socket, enum register_keep keep, const char *name,
                        int result, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* True when one more call that moves data may be listed for `socket` in this second. */
bool register_data_due(struct socket *socket);

#endif
