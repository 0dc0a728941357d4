#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "net/listener.h"
#include "net/stream.h"
#include "protocol/send_queue.h"
#include "protocol/text/text_command.h"
#include "protocol_rig.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* An outlet with its peer: a plain socket that reads when the test says so. */
struct bench {
    struct protocol_rig *rig;
    struct listener *listener;
    struct stream *stream;
    struct send_queue send_queue;
    struct buffer got; /* what the peer has read */
    char folder[32];
    int peer;
    unsigned readable, ended;
    bool reads; /* the client takes what it is sent */
};

static void on_readable(void *context)
{
    struct bench *bench = context;
    char bytes[64];
    bench->readable++;
    if (bench->reads && stream_read(bench->stream, bytes, sizeof bytes) == 0)
        send_queue_done(&bench->send_queue);
}

static void on_ended(void *context)
{
    struct bench *bench = context;
    bench->ended++;
    send_queue_done(&bench->send_queue);
}

static void on_accepted(void *context, struct stream *stream)
{
    struct bench *bench = context;
    bench->stream = stream;
}

static void connect_peer(struct bench *bench)
{
    struct address address;
    const struct listener_events events = {.context = bench, .accepted = on_accepted};
    const struct listener_options options = {
        .owner = "line", .socket_mode = 0600, .socket_group = (gid_t)-1, .inherited_fd = -1};
    const char *call;
    int small = 4096;
    assert_int_equal(address_parse("unix:s", bench->folder, &address, NULL), 0);
    assert_int_equal(
        listener_open(bench->rig->net, &address, &options, &events, &bench->listener, &call), 0);
    bench->peer = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(bench->peer >= 0);
    assert_int_equal(connect(bench->peer, &address.any, address.length), 0);
    for (int i = 0; i < 50 && !bench->stream; i++)
        protocol_rig_run_ms(bench->rig, 2);
    assert_non_null(bench->stream);
    assert_int_equal(
        setsockopt(stream_fd(bench->stream), SOL_SOCKET, SO_SNDBUF, &small, sizeof small), 0);
}

static int open_bench(void **state, int (*set_up)(void **state))
{
    struct bench *bench = calloc(1, sizeof *bench);
    void *rig = NULL;
    if (!bench || set_up(&rig)) {
        free(bench);
        return -1;
    }
    bench->rig = rig;
    bench->reads = true;
    buffer_init(&bench->got, 64 * 1024 * 1024);
    (void)snprintf(bench->folder, sizeof bench->folder, "/tmp/outlet-XXXXXX");
    assert_non_null(mkdtemp(bench->folder));
    connect_peer(bench);
    const struct send_queue_events events = {
        .context = bench, .readable = on_readable, .ended = on_ended};
    *state = bench;
    return send_queue_init(&bench->send_queue, bench->rig->loop, bench->rig->service.feed,
                           bench->stream, &events);
}

static int set_up(void **state)
{
    return open_bench(state, protocol_rig_setup);
}

static int set_up_small(void **state)
{
    return open_bench(state, protocol_rig_setup_small);
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    void *rig = bench->rig;
    send_queue_done(&bench->send_queue);
    stream_close(bench->stream);
    listener_close(bench->listener);
    if (bench->peer >= 0)
        (void)close(bench->peer);
    buffer_done(&bench->got);
    int error = rmdir(bench->folder);
    free(bench);
    return protocol_rig_teardown(&rig) || error;
}

/* The peer reads what is there, while the loop runs, until nothing comes any more. */
static const char *take_all(struct bench *bench)
{
    char bytes[65536];
    for (int idle = 0; idle < 3; idle++) {
        protocol_rig_run_ms(bench->rig, 1);
        ssize_t got;
        while ((got = recv(bench->peer, bytes, sizeof bytes, MSG_DONTWAIT)) > 0) {
            assert_int_equal(buffer_append(&bench->got, bytes, (size_t)got), 0);
            idle = 0;
        }
    }
    return buffer_text(&bench->got);
}

static void follow(struct bench *bench)
{
    send_queue_follow(&bench->send_queue, &text_format,
                      feed_begin(bench->rig->service.feed, NULL, false), ROLE_VIEWER);
}

/* A format of long lines, so that a few hundred events are more than a kernel's queue. */
enum { LONG_BYTES = 200 };

