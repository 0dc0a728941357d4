#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "protocol/websocket/frame_check.h"

#include <string.h>

enum { MESSAGE_MAX = 65536 };

#define BYTES(...) ((const unsigned char[]){__VA_ARGS__})
#define COUNT(...) (sizeof(const unsigned char[]){__VA_ARGS__})
/* What is seen of these bytes, in one piece and byte by byte, and the code of the close. */
#define EXPECT(seen, code, ...) expect(BYTES(__VA_ARGS__), COUNT(__VA_ARGS__), (seen), (code))
#define MASK 1, 2, 3, 4

static void expect(const unsigned char *bytes, size_t length, size_t seen, unsigned code)
{
    struct frame_check check;
    frame_check_init(&check, MESSAGE_MAX);
    assert_int_equal(frame_check_read(&check, bytes, length), seen);
    assert_int_equal(check.code, code);
    assert_int_equal(check.reason != NULL, code != 0);
    frame_check_init(&check, MESSAGE_MAX);
    size_t in_pieces = 0;
    for (size_t i = 0; i < length; i++)
        in_pieces += frame_check_read(&check, bytes + i, 1);
    assert_int_equal(check.code, code);
    /* Of a head that turns out wrong, the bytes before the wrong one have been seen by then. */
    assert_in_range(in_pieces, seen, code ? seen + FRAME_HEAD_MAX_BYTES : seen);
}

static void right_frames_are_let_through(void **state)
{
    (void)state;
    EXPECT(6, 0, 0x81, 0x80, MASK);
    EXPECT(8, 0, 0x81, 0x82, MASK, 'a', 'b');
    EXPECT(16, 0, 0x81, 0x82, MASK, 'a', 'b', 0x81, 0x82, MASK, 'a', 'b');
    EXPECT(6, 0, 0x89, 0x80, MASK);
    EXPECT(6, 0, 0x8a, 0x80, MASK);
    EXPECT(21, 0, 0x01, 0x81, MASK, 'a', 0x89, 0x81, MASK, 'p', 0x80, 0x81, MASK, 'b');
}

static void unmasked_frame_is_a_protocol_error(void **state)
{
    (void)state;
    EXPECT(0, 1002, 0x81, 0x02, 'a', 'b');
    EXPECT(0, 1002, 0x89, 0x00);
    EXPECT(6, 1002, 0x81, 0x80, MASK, 0x81, 0x00);
}

static void first_byte_of_no_meaning_is_a_protocol_error(void **state)
{
    (void)state;
    for (unsigned first = 0; first < 256; first++) {
        unsigned opcode = first & 0x0f;
        bool is_final = first & 0x80;
        unsigned code = first & 0x70                                ? 1002
                        : (opcode > 2 && opcode < 8) || opcode > 10 ? 1002
                        : opcode >= 8 && !is_final                  ? 1002
                        : opcode == 0                               ? 1002
                        : opcode == 2                               ? 1003
                                                                    : 0;
        EXPECT(code ? 0 : 6, code, (unsigned char)first, 0x80, MASK);
    }
}

static void length_over_the_limit_closes_at_the_head(void **state)
{
    (void)state;
    EXPECT(0, 1009, 0x81, 0xff, 0, 0, 0, 0, 0, 1, 0, 1);
    EXPECT(0, 1009, 0x81, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0);
    EXPECT(14, 0, 0x81, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, MASK);
    EXPECT(8, 0, 0x81, 0xfe, 0xff, 0xff, MASK);
}

static void length_of_a_message_counts_its_fragments_together(void **state)
{
    (void)state;
    struct frame_check check;
    static const unsigned char first[] = {0x01, 0xfe, 0xff, 0xff, MASK};
    static const unsigned char last[] = {0x80, 0x81, MASK, 'x'};
    static const unsigned char more[] = {0x80, 0x82, MASK, 'x', 'x'};
    static const unsigned char payload[0xffff];
    frame_check_init(&check, MESSAGE_MAX);
    for (int turn = 0; turn < 3; turn++) {
        assert_int_equal(frame_check_read(&check, first, sizeof first), sizeof first);
        assert_int_equal(frame_check_read(&check, payload, sizeof payload), sizeof payload);
        assert_int_equal(frame_check_read(&check, last, sizeof last), sizeof last);
    }
    assert_int_equal(frame_check_read(&check, first, sizeof first), sizeof first);
    assert_int_equal(frame_check_read(&check, payload, sizeof payload), sizeof payload);
    assert_int_equal(frame_check_read(&check, more, sizeof more), 0);
    assert_int_equal(check.code, 1009);
}

static void length_in_a_longer_form_than_needed_is_a_protocol_error(void **state)
{
    (void)state;
    EXPECT(0, 1002, 0x81, 0xfe, 0, 125);
    EXPECT(0, 1002, 0x81, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff);
    EXPECT(0, 1002, 0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0);
    EXPECT(0, 1002, 0x89, 0xfe, 0, 126);
    EXPECT(0, 1002, 0x88, 0xff, 0, 0, 0, 0, 0, 0, 0, 1);
}

static void fragments_must_follow_each_other(void **state)
{
    (void)state;
    EXPECT(6, 1002, 0x01, 0x80, MASK, 0x81, 0x80, MASK);
    EXPECT(12, 1002, 0x01, 0x80, MASK, 0x80, 0x80, MASK, 0x80, 0x80, MASK);
}

static void nothing_is_seen_behind_a_close_frame(void **state)
{
    (void)state;
    EXPECT(6, 0, 0x88, 0x80, MASK, 0x81, 0x80, MASK);
    EXPECT(8, 0, 0x88, 0x82, MASK, 3, 0xe8, 0x81, 0x80, MASK, 0xff);
}

static void nothing_is_seen_behind_a_wrong_head(void **state)
{
    (void)state;
    struct frame_check check;
    static const unsigned char wrong[] = {0x81, 0x00};
    static const unsigned char right[] = {0x81, 0x80, MASK};
    frame_check_init(&check, MESSAGE_MAX);
    assert_int_equal(frame_check_read(&check, wrong, sizeof wrong), 0);
    assert_int_equal(frame_check_read(&check, right, sizeof right), 0);
    assert_int_equal(check.code, 1002);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_frames_are_let_through),
        cmocka_unit_test(unmasked_frame_is_a_protocol_error),
        cmocka_unit_test(first_byte_of_no_meaning_is_a_protocol_error),
        cmocka_unit_test(length_over_the_limit_closes_at_the_head),
        cmocka_unit_test(length_of_a_message_counts_its_fragments_together),
        cmocka_unit_test(length_in_a_longer_form_than_needed_is_a_protocol_error),
        cmocka_unit_test(fragments_must_follow_each_other),
        cmocka_unit_test(nothing_is_seen_behind_a_close_frame),
        cmocka_unit_test(nothing_is_seen_behind_a_wrong_head),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
