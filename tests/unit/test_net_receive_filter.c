#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/receive_filter.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct looked {
    char bytes[64];
    size_t length;
    size_t seen; /* what look() returns */
};

static size_t check(void *context, const unsigned char *bytes, size_t length)
{
    struct looked *looked = context;
    memcpy(looked->bytes, bytes, length);
    looked->length = length;
    return looked->seen < length ? looked->seen : length;
}

static void filter_sees_what_comes_and_cuts_it(void **state)
{
    (void)state;
    int ends[2];
    char text[64];
    struct looked looked = {.seen = SIZE_MAX};
    struct receive_filter filter = {.check = check, .context = &looked};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    assert_int_equal(receive_filter_set(ends[0], &filter), 0);
    assert_int_equal(write(ends[1], "hello", 5), 5);
    assert_int_equal(recv(ends[0], text, 1, MSG_PEEK), 1);
    assert_int_equal(looked.length, 0); /* a peek is no reading */
    assert_int_equal(recv(ends[0], text, sizeof text, 0), 5);
    assert_int_equal(looked.length, 5);
    assert_memory_equal(looked.bytes, "hello", 5);
    looked.seen = 2;
    assert_int_equal(write(ends[1], "hello", 5), 5);
    assert_int_equal(recv(ends[0], text, sizeof text, 0), 2);
    errno = 0;
    assert_int_equal(recv(ends[0], text, sizeof text, 0), -1);
    assert_int_equal(errno, EAGAIN); /* the other three are gone */
    looked.seen = 0;
    assert_int_equal(write(ends[1], "hello", 5), 5);
    errno = 0;
    assert_int_equal(recv(ends[0], text, sizeof text, 0), -1);
    assert_int_equal(errno, EAGAIN);
    (void)close(ends[1]);
    assert_int_equal(recv(ends[0], text, sizeof text, 0), 0); /* the end is no filter's matter */
    assert_int_equal(receive_filter_set(ends[0], NULL), 0);
    (void)close(ends[0]);
}

static void filter_is_one_descriptors_own(void **state)
{
    (void)state;
    int ends[2];
    char text[64];
    struct looked looked = {.seen = 0};
    struct receive_filter filter = {.check = check, .context = &looked};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    assert_int_equal(receive_filter_set(ends[0], &filter), 0);
    assert_int_equal(receive_filter_set(2000, &filter), 0); /* above all that are open */
    assert_int_equal(receive_filter_set(2000, NULL), 0);
    assert_int_equal(receive_filter_set(1 << 20, NULL), 0);
    assert_int_equal(write(ends[0], "a", 1), 1);
    assert_int_equal(recv(ends[1], text, sizeof text, 0), 1);
    assert_int_equal(receive_filter_set(ends[0], NULL), 0);
    assert_int_equal(write(ends[1], "b", 1), 1);
    assert_int_equal(recv(ends[0], text, sizeof text, 0), 1);
    assert_int_equal(looked.length, 0);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

static void earlier_bytes_come_before_those_of_the_kernel(void **state)
{
    (void)state;
    static const unsigned char earlier[] = {'a', 'b', 'c', 'd', 'e'};
    int ends[2];
    char text[64];
    struct looked looked = {.seen = SIZE_MAX};
    struct receive_filter filter = {
        .check = check, .context = &looked, .earlier = earlier, .earlier_length = sizeof earlier};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    assert_int_equal(receive_filter_set(ends[0], &filter), 0);
    assert_int_equal(recv(ends[0], text, 2, 0), 2); /* no room for more */
    assert_memory_equal(text, "ab", 2);
    assert_int_equal(write(ends[1], "fg", 2), 2);
    assert_int_equal(recv(ends[0], text, sizeof text, 0), 5);
    assert_memory_equal(text, "cdefg", 5);
    assert_memory_equal(looked.bytes, "cdefg", 5);
    errno = 0;
    assert_int_equal(recv(ends[0], text, sizeof text, 0), -1);
    assert_int_equal(errno, EAGAIN);
    filter.earlier = earlier;
    filter.earlier_length = 1;
    (void)close(ends[1]);
    assert_int_equal(recv(ends[0], text, sizeof text, 0), 1); /* and then the end */
    assert_int_equal(recv(ends[0], text, sizeof text, 0), 0);
    assert_int_equal(receive_filter_set(ends[0], NULL), 0);
    (void)close(ends[0]);
}

static size_t end(void *context, const unsigned char *bytes, size_t length)
{
    (void)context, (void)bytes, (void)length;
    return RECEIVE_END;
}

static void filter_ends_the_stream(void **state)
{
    (void)state;
    int ends[2];
    char text[64];
    struct receive_filter filter = {.check = end};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    assert_int_equal(receive_filter_set(ends[0], &filter), 0);
    assert_int_equal(write(ends[1], "a", 1), 1);
    assert_int_equal(recv(ends[0], text, sizeof text, 0), 0);
    assert_int_equal(receive_filter_set(ends[0], NULL), 0);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filter_sees_what_comes_and_cuts_it),
        cmocka_unit_test(filter_is_one_descriptors_own),
        cmocka_unit_test(earlier_bytes_come_before_those_of_the_kernel),
        cmocka_unit_test(filter_ends_the_stream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
