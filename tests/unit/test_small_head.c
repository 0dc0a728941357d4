#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "protocol/http/small_head.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool is_small(const char *text)
{
    return small_head_is((const unsigned char *)text, strlen(text));
}

static void plain_request_is_small(void **state)
{
    (void)state;
    assert_true(is_small("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    assert_true(is_small("PUT / HTTP/1.1\r\nContent-Length: 3\r\n\r\n1&2"));
    assert_true(is_small("GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n"));
}

/* A head of `bytes` in which one field is filled up. */
static bool is_small_of(size_t bytes)
{
    static char head[2 * SMALL_HEAD_MAX_BYTES];
    static const char begin[] = "GET / HTTP/1.1\r\nCookie: a=", end[] = "\r\n\r\n";
    size_t filled = bytes - (sizeof end - 1);
    memset(head, 'y', sizeof head);
    memcpy(head, begin, sizeof begin - 1);
    memcpy(head + filled, end, sizeof end - 1);
    return small_head_is((const unsigned char *)head, bytes);
}

static void bytes_are_bounded(void **state)
{
    (void)state;
    assert_true(is_small_of(100));
    assert_true(is_small_of(SMALL_HEAD_MAX_BYTES));
    assert_false(is_small_of(SMALL_HEAD_MAX_BYTES + 1));
    assert_false(is_small_of(SMALL_HEAD_MAX_BYTES + 1000));
}

/* `parts` more of them, each `part`, behind `begin`. */
static bool is_small_with(const char *begin, const char *part, unsigned parts, const char *end)
{
    static char head[2 * SMALL_HEAD_MAX_BYTES];
    size_t length = (size_t)snprintf(head, sizeof head, "%s", begin);
    for (unsigned i = 0; i < parts; i++)
        length += (size_t)snprintf(head + length, sizeof head - length, "%s", part);
    (void)snprintf(head + length, sizeof head - length, "%s", end);
    return is_small(head);
}

static void parts_are_bounded(void **state)
{
    (void)state;
    enum { REST = SMALL_HEAD_MAX_PARTS - 1 }; /* without the first line */
    static const char line[] = "GET / HTTP/1.1\r\n";
    assert_true(is_small_with(line, "a: b\r\n", REST - 1, "\r\n"));
    assert_false(is_small_with(line, "a: b\r\n", REST, "\r\n"));
    assert_true(is_small_with("GET /?a=b", "&a=b", REST - 1, " HTTP/1.1\r\n\r\n"));
    assert_false(is_small_with("GET /?a=b", "&a=b", REST, " HTTP/1.1\r\n\r\n"));
    static const char cookies[] = "GET / HTTP/1.1\r\ncookie: a=b";
    assert_true(is_small_with(cookies, "; a=b", REST - 2, "\r\n\r\n"));
    assert_false(is_small_with(cookies, "; a=b", REST - 1, "\r\n\r\n"));
    assert_true(is_small_with("GET / HTTP/1.1\r\nAccept: a", "; q=1", 2 * REST, "\r\n\r\n"));
    assert_false(
        is_small_with("GET / HTTP/1.1\r\n\r\nGET /?a=b", "&a=b", REST, " HTTP/1.1\r\n\r\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_request_is_small),
        cmocka_unit_test(bytes_are_bounded),
        cmocka_unit_test(parts_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
