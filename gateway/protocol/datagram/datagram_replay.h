/* Answers of the last seconds by peer and number, so that a request that was sent twice is acted upon
 * once. Only peers that have authenticated are remembered. */
#ifndef PROTOCOL_DATAGRAM_REPLAY_H
#define PROTOCOL_DATAGRAM_REPLAY_H

#include "net/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct datagram_replay;

enum {
    REPLAY_MS = 5000,           /* how long an answer is remembered */
    REPLAY_ANSWERS_MAX = 16384, /* beyond it requests are refused, not forgotten: at most once */
    REPLAY_BYTES_MAX = 2097152, /* of all answers together */
    REPLAY_NUMBER_SIZE = 80,    /* a number, or a JSON-RPC id as text */
};

/* 0 or -ENOMEM. */
int replay_new(struct datagram_replay **ret_replay);
struct datagram_replay *replay_free(struct datagram_replay *replay);

/* The answer that `peer` got to `number` within REPLAY_MS, or NULL. Borrowed until the next call. */
const char *replay_find(struct datagram_replay *replay, const struct address *peer,
                        const char *number, int64_t now_ns, size_t *ret_length);

/* True when one more answer can be remembered: ask before acting. */
bool replay_has_capacity(struct datagram_replay *replay, int64_t now_ns);

/* Remembers an answer; copies everything. 0 or -ENOMEM. */
int replay_keep(struct datagram_replay *replay, const struct address *peer, const char *number,
                const char *answer, size_t length, int64_t now_ns);

#endif
