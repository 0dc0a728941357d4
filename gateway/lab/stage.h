/* Where a demonstration is played: sockets that record what they do. Each function makes the call that it is
 * named after and writes down the call, and the kernel's word on every socket. For lab/demonstration*.c. */
#ifndef LAB_STAGE_H
#define LAB_STAGE_H

#include "lab/demonstration.h"
#include "net/address.h"
#include "net/socket.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct packet;

/* One demonstration while it runs. A function that fails in a way that ends the scene sets `error` and `failed`;
 * after that, all do nothing. What the lesson wants to fail is returned only. */
struct stage {
    struct socket_register *reg;
    struct demonstration *result;
    struct socket sockets[DEMONSTRATION_ACTORS_MAX];
    uint64_t next_call;    /* of the register */
    struct packet *packet; /* borrowed; NULL where segments are not seen */
    uint64_t next_segment;
    int64_t until_ns;
    int error;
    const char *failed; /* a literal */
};

/* Sets it up; `result` and `packet` (may be NULL) are borrowed, and `result` has no call yet. */
void stage_begin(struct stage *stage, struct socket_register *reg, struct packet *packet,
                 struct demonstration *result);

/* Closes what is still open, without recording it. */
void stage_end(struct stage *stage);

/* A new actor; its socket is not open yet. */
unsigned stage_add(struct stage *stage, const char *name, unsigned number, bool is_server);

void stage_open(struct stage *stage, unsigned actor, int type);

/* To 127.0.0.1 at any port, and asks for the port. */
void stage_bind(struct stage *stage, unsigned actor);

/* To an address of the lesson's own choice: may fail. 0 or a negative errno. */
int stage_bind_at(struct stage *stage, unsigned actor, const struct address *address);

int stage_set(struct stage *stage, unsigned actor, int option, int value);
void stage_listen(struct stage *stage, unsigned actor, int backlog);

/* Asks for the connection, waits until it is there or refused, and asks for its own port. Not waited for
 * where `is_waiting` is false: a queue that is full answers nothing. */
int stage_connect(struct stage *stage, unsigned actor, unsigned server, bool is_waiting);

/* -EAGAIN where no connection waits, which the answer reports, too. */
int stage_accept(struct stage *stage, unsigned server, unsigned connection);

/* All bytes, or a negative errno. `text` ends at its zero; stage_send_bytes takes any length. */
ssize_t stage_send(struct stage *stage, unsigned actor, const char *text);
ssize_t stage_receive(struct stage *stage, unsigned actor, size_t size);
ssize_t stage_send_to(struct stage *stage, unsigned actor, const void *bytes, size_t length,
                      const struct address *to);
ssize_t stage_receive_from(struct stage *stage, unsigned actor, size_t size,
                           struct address *ret_from);

void stage_shut_write(struct stage *stage, unsigned actor);
void stage_close(struct stage *stage, unsigned actor);

#endif
