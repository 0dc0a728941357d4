#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "protocol_rig.h"
/* Every allocation fails once: the n-th one, for every n. The functions below stand before the C
 * library's; a sanitizer has its own in their place, so these tests are skipped there. */
#include "base/json.h"
#include "base/json_writer.h"
#include "protocol/feed.h"
#include "protocol/json_encode.h"
#include "protocol/line_texts.h"
#include "protocol/method/rpc.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

static struct {
    bool counting;
    unsigned long until; /* allocations that still succeed */
    bool failed;
    long alive; /* blocks that were made while counting and not freed again */
} memory;

/* Blocks that were freed while counting are kept, overwritten, so that who uses one again is found. */
enum { KEPT_MAX = 16384, FREED_BYTE = 0xdd };
static void *kept[KEPT_MAX];
static size_t kept_count;

#ifdef __has_feature /* clang's word for __SANITIZE_ADDRESS__ */
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif

#ifdef __SANITIZE_ADDRESS__
enum { IS_SKIPPED = 1 };
#else
enum { IS_SKIPPED = 0 };

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void __libc_free(void *block);

static bool may_have_memory(void)
{
    if (!memory.counting)
        return true;
    if (memory.until-- > 0)
        return true;
    memory.until = (unsigned long)-1; /* this one only */
    memory.failed = true;
    return false;
}

static void *count(void *block)
{
    memory.alive += memory.counting && block;
    return block;
}

void *malloc(size_t size)
{
    return may_have_memory() ? count(__libc_malloc(size)) : NULL;
}

void *calloc(size_t members, size_t size)
{
    return may_have_memory() ? count(__libc_calloc(members, size)) : NULL;
}

void *realloc(void *block, size_t size)
{
    if (!may_have_memory())
        return NULL;
    return block ? __libc_realloc(block, size) : count(__libc_realloc(NULL, size));
}

void free(void *block)
{
    memory.alive -= memory.counting && block;
    if (memory.counting && block && kept_count < KEPT_MAX) {
        memset(block, FREED_BYTE, malloc_usable_size(block));
        kept[kept_count++] = block;
    } else {
        __libc_free(block);
    }
}
#endif

/* What may stay after a call. */
static void forget_texts(struct protocol_rig *rig)
{
    line_texts_renew(feed_line_texts(rig->service.feed));
}

static void fail_after(struct protocol_rig *rig, unsigned long successes)
{
    forget_texts(rig);
    memory.until = successes;
    memory.failed = false;
    memory.alive = 0;
    memory.counting = true;
}

/* True when one allocation was refused since fail_after(). */
static bool stop_failing(void)
{
    memory.counting = false;
    while (kept_count > 0)
        free(kept[--kept_count]);
    return memory.failed;
}

/* What is made, prints a text; with an allocation less, the same text or an error, nothing else. */
static void check(struct protocol_rig *rig, int (*print)(struct protocol_rig *rig, struct buffer *))
{
    struct buffer whole;
    struct buffer text;
    if (IS_SKIPPED)
        skip();
    buffer_init(&whole, 1024 * 1024);
    assert_int_equal(print(rig, &whole), 0);
    bool failed = true;
    for (unsigned long n = 0; failed; n++) {
        buffer_init(&text, 1024 * 1024);
        fail_after(rig, n);
        int error = print(rig, &text);
        bool same = !error && text.length == whole.length &&
                    memcmp(text.data, whole.data, whole.length) == 0;
        buffer_done(&text);
        forget_texts(rig);
        failed = stop_failing();
        if (memory.alive != 0)
            fail_msg("allocation %lu fails: %ld blocks are left", n, memory.alive);
        if (!same && error != -ENOMEM)
            fail_msg("allocation %lu fails: error %d, another text", n, error);
        if (!failed)
            assert_true(same);
    }
    buffer_done(&whole);
}

static const struct timestamps then = {.monotonic_ns = 1, .wall_ns = INT64_C(1792231200123456789)};

static int print_circuit(struct protocol_rig *rig, struct buffer *text)
{
    struct json_writer writer = json_writer_begin(text);
    json_encode_circuit(&writer, feed_line_texts(rig->service.feed), ROLE_VIEWER, &then);
    return text->error;
}

static int print_line(struct protocol_rig *rig, struct buffer *text)
{
    struct json_writer writer = json_writer_begin(text);
    struct line_state state;
    circuit_line(rig->circuit, RIG_RED, &then, &state);
    json_encode_line(&writer, &state);
    return text->error;
}

static int print_event(struct protocol_rig *rig, struct buffer *text)
{
    struct json_writer writer = json_writer_begin(text);
    const struct event *event = journal_get(circuit_journal(rig->circuit), 1);
    json_encode_event(&writer, rig->circuit, event, true);
    return text->error;
}

static int print_outcome(struct protocol_rig *rig, struct buffer *text)
{
    struct json_writer writer = json_writer_begin(text);
    const struct outcome outcome = {.line = RIG_RED, .value = 1, .seq = 5};
    json_encode_outcome(&writer, rig->circuit, &outcome);
    return text->error;
}

