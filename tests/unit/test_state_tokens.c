#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/file.h"
#include "state/tokens.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPERATOR "0123456789abcdef0123456789abcdef"
#define VIEWER "fedcba9876543210fedcba9876543210"

enum { PATH_SIZE = 64 };

/* The state is the path of a new, empty folder. */
static int setup(void **state)
{
    char *folder = strdup("/tmp/tokens-XXXXXX");
    *state = folder;
    return folder && mkdtemp(folder) ? 0 : -1;
}

static void put_path(char path[PATH_SIZE], const char *folder, const char *name)
{
    (void)snprintf(path, PATH_SIZE, "%s/%s", folder, name);
}

static int teardown(void **state)
{
    static const char *const names[] = {"sub/token", "sub", "token", "elsewhere", ""};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[PATH_SIZE];
        put_path(path, *state, names[i]);
        (void)remove(path);
    }
    free(*state);
    return 0;
}

static void write_token(const char *folder, const char *text, mode_t mode)
{
    char path[PATH_SIZE];
    put_path(path, folder, "token");
    assert_int_equal(file_write(path, text, strlen(text), mode), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static void tokens_are_made_at_the_first_start_and_kept(void **state)
{
    struct tokens first;
    struct tokens second;
    bool made = false;
    char remedy[TOKENS_REMEDY_SIZE];
    char folder[PATH_SIZE];
    put_path(folder, *state, "sub");
    assert_int_equal(tokens_load(folder, &first, remedy), -ENOENT);
    assert_non_null(strstr(remedy, "/sub/token: there is no token yet"));
    assert_int_equal(tokens_load_or_make(folder, &first, &made, remedy), 0);
    assert_true(made);
    assert_int_equal(first.count, 3);
    for (size_t i = 0; i < first.count; i++) {
        const char *text = first.items[i].text;
        assert_int_equal(strlen(text), 26); /* 130 bits of base32 */
        assert_int_equal(strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"), 26);
        assert_int_equal(tokens_of_role(&first, first.items[i].role) - first.items, i);
    }
    assert_string_not_equal(first.items[0].text, first.items[1].text);
    assert_string_not_equal(first.items[0].text, first.items[2].text);
    assert_int_equal(tokens_load_or_make(folder, &second, &made, remedy), 0);
    assert_false(made);
    assert_memory_equal(&first, &second, sizeof first);
    assert_int_equal(tokens_load(folder, &second, remedy), 0);
    assert_memory_equal(&first, &second, sizeof first);
}

static void tokens_are_for_their_owner_alone(void **state)
{
    struct tokens tokens;
    struct stat status;
    char remedy[TOKENS_REMEDY_SIZE];
    char path[PATH_SIZE];
    char folder[PATH_SIZE];
    put_path(folder, *state, "sub");
    put_path(path, *state, "sub/token");
    mode_t before = umask(0);
    int error = tokens_load_or_make(folder, &tokens, NULL, remedy);
    (void)umask(before);
    assert_int_equal(error, 0);
    assert_int_equal(stat(folder, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0700);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
}

static void tokens_differ_from_gateway_to_gateway(void **state)
{
    struct tokens one;
    struct tokens other;
    char remedy[TOKENS_REMEDY_SIZE];
    char path[PATH_SIZE];
    put_path(path, *state, "token");
    assert_int_equal(tokens_load_or_make(*state, &one, NULL, remedy), 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(tokens_load_or_make(*state, &other, NULL, remedy), 0);
    for (size_t i = 0; i < one.count; i++)
        for (size_t k = 0; k < other.count; k++)
            assert_string_not_equal(other.items[k].text, one.items[i].text);
}

static void tokens_that_others_may_read_are_refused(void **state)
{
    static const mode_t modes[] = {0640, 0604, 0620, 0601};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        struct tokens tokens;
        char remedy[TOKENS_REMEDY_SIZE];
        write_token(*state, "operator " OPERATOR "\nviewer " VIEWER "\n", modes[i]);
        assert_int_equal(tokens_load_or_make(*state, &tokens, NULL, remedy), -EPERM);
        assert_non_null(strstr(remedy, "remove it for a new one, or chmod 600"));
    }
}

static void tokens_file_holds_roles_with_tokens_and_nothing_else(void **state)
{
    static const char *const wrong[] = {
        "",
        "operator " OPERATOR "\nviewer " VIEWER,
        "operator " OPERATOR "\nviewer " OPERATOR "\n",
        "operator " OPERATOR "\nviewer " VIEWER "\n\n",
        "none " OPERATOR "\n",
        "owner " OPERATOR "\n",
        "operator 123\nviewer " VIEWER "\n",
        "operator 0123456789abcdef-123456789abcdef\n",
        "operator  " OPERATOR "\nviewer " VIEWER "\n",
        "operator " OPERATOR " \n",
        "operator " OPERATOR " Kitchen\n",
        "operator " OPERATOR " kitchen table\n",
    };
    struct tokens tokens;
    char remedy[TOKENS_REMEDY_SIZE];
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        write_token(*state, wrong[i], 0600);
        assert_int_equal(tokens_load_or_make(*state, &tokens, NULL, remedy), -EBADMSG);
        assert_non_null(strstr(remedy, "does not hold tokens; remove it"));
    }
    write_token(*state, "operator " OPERATOR "\nviewer " VIEWER " hall\n", 0600);
    assert_int_equal(tokens_load(*state, &tokens, remedy), 0);
    assert_string_equal(tokens_of_role(&tokens, ROLE_OPERATOR)->text, OPERATOR);
    assert_string_equal(tokens_of_role(&tokens, ROLE_VIEWER)->text, VIEWER);
    assert_string_equal(tokens_of_role(&tokens, ROLE_VIEWER)->name, "hall");
}

static void tokens_of_an_older_file_stay_and_the_admins_is_added(void **state)
{
    struct tokens tokens;
    struct tokens again;
    bool made = false;
    char remedy[TOKENS_REMEDY_SIZE];
    write_token(*state, "operator " OPERATOR "\nviewer " VIEWER "\n", 0600);
    assert_int_equal(tokens_load_or_make(*state, &tokens, &made, remedy), 0);
    assert_true(made);
    assert_string_equal(tokens_of_role(&tokens, ROLE_OPERATOR)->text, OPERATOR);
    assert_string_equal(tokens_of_role(&tokens, ROLE_VIEWER)->text, VIEWER);
    assert_string_equal(tokens_link(&tokens), tokens_of_role(&tokens, ROLE_ADMIN)->text);
    assert_int_equal(tokens_load(*state, &again, remedy), 0);
    assert_memory_equal(&again, &tokens, sizeof again);
}

static void tokens_are_revoked_by_name_or_fingerprint(void **state)
{
    struct tokens tokens;
    char remedy[TOKENS_REMEDY_SIZE];
    char fingerprint[TOKEN_FINGERPRINT_SIZE];
    write_token(*state, "operator " OPERATOR "\nviewer " VIEWER "\n", 0600);
    assert_int_equal(tokens_load(*state, &tokens, remedy), 0);
    assert_int_equal(tokens_add(&tokens, ROLE_VIEWER, "hall"), 0);
    assert_int_equal(tokens_add(&tokens, ROLE_VIEWER, "hall"), -EEXIST);
    assert_int_equal(tokens_revoke(&tokens, "kitchen"), -ENOENT);
    assert_int_equal(tokens_revoke(&tokens, ""), -ENOENT);
    assert_int_equal(tokens_revoke(&tokens, "hall"), 0);
    token_fingerprint(OPERATOR, fingerprint);
    assert_null(strstr(OPERATOR, fingerprint));
    assert_int_equal(tokens_revoke(&tokens, fingerprint), 0);
    assert_int_equal(tokens.count, 1);
    assert_string_equal(tokens.items[0].text, VIEWER);
}

static void tokens_have_a_ceiling(void **state)
{
    (void)state;
    struct tokens tokens = {0};
    for (size_t i = 0; i < TOKENS_MAX; i++)
        assert_int_equal(tokens_add(&tokens, ROLE_VIEWER, ""), 0);
    assert_int_equal(tokens_add(&tokens, ROLE_VIEWER, ""), -ENOSPC);
}

static void tokens_are_not_read_from_what_is_no_file(void **state)
{
    struct tokens tokens;
    char remedy[TOKENS_REMEDY_SIZE];
    char path[PATH_SIZE];
    put_path(path, *state, "token");
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(tokens_load_or_make(*state, &tokens, NULL, remedy), -EBADMSG);
    assert_non_null(strstr(remedy, "is not a file"));
}

static bool exists(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0;
}

static void tokens_of_the_service_are_shown_where_there_are_no_own(void **state)
{
    const char *found = NULL;
    struct tokens tokens;
    char remedy[TOKENS_REMEDY_SIZE];
    char own[PATH_SIZE];
    put_path(own, *state, "sub");
    write_token(*state, "operator " OPERATOR "\nviewer " VIEWER "\n", 0600);
    assert_int_equal(tokens_find(own, *state, &found, &tokens, remedy), 0);
    assert_string_equal(tokens_of_role(&tokens, ROLE_OPERATOR)->text, OPERATOR);
    assert_ptr_equal(found, *state);
    assert_false(exists(own));
}

static void tokens_are_not_made_beside_a_service_that_has_none(void **state)
{
    const char *found = NULL;
    struct tokens tokens;
    char remedy[TOKENS_REMEDY_SIZE];
    char own[PATH_SIZE];
    put_path(own, *state, "sub");
    assert_int_equal(tokens_find(own, *state, &found, &tokens, remedy), -ENOENT);
    assert_non_null(strstr(remedy, "is installed as a service and has no tokens yet"));
    assert_null(found);
    assert_false(exists(own));
}

static void tokens_of_ones_own_come_first(void **state)
{
    const char *found = NULL;
    struct tokens tokens;
    char remedy[TOKENS_REMEDY_SIZE];
    write_token(*state, "operator " OPERATOR "\nviewer " VIEWER "\n", 0600);
    assert_int_equal(tokens_find(*state, "/tmp", &found, &tokens, remedy), 0);
    assert_string_equal(tokens_of_role(&tokens, ROLE_OPERATOR)->text, OPERATOR);
    assert_ptr_equal(found, *state);
}

static void tokens_are_made_where_no_service_is(void **state)
{
    const char *found = NULL;
    struct tokens tokens;
    char remedy[TOKENS_REMEDY_SIZE];
    char own[PATH_SIZE];
    char none[PATH_SIZE];
    put_path(own, *state, "sub");
    put_path(none, *state, "elsewhere");
    assert_int_equal(tokens_find(own, none, &found, &tokens, remedy), 0);
    assert_ptr_equal(found, own);
    /* A gateway in a container has the service's folder for its own. */
    assert_int_equal(tokens_find(*state, *state, &found, &tokens, remedy), 0);
    assert_ptr_equal(found, *state);
}

static void tokens_are_not_made_where_no_folder_can_be(void **state)
{
    (void)state;
    struct tokens tokens;
    char remedy[TOKENS_REMEDY_SIZE];
    assert_int_equal(tokens_load_or_make("/dev/null/x", &tokens, NULL, remedy), -ENOTDIR);
    assert_int_equal(tokens_load_or_make("/proc/none", &tokens, NULL, remedy), -ENOENT);
    assert_non_null(strstr(remedy, "/proc/none/token: cannot be written:"));
}

int main(void)
{
    const struct CMUnitTest rules[] = {
        cmocka_unit_test_setup_teardown(tokens_are_made_at_the_first_start_and_kept, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(tokens_are_for_their_owner_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(tokens_differ_from_gateway_to_gateway, setup, teardown),
        cmocka_unit_test_setup_teardown(tokens_that_others_may_read_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(tokens_file_holds_roles_with_tokens_and_nothing_else, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(tokens_of_an_older_file_stay_and_the_admins_is_added, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(tokens_are_revoked_by_name_or_fingerprint, setup, teardown),
        cmocka_unit_test_setup_teardown(tokens_have_a_ceiling, setup, teardown),
        cmocka_unit_test_setup_teardown(tokens_are_not_read_from_what_is_no_file, setup, teardown),
        cmocka_unit_test_setup_teardown(tokens_of_the_service_are_shown_where_there_are_no_own,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(tokens_are_not_made_beside_a_service_that_has_none, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(tokens_of_ones_own_come_first, setup, teardown),
        cmocka_unit_test_setup_teardown(tokens_are_made_where_no_service_is, setup, teardown),
        cmocka_unit_test(tokens_are_not_made_where_no_folder_can_be),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