static int put_long(struct buffer *buffer, struct circuit *circuit, const struct event *event)
{
    (void)circuit;
    return buffer_printf(buffer, "%0*llu\n", LONG_BYTES - 1, (unsigned long long)event->seq);
}

static const struct feed_format long_format = {.event = put_long};

static void follow_long(struct bench *bench)
{
    send_queue_follow(&bench->send_queue, &long_format,
                      feed_begin(bench->rig->service.feed, NULL, false), ROLE_VIEWER);
}

static void say(struct bench *bench, size_t length)
{
    char *bytes = malloc(length);
    assert_non_null(bytes);
    memset(bytes, 'a', length);
    assert_int_equal(send_queue_append(&bench->send_queue, bytes, length), 0);
    free(bytes);
}

static void send_queue_sends_what_is_said_in_its_order(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(send_queue_append(&bench->send_queue, "ok ", 3), 0);
    assert_int_equal(send_queue_append(&bench->send_queue, "red\n", 4), 0);
    assert_false(send_queue_is_empty(&bench->send_queue));
    send_queue_pump(&bench->send_queue);
    assert_true(send_queue_is_empty(&bench->send_queue));
    assert_string_equal(take_all(bench), "ok red\n");
}

static void send_queue_sends_events_behind_what_was_said(void **state)
{
    struct bench *bench = *state;
    follow(bench);
    protocol_rig_toggle(bench->rig, 2);
    assert_int_equal(send_queue_append(&bench->send_queue, "ok\n", 3), 0);
    send_queue_pump(&bench->send_queue);
    assert_string_equal(take_all(bench), "ok\nevent 5 red 1 toggle\nevent 6 red 0 toggle\n");
}

static void send_queue_that_follows_nothing_sends_no_event(void **state)
{
    struct bench *bench = *state;
    follow(bench);
    send_queue_follow(&bench->send_queue, NULL, (struct feed_cursor){0}, ROLE_VIEWER);
    protocol_rig_toggle(bench->rig, 2);
    send_queue_pump(&bench->send_queue);
    assert_string_equal(take_all(bench), "");
}

static void send_queue_of_a_slow_reader_keeps_little_and_loses_nothing(void **state)
{
    struct bench *bench = *state;
    follow_long(bench);
    protocol_rig_toggle(bench->rig, 1000);
    for (int i = 0; i < 50; i++) {
        send_queue_pump(&bench->send_queue);
        assert_true(bench->send_queue.out.length < SEND_QUEUE_EVENTS_BYTES + LONG_BYTES);
    }
    assert_true(feed_has_next(bench->rig->service.feed, &bench->send_queue.cursor));
    const char *text = take_all(bench);
    for (int seq = 5; seq < 1005; seq++) {
        char line[LONG_BYTES + 1];
        (void)snprintf(line, sizeof line, "%0*d\n", LONG_BYTES - 1, seq);
        assert_memory_equal(text, line, LONG_BYTES);
        text += LONG_BYTES;
    }
    assert_string_equal(text, "");
}

static void send_queue_draws_one_portion_a_turn(void **state)
{
    struct bench *bench = *state;
    int large = 4 * 1024 * 1024;
    assert_int_equal(
        setsockopt(stream_fd(bench->stream), SOL_SOCKET, SO_SNDBUF, &large, sizeof large), 0);
    follow_long(bench);
    protocol_rig_toggle(bench->rig, 1000);
    send_queue_pump(&bench->send_queue);
    assert_true(bench->send_queue.cursor.seen < 4 + 2 * SEND_QUEUE_EVENTS_BYTES / LONG_BYTES);
    (void)take_all(bench);
    assert_int_equal(bench->send_queue.cursor.seen, 1004);
}

static void send_queue_sends_a_snapshot_when_the_ring_has_passed_a_slow_reader(void **state)
{
    struct bench *bench = *state;
    follow(bench);
    protocol_rig_toggle(bench->rig, JOURNAL_EVENTS_MIN + 1);
    send_queue_pump(&bench->send_queue);
    const char *text = take_all(bench);
    assert_null(strstr(text, "event"));
    assert_non_null(strstr(text, "red 1 21\n"));
    protocol_rig_toggle(bench->rig, 1);
    send_queue_pump(&bench->send_queue);
    assert_non_null(strstr(take_all(bench), "event 22 red 0 toggle\n"));
}

