#include "protocol/datagram/datagram_replay.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/list.h"
#include "base/owner.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 4096 }; /* a power of two */

struct answer {
    struct list in_order; /* the oldest first */
    struct answer *next;  /* in its bucket */
    struct address peer;
    int64_t until_ns;
    size_t length;
    char number[REPLAY_NUMBER_SIZE];
    char bytes[];
};

struct datagram_replay {
    struct list order;
    size_t count, bytes;
    struct answer *buckets[BUCKETS];
};

static struct answer **bucket_of(struct datagram_replay *replay, const struct address *peer,
                                 const char *number)
{
    uint8_t host[ADDRESS_HOST_BYTES];
    unsigned port = address_port(peer);
    uint64_t hash = hash_bytes(HASH_SEED, host, address_host_bytes(peer, host));
    hash = hash_bytes(hash, &port, sizeof port);
    hash = hash_bytes(hash, number, strlen(number));
    return &replay->buckets[(hash ^ hash >> 32) & (BUCKETS - 1)];
}

int replay_new(struct datagram_replay **ret_replay)
{
    struct datagram_replay *replay = calloc(1, sizeof *replay);
    if (!replay)
        return -ENOMEM;
    list_init(&replay->order);
    *ret_replay = replay;
    return 0;
}

static void forget(struct datagram_replay *replay, struct answer *answer)
{
    struct answer **link = bucket_of(replay, &answer->peer, answer->number);
    while (*link != answer)
        link = &(*link)->next;
    *link = answer->next;
    list_remove(&answer->in_order);
    replay->count--;
    replay->bytes -= answer->length;
    free(answer);
}

static void forget_old(struct datagram_replay *replay, int64_t now_ns)
{
    LIST_FOR_EACH (member, &replay->order) {
        struct answer *answer = CONTAINER_OF(member, struct answer, in_order);
        if (answer->until_ns > now_ns)
            return;
        forget(replay, answer);
    }
}

struct datagram_replay *replay_free(struct datagram_replay *replay)
{
    if (replay)
        forget_old(replay, INT64_MAX);
    free(replay);
    return NULL;
}

const char *replay_find(struct datagram_replay *replay, const struct address *peer,
                        const char *number, int64_t now_ns, size_t *ret_length)
{
    forget_old(replay, now_ns);
    for (struct answer *answer = *bucket_of(replay, peer, number); answer; answer = answer->next) {
        if (strcmp(answer->number, number) == 0 && address_equals(&answer->peer, peer)) {
            *ret_length = answer->length;
            return answer->bytes;
        }
    }
    return NULL;
}

bool replay_has_capacity(struct datagram_replay *replay, int64_t now_ns)
{
    forget_old(replay, now_ns);
    return replay->count < REPLAY_ANSWERS_MAX && replay->bytes < REPLAY_BYTES_MAX;
}

int replay_keep(struct datagram_replay *replay, const struct address *peer, const char *number,
                const char *bytes, size_t length, int64_t now_ns)
{
    size_t number_length = strlen(number);
    struct answer *answer =
        number_length < REPLAY_NUMBER_SIZE ? calloc(1, sizeof *answer + length) : NULL;
    if (!answer)
        return -ENOMEM;
    answer->peer = *peer;
    answer->until_ns = now_ns + REPLAY_MS * CLOCK_NS_PER_MS;
    answer->length = length;
    (void)snprintf(answer->number, sizeof answer->number, "%s", number);
    memcpy(answer->bytes, bytes, length);
    struct answer **bucket = bucket_of(replay, peer, number);
    answer->next = *bucket;
    *bucket = answer;
    list_append(&replay->order, &answer->in_order);
    replay->count++;
    replay->bytes += length;
    return 0;
}
