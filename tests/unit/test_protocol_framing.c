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

/* A head of `bytes`, most of them one field's, read in pieces of `piece`. */
static const char *read_head_of(struct framing *framing, size_t bytes, size_t piece)
{
    static char head[2 * HTTP_HEAD_MAX_BYTES];
    static const char begin[] = "GET / HTTP/1.1\r\nCookie: a=", end[] = "\r\n\r\n";
    const char *wrong = NULL;
    memset(head, 'y', sizeof head);
    memcpy(head, begin, sizeof begin - 1);
    memcpy(head + bytes - (sizeof end - 1), end, sizeof end - 1);
    for (size_t at = 0; at < bytes && !wrong; at += piece)
        wrong = framing_read(framing, (const unsigned char *)head + at,
                             bytes - at < piece ? bytes - at : piece);
    return wrong;
}

static void head_has_its_maximum_in_whatever_pieces(void **state)
{
    (void)state;
    static const size_t pieces[] = {1, 7, 1000, 4096, HTTP_HEAD_MAX_BYTES, 40000};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        struct framing framing = {0};
        for (int request = 0; request < 3; request++) { /* each head has it anew */
            assert_null(read_head_of(&framing, HTTP_HEAD_MAX_BYTES, pieces[i]));
            assert_true(framing_is_between(&framing));
        }
        assert_ptr_equal(read_head_of(&framing, HTTP_HEAD_MAX_BYTES + 1, pieces[i]),
                         framing_head_size_rule);
        framing = (struct framing){0};
        assert_ptr_equal(read_head_of(&framing, 30000, pieces[i]), framing_head_size_rule);
    }
}

static void between_is_where_all_requests_are_whole(void **state)
{
    (void)state;
    static const char text[] =
        "PUT / HTTP/1.1\r\nContent-Length: 2\r\n\r\n12"
        "GET / HTTP/1.1\r\n\r\n"
        "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n1\r\n0\r\n\r\n";
    struct framing framing = {0};
    size_t whole = 0;
    assert_true(framing_is_between(&framing));
    for (size_t i = 0; i < sizeof text - 1; i++) {
        assert_null(framing_read(&framing, (const unsigned char *)text + i, 1));
        whole += framing_is_between(&framing);
    }
    assert_int_equal(whole, 3);
    assert_true(framing_is_between(&framing));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(framing_ends_where_a_request_ends),
        cmocka_unit_test(framing_refuses_what_can_be_read_in_two_ways),
        cmocka_unit_test(framing_waits_for_bytes_that_are_missing),
        cmocka_unit_test(head_has_its_maximum_in_whatever_pieces),
        cmocka_unit_test(between_is_where_all_requests_are_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
