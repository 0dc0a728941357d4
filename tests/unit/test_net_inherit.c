#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/inherit.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void bind_at(int fd, int type, struct address *ret_address)
{
    struct address address;
    assert_int_equal(address_parse("127.0.0.1:0", NULL, &address, NULL), 0);
    int made = socket(AF_INET, type, 0);
    assert_int_equal(bind(made, &address.any, address.length), 0);
    assert_int_equal(getsockname(made, &address.any, &address.length), 0);
    if (made != fd) {
        assert_int_equal(dup2(made, fd), fd);
        (void)close(made);
    }
    *ret_address = address;
}

static void set_variables(int pid, const char *count)
{
    char text[16];
    (void)snprintf(text, sizeof text, "%d", pid);
    (void)setenv("LISTEN_PID", text, 1);
    (void)setenv("LISTEN_FDS", count, 1);
}

/* Descriptors 3 and 4 are the protocol's; a child of our own leaves the test's alone. */
static void in_child(void (*rule)(void))
{
    pid_t child = fork();
    if (child == 0) {
        for (int fd = 3; fd < 64; fd++)
            (void)close(fd);
        rule();
        _exit(0);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            (void)fprintf(stderr, "line %d: %s\n", __LINE__, #condition);                          \
            _exit(1);                                                                              \
        }                                                                                          \
    } while (0)

static void match(void)
{
    struct address stream, datagram;
    struct inherited inherited;
    bind_at(3, SOCK_STREAM, &stream);
    bind_at(4, SOCK_DGRAM, &datagram);
    set_variables(getpid(), "2");
    MUST(inherit_read(&inherited) == 0);
    MUST(inherited.count == 2);
    MUST(!getenv("LISTEN_FDS") && !getenv("LISTEN_PID"));
    MUST(fcntl(3, F_GETFD) & FD_CLOEXEC);
    MUST(inherit_take(&inherited, &stream, SOCK_DGRAM) == -1);
    MUST(inherit_take(&inherited, &datagram, SOCK_DGRAM) == 4);
    MUST(inherit_take(&inherited, &stream, SOCK_STREAM) == 3);
    MUST(inherit_take(&inherited, &stream, SOCK_STREAM) == -1);
    MUST(inherit_close_rest(&inherited) == 0);
}

static void inherit_matches_descriptors_to_addresses_and_types(void **state)
{
    (void)state;
    in_child(match);
}

static void foreign(void)
{
    struct inherited inherited;
    set_variables(getpid() + 1, "2");
    MUST(inherit_read(&inherited) == 0);
    MUST(inherited.count == 0);
}

static void inherit_ignores_variables_of_another_process(void **state)
{
    (void)state;
    in_child(foreign);
}

static void rest(void)
{
    struct address stream;
    struct inherited inherited;
    bind_at(3, SOCK_STREAM, &stream);
    set_variables(getpid(), "1");
    MUST(inherit_read(&inherited) == 0);
    MUST(inherit_close_rest(&inherited) == 1);
    MUST(fcntl(3, F_GETFD) < 0 && errno == EBADF);
}

static void inherit_closes_what_nobody_took(void **state)
{
    (void)state;
    in_child(rest);
}

static void nonsense(void)
{
    struct inherited inherited;
    set_variables(getpid(), "two");
    MUST(inherit_read(&inherited) == -EINVAL);
    set_variables(getpid(), "129");
    MUST(inherit_read(&inherited) == -EINVAL);
    set_variables(getpid(), "1");
    MUST(inherit_read(&inherited) == -EBADF);
}

static void inherit_refuses_numbers_and_descriptors_that_are_none(void **state)
{
    (void)state;
    in_child(nonsense);
}

/* As a manager passes them: a socket of its own, and two files that an earlier process gave it. */
static void pass(struct address *ret_stream, const char *names)
{
    bind_at(3, SOCK_STREAM, ret_stream);
    /* As a service manager passes them: without close-on-exec. */
    MUST(open("/dev/null", O_RDONLY) == 4); /* NOLINT(android-cloexec-open) */
    MUST(open("/dev/zero", O_RDONLY) == 5); /* NOLINT(android-cloexec-open) */
    set_variables(getpid(), "3");
    (void)setenv("LISTEN_FDNAMES", names, 1);
}

static void sort(void)
{
    struct address stream;
    struct inherited inherited;
    char name[INHERIT_NAME_SIZE];
    pass(&stream, "http:gpiochip0/17,27:stored");
    MUST(inherit_read(&inherited) == 0);
    MUST(inherited.count == 3);
    MUST(!getenv("LISTEN_FDNAMES"));
    MUST((fcntl(3, F_GETFD) & fcntl(4, F_GETFD) & fcntl(5, F_GETFD)) == FD_CLOEXEC);
    MUST(inherit_take_named(&inherited, "gpiochip", name) == 4);
    MUST(strcmp(name, "gpiochip0/17,27") == 0);
    MUST(inherit_take_named(&inherited, "gpiochip", name) == -1);
    MUST(inherit_take(&inherited, &stream, SOCK_STREAM) == 3);
    MUST(inherit_close_rest(&inherited) == 1);
    MUST(fcntl(4, F_GETFD) >= 0);
    MUST(fcntl(5, F_GETFD) < 0 && errno == EBADF);
}

static void inherit_sorts_descriptors_by_name(void **state)
{
    (void)state;
    in_child(sort);
}

static void nameless(void)
{
    struct address stream;
    struct inherited inherited;
    char name[INHERIT_NAME_SIZE];
    pass(&stream, "");
    (void)unsetenv("LISTEN_FDNAMES");
    MUST(inherit_read(&inherited) == 0);
    MUST(inherit_take_named(&inherited, "gpiochip", name) == -1);
    MUST(inherit_take(&inherited, &stream, SOCK_STREAM) == 3);
    MUST(inherit_close_rest(&inherited) == 2);
}

static void inherit_takes_sockets_of_a_manager_without_names(void **state)
{
    (void)state;
    in_child(nameless);
}

static void miscounted(void)
{
    struct address stream;
    struct inherited inherited;
    char name[INHERIT_NAME_SIZE + 3];
    pass(&stream, "http:gpiochip0/17");
    MUST(inherit_read(&inherited) == -EINVAL);
    (void)setenv("LISTEN_FDNAMES", "a:b:c:d", 1);
    MUST(inherit_read(&inherited) == -EINVAL);
    memset(name, 'x', sizeof name);
    memcpy(name + INHERIT_NAME_SIZE, "::", 3);
    (void)setenv("LISTEN_FDNAMES", name, 1);
    MUST(inherit_read(&inherited) == -EINVAL);
    (void)setenv("LISTEN_FDNAMES", name + 1, 1);
    MUST(inherit_read(&inherited) == 0);
    MUST(strlen(inherited.descriptors[0].name) == INHERIT_NAME_SIZE - 1);
    MUST(inherited.descriptors[2].name[0] == '\0');
}

static void inherit_refuses_names_that_are_not_one_for_each(void **state)
{
    (void)state;
    in_child(miscounted);
}

int main(void)
{
    const struct CMUnitTest rules[] = {
        cmocka_unit_test(inherit_matches_descriptors_to_addresses_and_types),
        cmocka_unit_test(inherit_ignores_variables_of_another_process),
        cmocka_unit_test(inherit_closes_what_nobody_took),
        cmocka_unit_test(inherit_refuses_numbers_and_descriptors_that_are_none),
        cmocka_unit_test(inherit_sorts_descriptors_by_name),
        cmocka_unit_test(inherit_takes_sockets_of_a_manager_without_names),
        cmocka_unit_test(inherit_refuses_names_that_are_not_one_for_each),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