static void send_queue_goes_on_by_itself_when_its_reader_does(void **state)
{
    struct bench *bench = *state;
    say(bench, 1000 * 1000);
    send_queue_pump(&bench->send_queue);
    assert_false(send_queue_is_empty(&bench->send_queue));
    (void)take_all(bench);
    assert_int_equal(bench->got.length, 1000 * 1000);
    assert_true(send_queue_is_empty(&bench->send_queue));
}

static void send_queue_reads_nothing_from_a_client_that_leaves_its_answers(void **state)
{
    struct bench *bench = *state;
    say(bench, SEND_QUEUE_READ_PAUSE_BYTES + 100 * 1024);
    send_queue_pump(&bench->send_queue);
    assert_int_equal(write(bench->peer, "get\n", 4), 4);
    protocol_rig_run_ms(bench->rig, 5);
    assert_int_equal(bench->readable, 0);
    (void)take_all(bench);
    assert_true(bench->readable > 0);
}

static void send_queue_refuses_more_than_its_ceiling(void **state)
{
    struct bench *bench = *state;
    say(bench, SEND_QUEUE_MAX_BYTES);
    assert_int_equal(send_queue_append(&bench->send_queue, "x", 1), -ENOBUFS);
    assert_int_equal(bench->send_queue.out.length, SEND_QUEUE_MAX_BYTES);
}

static void send_queue_lets_the_last_bytes_of_a_peer_that_left_be_read(void **state)
{
    struct bench *bench = *state;
    bench->reads = false;
    (void)close(bench->peer);
    bench->peer = -1;
    protocol_rig_run_ms(bench->rig, 5);
    assert_true(bench->readable > 0);
    assert_int_equal(bench->ended, 0);
}

static void send_queue_tells_the_end_when_a_write_finds_it(void **state)
{
    struct bench *bench = *state;
    (void)close(bench->peer);
    bench->peer = -1;
    assert_int_equal(send_queue_append(&bench->send_queue, "x", 1), 0);
    send_queue_pump(&bench->send_queue);
    assert_int_equal(bench->ended, 1);
}

static void send_queue_hands_a_half_closed_peer_to_its_reader(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(shutdown(bench->peer, SHUT_WR), 0);
    protocol_rig_run_ms(bench->rig, 5);
    assert_int_equal(bench->readable, 1);
    assert_int_equal(bench->ended, 0);
}

static void send_queue_that_is_finished_still_sends_what_waits(void **state)
{
    struct bench *bench = *state;
    say(bench, 100 * 1000);
    send_queue_pump(&bench->send_queue);
    assert_false(send_queue_is_empty(&bench->send_queue));
    send_queue_finish(&bench->send_queue);
    bench->stream = NULL; /* it was taken */
    (void)take_all(bench);
    assert_int_equal(bench->got.length, 100 * 1000);
    assert_int_equal(bench->ended, 0);
    char byte;
    assert_int_equal(recv(bench->peer, &byte, 1, 0), 0);
}

#define SEND_QUEUE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SEND_QUEUE_TEST(send_queue_sends_what_is_said_in_its_order),
        SEND_QUEUE_TEST(send_queue_sends_events_behind_what_was_said),
        SEND_QUEUE_TEST(send_queue_that_follows_nothing_sends_no_event),
        SEND_QUEUE_TEST(send_queue_of_a_slow_reader_keeps_little_and_loses_nothing),
        SEND_QUEUE_TEST(send_queue_draws_one_portion_a_turn),
        cmocka_unit_test_setup_teardown(
            send_queue_sends_a_snapshot_when_the_ring_has_passed_a_slow_reader, set_up_small,
            tear_down),
        SEND_QUEUE_TEST(send_queue_goes_on_by_itself_when_its_reader_does),
        SEND_QUEUE_TEST(send_queue_reads_nothing_from_a_client_that_leaves_its_answers),
        SEND_QUEUE_TEST(send_queue_refuses_more_than_its_ceiling),
        SEND_QUEUE_TEST(send_queue_lets_the_last_bytes_of_a_peer_that_left_be_read),
        SEND_QUEUE_TEST(send_queue_tells_the_end_when_a_write_finds_it),
        SEND_QUEUE_TEST(send_queue_hands_a_half_closed_peer_to_its_reader),
        SEND_QUEUE_TEST(send_queue_that_is_finished_still_sends_what_waits),
    };
    return cmocka_run_group_tests_name("protocol_outlet", tests, NULL, NULL);
}
