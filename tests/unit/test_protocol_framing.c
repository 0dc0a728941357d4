#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "protocol/http/framing.h"

#include <string.h>

#define PUT "PUT /x HTTP/1.1\r\nHost: x\r\n"
#define CHUNKED PUT "Transfer-Encoding: chunked\r\n\r\n"
#define GET "GET /x HTTP/1.1\r\nHost: x\r\n\r\n"

static const char *read_in_steps(const char *text, size_t step)
{
    struct framing framing = {0};
    const char *wrong = NULL;
    size_t length = strlen(text);
    for (size_t at = 0; at < length && !wrong; at += step)
        wrong = framing_read(&framing, (const unsigned char *)text + at,
                             length - at < step ? length - at : step);
    if (!wrong) /* whatever came before, a request is at its end and the next one begins */
        assert_int_equal(framing.state, FRAMING_HEAD);
    return wrong;
}

static const char *const right[] = {
    GET,
    GET GET,
    "\r\n" GET,
    PUT "Content-Length: 5\r\n\r\n12345" GET,
    PUT "content-length:\t 5 \t\r\n\r\n\r\n\r\n1" GET,
    PUT "Content-Length: 0\r\n\r\n" GET,
    PUT "X-Content-Length: x\r\nContent-Lengthy: x\r\n\r\n",
    CHUNKED "0\r\n\r\n" GET,
    CHUNKED "5\r\n12345\r\n0\r\n\r\n" GET,
    CHUNKED "01\r\nx\r\nA\r\n0123456789\r\n00\r\n\r\n" GET,
    CHUNKED "1;name=\"a;b\"\r\n\n\r\n0;x\r\n\r\n" GET,
    CHUNKED "0\r\nX: a\r\nY: b\r\n\r\n" GET,
};

static void framing_ends_where_a_request_ends(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++)
        for (size_t step = 1; step < 40; step++)
            assert_null(read_in_steps(right[i], step));
}

static const char *const wrong_ones[] = {
    PUT "Content-Length: \r\n\r\n",
    PUT "Content-Length: +1\r\n\r\n",
    PUT "Content-Length: 0x1\r\n\r\n",
    PUT "Content-Length: 1 1\r\n\r\n",
    PUT "Content-Length: 1, 1\r\n\r\n",
    PUT "Content-Length: -1\r\n\r\n",
    PUT "Content-Length: 18446744073709551617\r\n\r\n",
    CHUNKED "1\nx\r\n0\r\n\r\n",
    CHUNKED "1\r\nx\n0\r\n\r\n",
    CHUNKED "1\r\nxy\r\n",
    CHUNKED "1\r\r\nx\r\n0\r\n\r\n",
    CHUNKED "1;\nx\r\n0\r\n\r\n",
    CHUNKED "1;a\x01\r\nx",
    CHUNKED "\r\n",
    CHUNKED ";\r\n",
    CHUNKED " 1\r\nx",
    CHUNKED "1 \r\nx",
    CHUNKED "+1\r\nx",
    CHUNKED "0x1\r\nx",
    CHUNKED "g\r\n",
    CHUNKED "0000000000000001\r\nx",
    CHUNKED "0\r\n\n",
    CHUNKED "0\n\n",
    CHUNKED "0\r\nX: a\nY: b\r\n\r\n",
    CHUNKED "0\r\nX: a\rY: b\r\n\r\n",
};

static void framing_refuses_what_can_be_read_in_two_ways(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrong_ones / sizeof wrong_ones[0]; i++)
        for (size_t step = 1; step < 40; step++)
            assert_non_null(read_in_steps(wrong_ones[i], step));
}

static void framing_waits_for_bytes_that_are_missing(void **state)
{
    (void)state;
    struct framing framing = {0};
    static const char text[] = CHUNKED "fffffffffffffff\r\nx";
    assert_null(framing_read(&framing, (const unsigned char *)text, sizeof text - 1));
    assert_int_equal(framing.state, FRAMING_CHUNK);
    assert_true(framing.left == UINT64_C(0xfffffffffffffff) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(framing_ends_where_a_request_ends),
        cmocka_unit_test(framing_refuses_what_can_be_read_in_two_ways),
        cmocka_unit_test(framing_waits_for_bytes_that_are_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
