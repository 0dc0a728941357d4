#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_SIZE = 96 };

static char folder[] = "/tmp/file-XXXXXX";

static int setup(void **state)
{
    (void)state;
    (void)strcpy(folder, "/tmp/file-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static const char *in_folder(const char *name)
{
    static char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static int teardown(void **state)
{
    (void)state;
    static const char *const names[] = {"a.new", "a", "b/c/d", "b/c", "b", ""};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        (void)remove(in_folder(names[i]));
    return 0;
}

static void assert_content(const char *path, const char *text)
{
    struct buffer buffer;
    buffer_init(&buffer, 1000);
    assert_int_equal(file_read(path, &buffer), 0);
    assert_string_equal(buffer_text(&buffer), text);
    buffer_done(&buffer);
}

static void file_reads_back_what_it_wrote(void **state)
{
    (void)state;
    struct buffer buffer;
    static char bytes[100000];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 7);
    assert_int_equal(file_write(in_folder("a"), bytes, sizeof bytes, 0644), 0);
    buffer_init(&buffer, sizeof bytes);
    assert_int_equal(file_read(in_folder("a"), &buffer), 0);
    assert_int_equal(buffer.length, sizeof bytes);
    assert_memory_equal(buffer.data, bytes, sizeof bytes);
    buffer_done(&buffer);
}

static void file_that_is_longer_than_the_buffer_is_refused(void **state)
{
    (void)state;
    struct buffer buffer;
    assert_int_equal(file_write(in_folder("a"), "12345", 5, 0600), 0);
    buffer_init(&buffer, 4);
    assert_int_equal(file_read(in_folder("a"), &buffer), -ENOBUFS);
    buffer_done(&buffer);
}

static void file_tells_why_it_cannot_be_read(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 4);
    assert_int_equal(file_read(in_folder("none"), &buffer), -ENOENT);
    assert_int_equal(file_read(folder, &buffer), -EISDIR);
    assert_int_equal(file_read("/dev/null/a", &buffer), -ENOTDIR);
    assert_int_equal(buffer.length, 0);
    buffer_done(&buffer);
}

static void file_is_replaced_with_its_new_mode(void **state)
{
    (void)state;
    struct stat status;
    mode_t before = umask(0);
    assert_int_equal(file_write(in_folder("a"), "old", 3, 0666), 0);
    assert_int_equal(file_write(in_folder("a"), "new!", 4, 0600), 0);
    (void)umask(before);
    assert_content(in_folder("a"), "new!");
    assert_int_equal(stat(in_folder("a"), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
}

static void file_is_written_although_a_crash_left_half_of_one_beside_it(void **state)
{
    (void)state;
    FILE *half = fopen(in_folder("a.new"), "we");
    assert_non_null(half);
    (void)fputs("half of a much longer file", half);
    (void)fclose(half);
    assert_int_equal(file_write(in_folder("a"), "x", 1, 0600), 0);
    assert_content(in_folder("a"), "x");
    assert_int_equal(access(in_folder("a.new"), F_OK), -1);
}

static void file_that_cannot_be_written_leaves_the_old_one_and_no_other(void **state)
{
    (void)state;
    assert_int_equal(mkdir(in_folder("a"), 0700), 0);
    assert_int_equal(file_write(in_folder("a"), "x", 1, 0600), -EISDIR);
    assert_int_equal(access(in_folder("a.new"), F_OK), -1);
    assert_int_equal(file_write(in_folder("none/a"), "x", 1, 0600), -ENOENT);
}

static void file_path_has_a_ceiling(void **state)
{
    (void)state;
    char path[PATH_MAX + 10];
    memset(path, 'a', sizeof path);
    path[PATH_MAX - 2] = '\0';
    assert_int_equal(file_write(path, "x", 1, 0600), -ENAMETOOLONG);
    path[PATH_MAX - 2] = 'a';
    path[PATH_MAX + 9] = '\0';
    assert_int_equal(file_make_folder(path, 0700), -ENAMETOOLONG);
    assert_int_equal(file_make_folder("", 0700), -ENOENT);
}

static void folder_is_made_with_its_parents_and_may_be_there(void **state)
{
    (void)state;
    struct stat status;
    assert_int_equal(file_make_folder(in_folder("b/c"), 0700), 0);
    assert_int_equal(stat(in_folder("b"), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0700);
    assert_int_equal(chmod(in_folder("b"), 0755), 0);
    assert_int_equal(file_make_folder(in_folder("b/c/d/"), 0700), 0);
    assert_int_equal(stat(in_folder("b"), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0755);
    assert_int_equal(file_write(in_folder("a"), "", 0, 0600), 0);
    assert_int_equal(file_make_folder(in_folder("a"), 0700), -ENOTDIR);
    assert_int_equal(file_make_folder(in_folder("a/x"), 0700), -ENOTDIR);
}

static void file_leaves_no_descriptor_open(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 4);
    int first = fcntl(0, F_DUPFD_CLOEXEC, 0);
    close(first);
    (void)file_write(in_folder("a"), "12345", 5, 0600);
    (void)file_read(in_folder("a"), &buffer);
    (void)file_read(folder, &buffer);
    (void)file_write(in_folder("none/a"), "x", 1, 0600);
    int second = fcntl(0, F_DUPFD_CLOEXEC, 0);
    close(second);
    assert_int_equal(first, second);
    buffer_done(&buffer);
}

int main(void)
{
    const struct CMUnitTest rules[] = {
        cmocka_unit_test_setup_teardown(file_reads_back_what_it_wrote, setup, teardown),
        cmocka_unit_test_setup_teardown(file_that_is_longer_than_the_buffer_is_refused, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(file_tells_why_it_cannot_be_read, setup, teardown),
        cmocka_unit_test_setup_teardown(file_is_replaced_with_its_new_mode, setup, teardown),
        cmocka_unit_test_setup_teardown(file_is_written_although_a_crash_left_half_of_one_beside_it,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(file_that_cannot_be_written_leaves_the_old_one_and_no_other,
                                        setup, teardown),
        cmocka_unit_test(file_path_has_a_ceiling),
        cmocka_unit_test_setup_teardown(folder_is_made_with_its_parents_and_may_be_there, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(file_leaves_no_descriptor_open, setup, teardown),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
