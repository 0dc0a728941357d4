#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "protocol/datagram/datagram_replay.h"

#include <stdio.h>
#include <string.h>

static struct datagram_replay *opened;

static int setup(void **state)
{
    (void)state;
    return replay_new(&opened);
}

static int teardown(void **state)
{
    (void)state;
    opened = replay_free(opened);
    return 0;
}

static struct address peer(unsigned number)
{
    char text[64];
    struct address address;
    (void)snprintf(text, sizeof text, "udp:10.%u.%u.1:%u", number >> 8 & 255, number & 255, 7070U);
    assert_int_equal(address_parse(text, NULL, &address, NULL), 0);
    return address;
}

static void keep(const struct address *who, const char *number, const char *answer, int64_t now_ns)
{
    assert_int_equal(replay_keep(opened, who, number, answer, strlen(answer), now_ns), 0);
}

static void expect(const struct address *who, const char *number, const char *answer,
                   int64_t now_ns)
{
    size_t length = 0;
    const char *found = replay_find(opened, who, number, now_ns, &length);
    if (!answer) {
        assert_null(found);
        return;
    }
    assert_non_null(found);
    assert_int_equal(length, strlen(answer));
    assert_memory_equal(found, answer, length);
}

static void replay_tells_apart_peers_and_numbers(void **state)
{
    (void)state;
    enum { PEERS = 10000 }; /* more than the table has places: many share one */
    char answer[16];
    for (unsigned i = 0; i < PEERS; i++) {
        struct address who = peer(i);
        (void)snprintf(answer, sizeof answer, "ok %u", i);
        keep(&who, "#1", answer, 0);
    }
    for (unsigned i = 0; i < PEERS; i++) {
        struct address who = peer(i);
        (void)snprintf(answer, sizeof answer, "ok %u", i);
        expect(&who, "#1", answer, 0);
        expect(&who, "#11", NULL, 0);
    }
}

static void replay_forgets_after_five_seconds(void **state)
{
    (void)state;
    struct address who = peer(1);
    keep(&who, "#1", "ok 1", 0);
    keep(&who, "#2", "ok 2", CLOCK_NS_PER_SECOND);
    expect(&who, "#1", "ok 1", REPLAY_MS * CLOCK_NS_PER_MS - 1);
    expect(&who, "#1", NULL, REPLAY_MS * CLOCK_NS_PER_MS);
    expect(&who, "#2", "ok 2", REPLAY_MS * CLOCK_NS_PER_MS);
    expect(&who, "#2", NULL, (REPLAY_MS + 1000) * CLOCK_NS_PER_MS);
}

static void replay_has_a_ceiling_of_answers_until_they_are_old(void **state)
{
    (void)state;
    char number[16];
    struct address who = peer(1);
    for (unsigned i = 0; i < REPLAY_ANSWERS_MAX; i++) {
        assert_true(replay_has_capacity(opened, 0));
        (void)snprintf(number, sizeof number, "#%u", i);
        keep(&who, number, "ok", 0);
    }
    assert_false(replay_has_capacity(opened, 0));
    expect(&who, "#0", "ok", 0);
    assert_true(replay_has_capacity(opened, REPLAY_MS * CLOCK_NS_PER_MS));
}

static void replay_has_a_ceiling_of_bytes(void **state)
{
    (void)state;
    static char answer[65501];
    struct address who = peer(1);
    char number[16];
    unsigned kept = 0;
    memset(answer, 'x', sizeof answer - 1);
    while (replay_has_capacity(opened, 0) && kept < 1000) {
        (void)snprintf(number, sizeof number, "#%u", kept++);
        keep(&who, number, answer, 0);
    }
    assert_int_equal(kept, REPLAY_BYTES_MAX / (sizeof answer - 1) + 1);
}

#define RULE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest rules[] = {
        RULE(replay_tells_apart_peers_and_numbers),
        RULE(replay_forgets_after_five_seconds),
        RULE(replay_has_a_ceiling_of_answers_until_they_are_old),
        RULE(replay_has_a_ceiling_of_bytes),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
