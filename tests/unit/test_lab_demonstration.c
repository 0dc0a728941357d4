#include "net_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "lab/demonstration.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static struct demonstration demo;

/* Plays the step and prints it: what a reader of the lesson sees. */
static void play(struct net_rig *rig, const char *step)
{
    const char *failed = NULL;
    assert_int_equal(demonstration_run(rig->net, step, &demo, &failed), 0);
    for (size_t i = 0; i < demo.call_count; i++) {
        const struct demonstration_call *row = &demo.calls[i];
        (void)printf("  %s%u %s \"%s\"", demo.actors[row->actor].name,
                     demo.actors[row->actor].number, row->call.text, row->data);
        for (size_t j = 0; j < demo.actor_count; j++)
            (void)printf(" %s/%u,%d", row->after[j].state ? row->after[j].state : "-",
                         row->after[j].queue_now, row->after[j].in_bytes);
        (void)printf("\n");
    }
    assert_int_equal(register_ids(net_register(rig->net), NULL, 0), 0);
}

/* The `nth` call of that name, counted from 0; the test fails where there is none. */
static const struct demonstration_call *nth(const char *name, unsigned n)
{
    for (size_t i = 0; i < demo.call_count; i++)
        if (strcmp(demo.calls[i].call.name, name) == 0 && n-- == 0)
            return &demo.calls[i];
    fail_msg("%s has no such %s()", demo.step, name);
    return NULL;
}

static unsigned count_of(const char *name)
{
    unsigned count = 0;
    for (size_t i = 0; i < demo.call_count; i++)
        count += strcmp(demo.calls[i].call.name, name) == 0;
    return count;
}

static const char *state(const struct demonstration_call *row, unsigned actor)
{
    return row->after[actor].state ? row->after[actor].state : "closed";
}

static void every_step_plays_and_leaves_nothing_open(void **context)
{
    for (size_t i = 0; demonstration_name(i); i++) {
        play(*context, demonstration_name(i));
        assert_string_equal(demo.step, demonstration_name(i));
        assert_in_range(demo.call_count, 6, DEMONSTRATION_CALLS_MAX - 1);
        assert_true(demo.duration_ns < 2 * DEMONSTRATION_MAX_MS * INT64_C(1000000));
        assert_string_equal(demo.calls[0].call.name, "socket");
    }
}

static void step_without_that_name_is_refused(void **context)
{
    struct net_rig *rig = *context;
    const char *failed;
    assert_int_equal(demonstration_run(rig->net, "nonsense", &demo, &failed), -EINVAL);
    assert_int_equal(demonstration_run(rig->net, "", &demo, &failed), -EINVAL);
}

static void two_clients_share_the_servers_port_and_differ_in_their_own(void **context)
{
    play(*context, "socket");
    const char *first = strstr(nth("accept4", 0)->call.text, "from ");
    const char *second = strstr(nth("accept4", 1)->call.text, "from ");
    assert_non_null(first);
    assert_non_null(second);
    assert_string_not_equal(first, second);
    assert_int_not_equal(demo.port, 0);
}

static void tcp_goes_both_ways_and_tells_the_end(void **context)
{
    play(*context, "tcp");
    assert_string_equal(nth("recv", 0)->data, "toggle red");
    assert_string_equal(nth("recv", 1)->data, "ok red=1");
    assert_int_equal(nth("recv", 2)->call.result, 0);
    assert_string_equal(state(nth("listen", 0), 0), "LISTEN");
    assert_string_equal(state(nth("accept4", 0), 2), "ESTABLISHED");
    assert_int_equal(count_of("close"), 3);
}

static void segments_of_tcp_are_those_of_its_flow(void **context)
{
    play(*context, "tcp");
    if (demo.segment_error)
        skip();
    char flags[SEGMENT_FLAGS_SIZE];
    static const char *const shake[] = {"SYN", "SYN ACK", "ACK"};
    assert_in_range(demo.segment_count, 7, DEMONSTRATION_SEGMENTS_MAX);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(segment_flags(demo.segments[i].segment.flags, flags), shake[i]);
        assert_int_equal(demo.segments[i].segment.incoming, i != 1);
        assert_string_equal(demo.calls[demo.segments[i].call].call.name, "connect");
    }
    unsigned bytes = 0;
    bool is_ended = false;
    for (size_t i = 0; i < demo.segment_count; i++) {
        bytes += demo.segments[i].segment.payload_bytes;
        is_ended = is_ended || (demo.segments[i].segment.flags & SEGMENT_FIN) != 0;
    }
    assert_int_equal(bytes, strlen("toggle red") + strlen("ok red=1"));
    assert_true(is_ended);
}

static void udp_answers_whom_the_message_came_from(void **context)
{
    play(*context, "udp");
    assert_string_equal(nth("recvmsg", 0)->data, "toggle red");
    assert_string_equal(nth("recvmsg", 1)->data, "ok red=1");
    assert_int_equal(count_of("listen") + count_of("accept4") + count_of("connect"), 0);
}

static void stream_joins_messages_and_datagrams_keep_them(void **context)
{
    play(*context, "compare");
    assert_int_equal(count_of("recv"), 1);
    assert_string_equal(nth("recv", 0)->data, "one two three ");
    assert_int_equal(count_of("recvmsg"), 3);
    assert_string_equal(nth("recvmsg", 1)->data, "two ");
}

