/* TCP against UDP on loopback: the same numbered messages through both, with small receive buffers
 * and a reader who takes one thing for every few that are sent. The stream loses the borders and keeps
 * the order; the datagrams keep their borders and lose what finds no room. */
#ifndef LAB_TCP_UDP_DEMO_H
#define LAB_TCP_UDP_DEMO_H

#include <stdbool.h>
#include <stdint.h>

struct socket_register;

enum {
    TCP_UDP_DEMO_MESSAGES_MAX = 200,
    TCP_UDP_DEMO_MESSAGE_BYTES = 512,  /* of one message; the number stands in front */
    TCP_UDP_DEMO_READS_MAX = 512,      /* reads of the stream that are listed one by one */
    TCP_UDP_DEMO_BUFFER_BYTES = 16384, /* SO_RCVBUF that is asked for; Linux doubles it */
    TCP_UDP_DEMO_READ_BYTES = 700,     /* of the stream's reader: no multiple of a message */
    TCP_UDP_DEMO_SENDS_PER_READ = 4,
    TCP_UDP_DEMO_MAX_MS = 20, /* the loop waits for it; usually it takes 2 */
};

struct demo {
    unsigned messages; /* sent through each */

    unsigned stream_sends;    /* calls of send(2) that took bytes */
    unsigned stream_waits;    /* times when the sender had to wait: flow control */
    unsigned stream_bytes;    /* received */
    unsigned stream_messages; /* whole ones found in the received bytes */
    bool stream_in_order;
    unsigned read_count;                    /* calls of recv(2) */
    uint16_t reads[TCP_UDP_DEMO_READS_MAX]; /* bytes of each, up to that many */
    unsigned stream_cut;                    /* reads that ended inside of a message */

    unsigned datagram_sends;
    unsigned datagram_received;
    bool datagram_in_order;
    unsigned datagram_cut; /* received with another length than sent: always 0 */
    uint16_t numbers[TCP_UDP_DEMO_MESSAGES_MAX]; /* of the received ones, in that order */

    int64_t duration_ns;
    bool whole; /* false when EXPERIMENT_MAX_MS ended it */
};

/* Runs it with 1 to EXPERIMENT_MESSAGES_MAX messages; its sockets and calls stand in the register.
 * 0, -EINVAL, or the negative errno of the call named in `*ret_call`. */
int demo_run(struct socket_register *reg, unsigned messages, struct demo *ret,
             const char **ret_call);

#endif
