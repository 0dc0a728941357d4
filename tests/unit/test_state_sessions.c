#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "loop/loop.h"
#include "state/sessions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NOW_S = 1000000, TOKEN_KEY = 77, PATH_SIZE = 64 };

/* The state is a list that is stored nowhere. */
static int set_up(void **state)
{
    return sessions_new(NULL, NULL, (struct sessions **)state);
}

static int tear_down(void **state)
{
    *state = sessions_free(*state);
    return 0;
}

static const struct session *find(const struct sessions *sessions, const char *secret,
                                  int64_t now_s)
{
    return sessions_find(sessions, secret, strlen(secret), now_s);
}

static void sessions_are_found_by_their_whole_secret_alone(void **state)
{
    const struct session *session =
        sessions_begin(*state, ROLE_OPERATOR, TOKEN_KEY, "192.168.1.7:4000", NOW_S);
    char secret[SESSION_SECRET_SIZE + 1];
    (void)snprintf(secret, sizeof secret, "%s", session->secret);
    assert_ptr_equal(find(*state, secret, NOW_S), session);
    assert_null(find(*state, "", NOW_S));
    assert_null(find(*state, session->id, NOW_S));
    assert_null(sessions_find(*state, secret, strlen(secret) - 1, NOW_S));
    secret[31] = secret[31] == '0' ? '1' : '0';
    assert_null(find(*state, secret, NOW_S));
}

static void sessions_end_by_themselves_after_their_lifetime(void **state)
{
    const struct session *session = sessions_begin(*state, ROLE_VIEWER, TOKEN_KEY, "", NOW_S);
    char secret[SESSION_SECRET_SIZE];
    memcpy(secret, session->secret, sizeof secret);
    assert_non_null(find(*state, secret, NOW_S + SESSION_LIFETIME_S - 1));
    assert_null(find(*state, secret, NOW_S + SESSION_LIFETIME_S));
    /* And give way to new ones. */
    (void)sessions_begin(*state, ROLE_VIEWER, TOKEN_KEY, "", NOW_S + SESSION_LIFETIME_S);
    assert_non_null(sessions_at(*state, 0));
    assert_null(sessions_at(*state, 1));
}

static void sessions_beyond_the_ceiling_end_the_oldest(void **state)
{
    char first[SESSION_SECRET_SIZE];
    memcpy(first, sessions_begin(*state, ROLE_VIEWER, TOKEN_KEY, "", NOW_S)->secret, sizeof first);
    for (int i = 1; i < SESSIONS_MAX; i++)
        assert_non_null(sessions_begin(*state, ROLE_VIEWER, TOKEN_KEY, "", NOW_S));
    assert_non_null(find(*state, first, NOW_S));
    (void)sessions_begin(*state, ROLE_VIEWER, TOKEN_KEY, "", NOW_S);
    assert_null(find(*state, first, NOW_S));
    assert_non_null(sessions_at(*state, SESSIONS_MAX - 1));
    assert_null(sessions_at(*state, SESSIONS_MAX));
}

static void sessions_end_once(void **state)
{
    char id[SESSION_ID_SIZE];
    memcpy(id, sessions_begin(*state, ROLE_VIEWER, TOKEN_KEY, "", NOW_S)->id, sizeof id);
    assert_false(sessions_end(*state, "none"));
    assert_true(sessions_end(*state, id));
    assert_false(sessions_end(*state, id));
}

static bool is_of_token(const void *context, const struct session *session)
{
    return session->token_key == *(const uint64_t *)context;
}

static void sessions_of_another_token_can_be_swept_away(void **state)
{
    uint64_t kept = TOKEN_KEY;
    (void)sessions_begin(*state, ROLE_VIEWER, TOKEN_KEY + 1, "", NOW_S);
    (void)sessions_begin(*state, ROLE_OPERATOR, TOKEN_KEY, "", NOW_S);
    (void)sessions_begin(*state, ROLE_VIEWER, TOKEN_KEY + 1, "", NOW_S);
    assert_int_equal(sessions_sweep(*state, is_of_token, &kept), 2);
    assert_int_equal(sessions_at(*state, 0)->role, ROLE_OPERATOR);
    assert_null(sessions_at(*state, 1));
}

static void sessions_come_back_from_a_file_that_nobody_else_reads(void **state)
{
    (void)state;
    char folder[] = "/tmp/sessions-XXXXXX";
    char path[PATH_SIZE];
    struct loop *loop;
    struct sessions *sessions;
    struct session kept;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/sessions", folder);
    assert_int_equal(loop_new(&loop), 0);
    assert_int_equal(sessions_new(loop, folder, &sessions), 0);
    kept = *sessions_begin(sessions, ROLE_ADMIN, UINT64_MAX, "a source\nwith blanks", NOW_S);
    (void)sessions_begin(sessions, ROLE_VIEWER, TOKEN_KEY, "", NOW_S);
    sessions_free(sessions);
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_int_equal(sessions_new(loop, folder, &sessions), 0);
    const struct session *found = find(sessions, kept.secret, NOW_S);
    assert_non_null(found);
    assert_int_equal(found->role, ROLE_ADMIN);
    assert_true(found->token_key == UINT64_MAX);
    assert_string_equal(found->id, kept.id);
    assert_string_equal(found->source, "a_source_with_blanks");
    assert_non_null(sessions_at(sessions, 1));
    sessions_free(sessions);
    loop_free(loop);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

#define SESSIONS_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SESSIONS_TEST(sessions_are_found_by_their_whole_secret_alone),
        SESSIONS_TEST(sessions_end_by_themselves_after_their_lifetime),
        SESSIONS_TEST(sessions_beyond_the_ceiling_end_the_oldest),
        SESSIONS_TEST(sessions_end_once),
        SESSIONS_TEST(sessions_of_another_token_can_be_swept_away),
        cmocka_unit_test(sessions_come_back_from_a_file_that_nobody_else_reads),
    };
    return cmocka_run_group_tests_name("state_sessions", tests, NULL, NULL);
}