static int print_problem(struct protocol_rig *rig, struct buffer *text)
{
    (void)rig;
    const struct problem problem = {.code = PROBLEM_INTERLOCK, .detail = "d", .blocked_by = "red"};
    return problem_print(&problem, text);
}

static void json_encode_prints_a_circuit_whole_or_not_at_all(void **state)
{
    check(*state, print_circuit);
}

static void json_encode_prints_a_line_whole_or_not_at_all(void **state)
{
    check(*state, print_line);
}

static void json_encode_prints_an_event_whole_or_not_at_all(void **state)
{
    check(*state, print_event);
}

static void json_encode_prints_an_outcome_whole_or_not_at_all(void **state)
{
    check(*state, print_outcome);
}

static void problem_is_printed_whole_or_not_at_all(void **state)
{
    check(*state, print_problem);
}

/* ---- JSON-RPC: the same answer, -ENOMEM, or an error of JSON-RPC ---- */

static bool is_answer(const struct json *answer)
{
    const struct json *error = json_get(answer, "error");
    return json_get(answer, "jsonrpc") && json_get(answer, "id") &&
           (json_get(answer, "result") || (json_get(error, "code") && json_get(error, "message")));
}

static bool is_reply(const struct buffer *reply)
{
    struct json *json = NULL;
    if (json_parse(buffer_text(reply), reply->length, &json, NULL))
        return false;
    bool right = true;
    if (json_is(json, JSON_ARRAY))
        for (const struct json *answer = json_first(json); answer; answer = json_next(answer))
            right = right && is_answer(answer);
    else
        right = is_answer(json);
    json_free(json);
    return right;
}

static void check_rpc(struct protocol_rig *rig, const char *text)
{
    if (IS_SKIPPED)
        skip();
    char *quoted = protocol_rig_quotes(text);
    size_t length = strlen(quoted);
    bool failed = true;
    for (unsigned long n = 0; failed; n++) {
        struct buffer reply;
        buffer_init(&reply, 1024 * 1024);
        fail_after(rig, n);
        int error = rpc_answer(&rig->service, &rig->operator, quoted, length, &reply);
        memory.counting = false;
        bool right = error ? error == -ENOMEM : is_reply(&reply);
        if (!right)
            fail_msg("allocation %lu fails: error %d, %s", n, error, buffer_text(&reply));
        memory.counting = true;
        buffer_done(&reply);
        forget_texts(rig);
        failed = stop_failing();
        if (memory.alive != 0)
            fail_msg("allocation %lu fails: %ld blocks are left", n, memory.alive);
    }
    free(quoted);
}

static void rpc_answers_a_call_or_says_that_there_is_no_memory(void **state)
{
    check_rpc(*state, "{'jsonrpc':'2.0','id':'x','method':'line.get','params':{'line':'red'}}");
}

static void rpc_answers_each_call_of_a_batch_or_says_so(void **state)
{
    check_rpc(*state, "[{'jsonrpc':'2.0','id':1,'method':'system.ping'},"
                      "{'jsonrpc':'2.0','id':2,'method':'history.get','params':{'limit':2}},"
                      "{'jsonrpc':'2.0','id':3,'method':'line.get','params':['purple']}]");
}

static void rpc_answers_what_is_no_json_or_says_so(void **state)
{
    check_rpc(*state, "{'jsonrpc':");
    check_rpc(*state, "[]");
}

static void rpc_changes_a_line_also_where_its_answer_cannot_be_made(void **state)
{
    struct protocol_rig *rig = *state;
    check_rpc(rig, "{'jsonrpc':'2.0','id':1,'method':'line.set','params':['red',0]}");
    check_rpc(rig, "{'jsonrpc':'2.0','id':1,'method':'lines.set','params':[{'red':0,'green':0}]}");
}

#define MEMORY_TEST(name)                                                                          \
    cmocka_unit_test_setup_teardown(name, protocol_rig_setup, protocol_rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        MEMORY_TEST(json_encode_prints_a_circuit_whole_or_not_at_all),
        MEMORY_TEST(json_encode_prints_a_line_whole_or_not_at_all),
        MEMORY_TEST(json_encode_prints_an_event_whole_or_not_at_all),
        MEMORY_TEST(json_encode_prints_an_outcome_whole_or_not_at_all),
        MEMORY_TEST(problem_is_printed_whole_or_not_at_all),
        MEMORY_TEST(rpc_answers_a_call_or_says_that_there_is_no_memory),
        MEMORY_TEST(rpc_answers_each_call_of_a_batch_or_says_so),
        MEMORY_TEST(rpc_answers_what_is_no_json_or_says_so),
        MEMORY_TEST(rpc_changes_a_line_also_where_its_answer_cannot_be_made),
    };
    return cmocka_run_group_tests_name("protocol_memory", tests, NULL, NULL);
}
