#include "net_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/owner.h"
#include "lab/capture.h"
#include "lab/pcapng.h"
#include "net/packet.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char secret[] = "auth 0123456789abcdef0123456789abcdef\n";

struct fixture {
    struct net_rig *rig;
    struct capture *capture;
    struct capture_view view;
    int clients[2];
    uint32_t ids[2];
};

static struct fixture fixture;

static int setup(void **state)
{
    void *rig = NULL;
    fixture = (struct fixture){.clients = {-1, -1}};
    if (net_rig_setup(&rig))
        return -1;
    fixture.rig = rig;
    assert_int_equal(net_rig_listen(rig, "127.0.0.1:0", NULL), 0);
    for (unsigned i = 0; i < 2; i++) {
        fixture.clients[i] = net_rig_connect(rig);
        assert_true(net_rig_accept(rig, i + 1));
        fixture.ids[i] = stream_id(fixture.rig->streams[i]);
    }
    assert_int_equal(capture_new(fixture.rig->loop, fixture.rig->net, &fixture.capture), 0);
    *state = rig;
    return 0;
}

static int teardown(void **state)
{
    capture_free(fixture.capture);
    for (unsigned i = 0; i < 2; i++)
        (void)close(fixture.clients[i]);
    return net_rig_teardown(state);
}

/* Reads connection `index`; the test is skipped where the process may not capture. */
static size_t read_connection(unsigned index, uint64_t since)
{
    assert_int_equal(capture_read(fixture.capture, fixture.ids[index], since, &fixture.view), 0);
    if (fixture.view.error == -EPERM)
        skip();
    assert_int_equal(fixture.view.error, 0);
    return fixture.view.count;
}

static void say(unsigned index)
{
    assert_int_equal(send(fixture.clients[index], secret, sizeof secret - 1, 0), sizeof secret - 1);
    net_rig_run_ms(fixture.rig, 10);
}

static void a_read_shows_one_connection_alone(void **state)
{
    (void)state;
    assert_int_equal(read_connection(0, 0), 0);
    assert_int_equal(read_connection(1, 0), 0);
    say(0);
    assert_int_equal(read_connection(1, 0), 0);
    assert_int_equal(read_connection(0, 0), 2); /* the bytes, and their acknowledgement */
    assert_true(fixture.view.segments[0].incoming);
    assert_int_equal(fixture.view.segments[0].payload_bytes, sizeof secret - 1);
}

static void a_read_goes_on_where_the_last_one_ended(void **state)
{
    (void)state;
    (void)read_connection(0, 0);
    say(0);
    (void)read_connection(0, fixture.view.next);
    say(0);
    assert_int_equal(read_connection(0, fixture.view.next), 2);
    assert_int_equal(read_connection(0, fixture.view.next), 0);
}

static void a_connection_that_is_not_there_is_refused(void **state)
{
    (void)state;
    assert_int_equal(capture_read(fixture.capture, 999999, 0, &fixture.view), -ENOENT);
    struct buffer file;
    buffer_init(&file, CAPTURE_SAVE_MAX_BYTES);
    assert_int_equal(capture_save(fixture.capture, 999999, &file), -ENOENT);
    assert_int_equal(file.length, 0);
    buffer_done(&file);
}

static void a_saved_capture_holds_headers_and_no_payload(void **state)
{
    (void)state;
    struct buffer file;
    (void)read_connection(0, 0);
    (void)read_connection(1, 0);
    say(0);
    say(1);
    buffer_init(&file, CAPTURE_SAVE_MAX_BYTES);
    assert_int_equal(capture_save(fixture.capture, fixture.ids[0], &file), 0);
    assert_null(memmem(file.data, file.length, "auth", 4));
    assert_null(memmem(file.data, file.length, "0123456789abcdef", 16));
    struct buffer head;
    buffer_init(&head, CAPTURE_SAVE_MAX_BYTES);
    assert_int_equal(pcapng_begin(&head), 0);
    assert_memory_equal(file.data, head.data, head.length);
    /* Two segments: 20 + 20 (or 32) bytes of headers each, 44 around them. */
    assert_in_range(file.length - head.length, 2 * (44 + 40), 2 * (44 + 60));
    buffer_done(&head);
    buffer_done(&file);
}

static void a_full_capture_fits_into_the_saved_file(void **state)
{
    (void)state;
    struct segment segment = {.header_length = SEGMENT_HEADERS_MAX};
    struct buffer file;
    buffer_init(&file, CAPTURE_SAVE_MAX_BYTES);
    assert_int_equal(pcapng_begin(&file), 0);
    for (size_t i = 0; i < PACKET_SEGMENTS_MAX; i++)
        assert_int_equal(pcapng_add(&file, &segment), 0);
    buffer_done(&file);
}

#define RULE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest rules[] = {
        RULE(a_read_shows_one_connection_alone),
        RULE(a_read_goes_on_where_the_last_one_ended),
        RULE(a_connection_that_is_not_there_is_refused),
        RULE(a_saved_capture_holds_headers_and_no_payload),
        cmocka_unit_test(a_full_capture_fits_into_the_saved_file),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