static void full_buffer_loses_datagrams_that_were_sent_with_success(void **context)
{
    play(*context, "loss");
    unsigned sent = count_of("sendto");
    for (unsigned i = 0; i < sent; i++)
        assert_true(nth("sendto", i)->call.result > 0);
    unsigned asked = count_of("recvmsg"); /* the last one finds nothing */
    assert_int_equal(nth("recvmsg", asked - 1)->call.result, -EAGAIN);
    assert_in_range(asked - 1, 1, sent - 1);
}

static void one_datagram_socket_serves_three(void **context)
{
    play(*context, "many");
    assert_int_equal(count_of("socket"), 4);
    assert_int_equal(count_of("recvmsg"), 6);
}

static void longest_datagram_is_65507_bytes(void **context)
{
    play(*context, "limit");
    assert_int_equal(nth("sendto", 0)->call.result, 65507);
    assert_int_equal(nth("recvmsg", 0)->call.result, 65507);
    assert_int_equal(nth("sendto", 1)->call.result, -EMSGSIZE);
    /* Cut for the reader, and the rest is gone, not next. */
    assert_string_equal(nth("recvmsg", 1)->data, "toggle");
    assert_non_null(strstr(nth("recvmsg", 1)->call.text, "MSG_TRUNC"));
    assert_int_equal(nth("recvmsg", 2)->call.result, -EAGAIN);
}

static void port_is_bound_once_and_only_at_our_addresses(void **context)
{
    play(*context, "bind");
    assert_int_equal(nth("bind", 0)->call.result, 0);
    assert_int_equal(nth("bind", 1)->call.result, -EADDRINUSE);
    assert_int_equal(nth("bind", 2)->call.result, -EADDRNOTAVAIL);
}

static void queue_for_one_holds_two_and_the_others_wait(void **context)
{
    play(*context, "listen");
    const struct demonstration_call *last = &demo.calls[demo.call_count - 1];
    assert_int_equal(last->after[0].queue_now, 2);
    assert_int_equal(last->after[0].queue_max, 1);
    assert_string_equal(state(last, 1), "ESTABLISHED");
    assert_string_equal(state(last, 2), "ESTABLISHED");
    assert_string_equal(state(last, 3), "SYN_SENT");
    assert_string_equal(state(last, 4), "SYN_SENT");
}

static void connection_stands_before_accept(void **context)
{
    play(*context, "accept");
    const struct demonstration_call *accept = nth("accept4", 0);
    const struct demonstration_call *before = accept - 1;
    assert_string_equal(state(before, 1), "ESTABLISHED");
    assert_int_equal(before->after[0].queue_now, 1);
    assert_int_equal(accept->after[0].queue_now, 0);
    assert_int_equal(accept->after[2].in_bytes, 10);
    assert_int_equal(nth("accept4", 1)->call.result, -EAGAIN);
}

static void port_where_nobody_listens_refuses(void **context)
{
    play(*context, "connect");
    assert_non_null(strstr(nth("getsockopt", 0)->call.text, "ECONNREFUSED"));
    assert_non_null(strstr(nth("getsockopt", 1)->call.text, "connected"));
    assert_string_equal(nth("connect", 2)->call.name, "connect");
    assert_int_equal(nth("connect", 2)->call.result, 0);
    assert_int_equal(nth("send", 1)->call.result, -ECONNREFUSED);
}

static void each_direction_ends_by_itself(void **context)
{
    play(*context, "close");
    /* FIN_WAIT1 until the other side's acknowledgement has come, FIN_WAIT2 after it. */
    assert_int_equal(strncmp(state(nth("shutdown", 0), 1), "FIN_WAIT", 8), 0);
    assert_string_equal(state(nth("shutdown", 0), 2), "CLOSE_WAIT");
    assert_int_equal(nth("recv", 0)->call.result, 0);
    assert_string_equal(nth("recv", 1)->data, "bye");
    assert_int_equal(nth("send", 2)->call.result, -EPIPE);
}

#define RULE(name) cmocka_unit_test_setup_teardown(name, net_rig_setup, net_rig_teardown)

int main(void)
{
    const struct CMUnitTest rules[] = {
        RULE(every_step_plays_and_leaves_nothing_open),
        RULE(step_without_that_name_is_refused),
        RULE(two_clients_share_the_servers_port_and_differ_in_their_own),
        RULE(tcp_goes_both_ways_and_tells_the_end),
        RULE(segments_of_tcp_are_those_of_its_flow),
        RULE(udp_answers_whom_the_message_came_from),
        RULE(stream_joins_messages_and_datagrams_keep_them),
        RULE(full_buffer_loses_datagrams_that_were_sent_with_success),
        RULE(one_datagram_socket_serves_three),
        RULE(longest_datagram_is_65507_bytes),
        RULE(port_is_bound_once_and_only_at_our_addresses),
        RULE(queue_for_one_holds_two_and_the_others_wait),
        RULE(connection_stands_before_accept),
        RULE(port_where_nobody_listens_refuses),
        RULE(each_direction_ends_by_itself),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
