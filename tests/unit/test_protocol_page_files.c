#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "loop/loop.h"
#include "protocol/http/page_files.h"
#include "protocol/http/page_twin.h"

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

static char *path_of(const char *folder, const char *name, char path[PATH_MAX])
{
    (void)snprintf(path, PATH_MAX, "%s/%s", folder, name);
    return path;
}

static void put_bytes(const char *folder, const char *name, const char *bytes, size_t length)
{
    char path[PATH_MAX];
    FILE *file = fopen(path_of(folder, name, path), "wbe");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static void put(const char *folder, const char *name, const char *text)
{
    put_bytes(folder, name, text, strlen(text));
}

static void put_folder(const char *folder, const char *name)
{
    char path[PATH_MAX];
    assert_int_equal(mkdir(path_of(folder, name, path), 0700), 0);
}

static int set_up(void **state)
{
    char *folder = strdup("/tmp/page-files-XXXXXX");
    *state = folder;
    return folder && mkdtemp(folder) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *location)
{
    (void)status, (void)kind, (void)location;
    return remove(path);
}

static int tear_down(void **state)
{
    int error = nftw(*state, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(*state);
    return error;
}

static struct page_files *read_page(const char *folder)
{
    struct page_files *files;
    assert_int_equal(page_files_new(folder, &files), 0);
    return files;
}

static void expect_error(const char *folder, int error)
{
    struct page_files *files = NULL;
    assert_int_equal(page_files_new(folder, &files), error);
    assert_null(files);
}

static void page_serves_each_file_by_its_path(void **state)
{
    put(*state, "index.html", "<p>");
    put(*state, "app.js", "1;");
    put_folder(*state, "views");
    put(*state, "views/lines.js", "2;");
    struct page_files *files = read_page(*state);
    assert_string_equal(page_file_plain(page_files_find(files, "/app.js")), "1;");
    assert_string_equal(page_file_plain(page_files_find(files, "/views/lines.js")), "2;");
    page_files_free(files);
}

static void page_serves_its_index_at_the_root(void **state)
{
    put(*state, "index.html", "<p>");
    struct page_files *files = read_page(*state);
    assert_non_null(page_files_find(files, "/"));
    assert_ptr_equal(page_files_find(files, "/index.html"), page_files_find(files, "/"));
    page_files_free(files);
}

static void page_knows_no_other_path(void **state)
{
    static const char *const paths[] = {
        "",          "app.js",      "/App.js",  "/app.js/",   "//app.js",
        "/./app.js", "/app.js ",    "/app",     "/../app.js", "/views",
        "/views/",   "/etc/passwd", "/app.jsx", "/app.js\\1", "/views/../app.js",
    };
    put(*state, "app.js", "1;");
    put_folder(*state, "views");
    struct page_files *files = read_page(*state);
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        if (page_files_find(files, paths[i]))
            fail_msg("\"%s\" is served", paths[i]);
    page_files_free(files);
}

static void page_leaves_hidden_files_and_folders_out(void **state)
{
    put(*state, ".env", "secret");
    put(*state, "app.js", "1;");
    put_folder(*state, ".git");
    put(*state, ".git/config", "secret");
    struct page_files *files = read_page(*state);
    assert_non_null(page_files_find(files, "/app.js"));
    assert_null(page_files_find(files, "/.env"));
    assert_null(page_files_find(files, "/.git/config"));
    page_files_free(files);
}

static void page_follows_no_symbolic_link(void **state)
{
    char path[PATH_MAX];
    put(*state, "app.js", "1;");
    assert_int_equal(symlink("/etc/hostname", path_of(*state, "host.txt", path)), 0);
    assert_int_equal(symlink("/etc", path_of(*state, "etc", path)), 0);
    assert_int_equal(symlink("app.js", path_of(*state, "alias.js", path)), 0);
    struct page_files *files = read_page(*state);
    assert_non_null(page_files_find(files, "/app.js"));
    assert_null(page_files_find(files, "/alias.js"));
    assert_null(page_files_find(files, "/host.txt"));
    assert_null(page_files_find(files, "/etc/hostname"));
    page_files_free(files);
}

static void page_leaves_out_what_is_no_file(void **state)
{
    char path[PATH_MAX];
    put(*state, "app.js", "1;");
    assert_int_equal(mkfifo(path_of(*state, "pipe.js", path), 0600), 0);
    struct page_files *files = read_page(*state);
    assert_non_null(page_files_find(files, "/app.js"));
    assert_null(page_files_find(files, "/pipe.js"));
    page_files_free(files);
}

static void page_names_the_media_type_of_each_ending(void **state)
{
    static const char *const rows[][2] = {
        {"index.html", "text/html; charset=utf-8"},
        {"app.css", "text/css; charset=utf-8"},
        {"app.js", "text/javascript; charset=utf-8"},
        {"app.webmanifest", "application/manifest+json"},
        {"icon.svg", "image/svg+xml"},
        {"icon.png", "image/png"},
        {"data.json", "application/json"},
        {"two.dots.js", "text/javascript; charset=utf-8"},
        {"unknown.xyz", "application/octet-stream"},
        {"LICENSE", "application/octet-stream"},
    };
    char path[64];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        put(*state, rows[i][0], "x");
    struct page_files *files = read_page(*state);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)snprintf(path, sizeof path, "/%s", rows[i][0]);
        assert_string_equal(page_files_find(files, path)->media_type, rows[i][1]);
    }
    page_files_free(files);
}

static void page_tags_a_content_and_not_a_name(void **state)
{
    put(*state, "a.js", "same");
    put(*state, "b.js", "same");
    put(*state, "c.js", "other");
    put(*state, "d.js", "");
    struct page_files *files = read_page(*state);
    struct page_file *a = page_files_find(files, "/a.js");
    assert_string_equal(a->etag, page_files_find(files, "/b.js")->etag);
    assert_string_not_equal(a->etag, page_files_find(files, "/c.js")->etag);
    assert_string_not_equal(a->etag, page_files_find(files, "/d.js")->etag);
    assert_true(a->etag[0] == '"' && a->etag[strlen(a->etag) - 1] == '"');
    page_files_free(files);
}

static void page_tags_a_change_of_any_byte(void **state)
{
    char text[] = "let places = nineteen";
    char name[16];
    for (size_t i = 0; i < sizeof text; i++) { /* one is not changed */
        (void)snprintf(name, sizeof name, "%zu.js", i);
        text[i] ^= (char)0x80;
        put_bytes(*state, name, text, sizeof text - 1);
        text[i] ^= (char)0x80;
    }
    struct page_files *files = read_page(*state);
    for (size_t i = 0; i < sizeof text; i++) {
        (void)snprintf(name, sizeof name, "/%zu.js", i);
        const struct page_file *file = page_files_find(files, name);
        for (size_t j = 0; j < i; j++) {
            (void)snprintf(name, sizeof name, "/%zu.js", j);
            assert_string_not_equal(file->etag, page_files_find(files, name)->etag);
        }
    }
    page_files_free(files);
}

static void page_tags_the_gzip_twin_by_itself(void **state)
{
    put(*state, "a.js", "same");
    struct page_files *files = read_page(*state);
    struct page_file *a = page_files_find(files, "/a.js");
    assert_string_not_equal(a->etag, a->etag_gzip);
    assert_null(strstr(a->etag_gzip, a->etag));
    page_files_free(files);
}

static void page_keeps_a_gzip_twin_with_the_same_content(void **state)
{
    char text[5000];
    char unpacked[6000];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)('a' + i % 7);
    put_bytes(*state, "a.js", text, sizeof text);
    struct page_files *files = read_page(*state);
    struct page_file *a = page_files_find(files, "/a.js");
    assert_non_null(page_file_gzip(a));
    assert_true(a->gzip_length < a->length);
    z_stream stream = {.next_in = (unsigned char *)a->gzip,
                       .avail_in = (unsigned)a->gzip_length,
                       .next_out = (unsigned char *)unpacked,
                       .avail_out = sizeof unpacked};
    assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
    assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
    assert_int_equal(stream.total_out, sizeof text);
    assert_memory_equal(unpacked, text, sizeof text);
    (void)inflateEnd(&stream);
    page_files_free(files);
}

static const char commented[] = "// A first line for readers, who want to know what this is.\n"
                                "export function answer() {\n"
                                "  // Why it is so is told here, in a sentence or two.\n"
                                "  return 42;\n"
                                "}\n";
static const char shortened[] = "export function answer(){return 42}";

/* The bytes of cmake/pack-page: `head`, what a gzip of the source ends with, the same of the body, the body. */
static size_t make_twin(const char *source, const char *sent, char twin[512])
{
    static const unsigned char head[] = {31, 139, 8, 4, 0, 0, 0, 0, 2, 3, 20, 0, 'p', 'g', 16, 0};
    size_t length;
    char *packed = page_twin_pack(source, strlen(source), &length);
    assert_non_null(packed);
    memcpy(twin, head, sizeof head);
    memcpy(twin + 16, packed + length - 8, 8);
    free(packed);
    packed = page_twin_pack(sent, strlen(sent), &length);
    assert_non_null(packed);
    assert_in_range(length, 20, 400);
    memcpy(twin + 32, packed + 10, length - 10);
    free(packed);
    size_t body = length - 10;
    packed = page_twin_pack(twin + 32, body, &length);
    assert_non_null(packed);
    memcpy(twin + 24, packed + length - 8, 8);
    free(packed);
    return 32 + body;
}

/* What the twin of "/a.js" says. */
static void expect_sent(struct page_files *files, const char *text)
{
    struct page_file *a = page_files_find(files, "/a.js");
    size_t length;
    assert_non_null(page_file_gzip(a));
    char *unpacked = page_twin_unpack(a->gzip, a->gzip_length, &length);
    assert_non_null(unpacked);
    assert_int_equal(length, strlen(text));
    assert_memory_equal(unpacked, text, length);
    free(unpacked);
}

static void page_takes_the_twin_that_the_build_has_made(void **state)
{
    char twin[512];
    put(*state, "a.js", commented);
    put_bytes(*state, "a.js.gz", twin, make_twin(commented, shortened, twin));
    struct page_files *files = read_page(*state);
    struct page_file *a = page_files_find(files, "/a.js");
    assert_null(a->gzip);
    expect_sent(files, shortened);
    assert_int_equal(a->gzip[3], 0); /* without the field */
    assert_null(a->plain);
    assert_int_equal(a->length, strlen(commented));
    page_files_free(files);
}

static void page_takes_the_twin_of_its_index(void **state)
{
    char twin[512];
    put(*state, "index.html", commented);
    put_bytes(*state, "index.html.gz", twin, make_twin(commented, shortened, twin));
    struct page_files *files = read_page(*state);
    assert_non_null(page_file_gzip(page_files_find(files, "/")));
    assert_true(page_files_find(files, "/")->is_built);
    assert_string_equal(page_file_plain(page_files_find(files, "/")), commented);
    page_files_free(files);
}

static void page_packs_by_itself_where_the_twin_is_of_another_source(void **state)
{
    char twin[512];
    char other[sizeof commented];
    memcpy(other, commented, sizeof commented);
    *strstr(other, "42") = '5';
    put(*state, "a.js", commented);
    put_bytes(*state, "a.js.gz", twin, make_twin(other, shortened, twin));
    struct page_files *files = read_page(*state);
    expect_sent(files, commented);
    page_files_free(files);
    put_bytes(*state, "a.js.gz", twin, make_twin(shortened, shortened, twin));
    files = read_page(*state);
    expect_sent(files, commented);
    page_files_free(files);
}

static void page_packs_by_itself_where_the_twin_is_broken(void **state)
{
    char twin[512];
    size_t length = make_twin(commented, shortened, twin);
    put(*state, "a.js", commented);
    for (size_t left = 0; left < length; left++) {
        put_bytes(*state, "a.js.gz", twin, left);
        struct page_files *files = read_page(*state);
        expect_sent(files, commented);
        page_files_free(files);
    }
    for (size_t at = 0; at < length; at++) {
        twin[at] ^= 0x10;
        put_bytes(*state, "a.js.gz", twin, length);
        struct page_files *files = read_page(*state);
        expect_sent(files, commented);
        page_files_free(files);
        twin[at] ^= 0x10;
    }
}

static void page_waits_for_no_twin_that_is_no_file(void **state)
{
    char path[PATH_MAX];
    char twin[512];
    put(*state, "a.js", commented);
    assert_int_equal(mkfifo(path_of(*state, "a.js.gz", path), 0600), 0);
    struct page_files *files = read_page(*state);
    expect_sent(files, commented);
    page_files_free(files);
    assert_int_equal(remove(path), 0);
    put_bytes(*state, "b", twin, make_twin(commented, shortened, twin));
    assert_int_equal(symlink("b", path), 0);
    files = read_page(*state);
    expect_sent(files, commented);
    page_files_free(files);
}

static void page_serves_twins_by_no_path_of_their_own(void **state)
{
    char twin[512];
    put(*state, "a.js", commented);
    size_t length = make_twin(commented, shortened, twin);
    put_bytes(*state, "a.js.gz", twin, length);
    put_bytes(*state, "gone.js.gz", twin, length);
    put(*state, "b.txt", "text");
    put(*state, "b.txt.gz", "a download of somebody's");
    struct page_files *files = read_page(*state);
    assert_null(page_files_find(files, "/a.js.gz"));
    assert_null(page_files_find(files, "/gone.js.gz"));
    assert_non_null(page_files_find(files, "/b.txt.gz"));
    page_files_free(files);
}

/* A page of one script and the twin that the build has made of it, which was sent; `etag` is the source's. */
static struct page_files *read_twinned(const char *folder, char etag[PAGE_ETAG_SIZE])
{
    char twin[512];
    put(folder, "a.js", commented);
    put_bytes(folder, "a.js.gz", twin, make_twin(commented, shortened, twin));
    struct page_files *files = read_page(folder);
    memcpy(etag, page_files_find(files, "/a.js")->etag, PAGE_ETAG_SIZE);
    expect_sent(files, shortened);
    return files;
}

static void page_gives_the_source_to_who_takes_no_gzip(void **state)
{
    char etag[PAGE_ETAG_SIZE];
    struct page_files *files = read_twinned(*state, etag);
    struct page_file *a = page_files_find(files, "/a.js");
    assert_memory_equal(page_file_plain(a), commented, strlen(commented));
    assert_int_equal(a->length, strlen(commented));
    assert_string_equal(a->etag, etag);
    put(*state, "a.js", "changed");
    assert_memory_equal(page_file_plain(a), commented, strlen(commented));
    page_files_free(files);
}

static void page_gives_what_the_twin_says_where_the_source_has_changed(void **state)
{
    char etag[PAGE_ETAG_SIZE];
    struct page_files *files = read_twinned(*state, etag);
    struct page_file *a = page_files_find(files, "/a.js");
    put(*state, "a.js", "changed");
    assert_memory_equal(page_file_plain(a), shortened, strlen(shortened));
    assert_int_equal(a->length, strlen(shortened));
    assert_string_not_equal(a->etag, etag);
    expect_sent(files, shortened);
    page_files_free(files);
}

static void page_tags_another_twin_of_the_same_source_otherwise(void **state)
{
    char twin[512];
    put(*state, "a.js", commented);
    put(*state, "b.js", commented);
    put_bytes(*state, "a.js.gz", twin, make_twin(commented, shortened, twin));
    put_bytes(*state, "b.js.gz", twin, make_twin(commented, "answer=()=>42", twin));
    struct page_files *files = read_page(*state);
    struct page_file *a = page_files_find(files, "/a.js");
    struct page_file *b = page_files_find(files, "/b.js");
    assert_non_null(page_file_gzip(a));
    assert_non_null(page_file_gzip(b));
    assert_string_equal(a->etag, b->etag);
    assert_string_not_equal(a->etag_gzip, b->etag_gzip);
    assert_string_not_equal(a->etag_gzip, a->etag);
    page_files_free(files);
}

/* A page of one file, "/a.js", whose twin is smaller. */
static struct page_files *read_packed(const char *folder, char *text, size_t length)
{
    memset(text, 'a', length);
    put_bytes(folder, "a.js", text, length);
    struct page_files *files = read_page(folder);
    assert_non_null(page_file_gzip(page_files_find(files, "/a.js")));
    return files;
}

static void page_makes_a_twin_when_it_is_asked_for(void **state)
{
    put(*state, "a.js",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    struct page_files *files = read_page(*state);
    struct page_file *a = page_files_find(files, "/a.js");
    assert_null(a->gzip);
    const char *twin = page_file_gzip(a);
    assert_non_null(twin);
    assert_ptr_equal(page_file_gzip(a), twin);
    page_files_free(files);
}

static void stop(void *context)
{
    loop_stop(context);
}

static void page_makes_every_twin_in_turns_of_the_loop(void **state)
{
    char text[5000];
    struct loop *loop = NULL;
    struct loop_timer timer;
    memset(text, 'a', sizeof text);
    put_bytes(*state, "a.js", text, sizeof text);
    put_bytes(*state, "b.js", text, sizeof text);
    struct page_files *files = read_page(*state);
    assert_int_equal(loop_new(&loop), 0);
    page_files_pack(files, loop);
    loop_timer_init(&timer, loop, stop, loop);
    for (int turn = 0; turn < 4; turn++) {
        (void)loop_timer_set(&timer, 0);
        assert_int_equal(loop_run(loop), 0);
    }
    assert_non_null(page_files_find(files, "/b.js")->gzip);
    assert_null(page_files_find(files, "/a.js")->plain);
    page_files_free(files);
    loop_free(loop);
}

static void page_keeps_plain_bytes_that_somebody_has(void **state)
{
    char text[5000];
    memset(text, 'a', sizeof text);
    put_bytes(*state, "a.js", text, sizeof text);
    struct page_files *files = read_page(*state);
    struct page_file *a = page_files_find(files, "/a.js");
    const char *plain = page_file_plain(a);
    assert_non_null(page_file_gzip(a));
    assert_ptr_equal(page_file_plain(a), plain);
    assert_memory_equal(plain, text, sizeof text);
    page_files_free(files);
}

static void page_unpacks_a_twin_once_for_those_who_take_no_gzip(void **state)
{
    char text[5000];
    struct page_files *files = read_packed(*state, text, sizeof text);
    struct page_file *a = page_files_find(files, "/a.js");
    assert_null(a->plain);
    const char *plain = page_file_plain(a);
    assert_memory_equal(plain, text, sizeof text);
    assert_ptr_equal(page_file_plain(a), plain);
    page_files_free(files);
}

static void page_with_a_broken_twin_has_no_plain_bytes(void **state)
{
    char text[5000];
    struct page_files *files = read_packed(*state, text, sizeof text);
    struct page_file *a = page_files_find(files, "/a.js");
    a->gzip_length--;
    assert_null(page_file_plain(a));
    page_files_free(files);
}

static void page_keeps_no_twin_that_is_not_smaller(void **state)
{
    put(*state, "a.js", "x");
    put(*state, "empty.js", "");
    struct page_files *files = read_page(*state);
    assert_null(page_file_gzip(page_files_find(files, "/a.js")));
    assert_null(page_file_gzip(page_files_find(files, "/empty.js")));
    assert_int_equal(page_files_find(files, "/empty.js")->length, 0);
    page_files_free(files);
}

static void page_keeps_bytes_as_they_are(void **state)
{
    static const char bytes[] = "\0\r\n\xff\0x";
    put_bytes(*state, "a.png", bytes, sizeof bytes);
    struct page_files *files = read_page(*state);
    struct page_file *a = page_files_find(files, "/a.png");
    assert_int_equal(a->length, sizeof bytes);
    assert_memory_equal(page_file_plain(a), bytes, sizeof bytes);
    page_files_free(files);
}

static void page_refuses_a_file_that_is_too_large(void **state)
{
    char *bytes = calloc(1, PAGE_FILE_MAX_BYTES + 1);
    assert_non_null(bytes);
    put_bytes(*state, "a.png", bytes, PAGE_FILE_MAX_BYTES);
    struct page_files *files = read_page(*state);
    page_files_free(files);
    put_bytes(*state, "a.png", bytes, PAGE_FILE_MAX_BYTES + 1);
    free(bytes);
    expect_error(*state, -E2BIG);
}

static void page_refuses_too_many_files(void **state)
{
    char name[16];
    for (int i = 0; i < PAGE_FILES_MAX; i++) {
        (void)snprintf(name, sizeof name, "%d.txt", i);
        put(*state, name, "x");
    }
    struct page_files *files = read_page(*state);
    for (int i = 0; i < PAGE_FILES_MAX; i++) {
        (void)snprintf(name, sizeof name, "/%d.txt", i);
        assert_non_null(page_files_find(files, name));
    }
    page_files_free(files);
    put(*state, "more.txt", "x");
    expect_error(*state, -E2BIG);
}

static void page_refuses_a_name_that_is_too_long(void **state)
{
    char name[PAGE_NAME_SIZE + 1];
    (void)snprintf(name, sizeof name, "%0*d", PAGE_NAME_SIZE - 2, 0);
    put(*state, name, "x");
    struct page_files *files = read_page(*state);
    page_files_free(files);
    (void)snprintf(name, sizeof name, "%0*d", PAGE_NAME_SIZE - 1, 0);
    put(*state, name, "x");
    expect_error(*state, -ENAMETOOLONG);
}

static void page_refuses_folders_that_are_too_deep(void **state)
{
    put_folder(*state, "1");
    put_folder(*state, "1/2");
    put_folder(*state, "1/2/3");
    put(*state, "1/2/3/a.js", "x");
    struct page_files *files = read_page(*state);
    assert_non_null(page_files_find(files, "/1/2/3/a.js"));
    page_files_free(files);
    put_folder(*state, "1/2/3/4");
    expect_error(*state, -E2BIG);
}

static void page_says_when_there_is_no_folder(void **state)
{
    char path[PATH_MAX];
    expect_error(path_of(*state, "missing", path), -ENOENT);
    put(*state, "file", "x");
    expect_error(path_of(*state, "file", path), -ENOTDIR);
}

static void page_of_an_empty_folder_has_no_files(void **state)
{
    struct page_files *files = read_page(*state);
    assert_null(page_files_find(files, "/"));
    assert_null(page_files_free(files));
    assert_null(page_files_free(NULL));
}

#define PAGE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PAGE_TEST(page_serves_each_file_by_its_path),
        PAGE_TEST(page_serves_its_index_at_the_root),
        PAGE_TEST(page_knows_no_other_path),
        PAGE_TEST(page_leaves_hidden_files_and_folders_out),
        PAGE_TEST(page_follows_no_symbolic_link),
        PAGE_TEST(page_leaves_out_what_is_no_file),
        PAGE_TEST(page_names_the_media_type_of_each_ending),
        PAGE_TEST(page_tags_a_content_and_not_a_name),
        PAGE_TEST(page_tags_a_change_of_any_byte),
        PAGE_TEST(page_tags_the_gzip_twin_by_itself),
        PAGE_TEST(page_keeps_a_gzip_twin_with_the_same_content),
        PAGE_TEST(page_takes_the_twin_that_the_build_has_made),
        PAGE_TEST(page_takes_the_twin_of_its_index),
        PAGE_TEST(page_packs_by_itself_where_the_twin_is_of_another_source),
        PAGE_TEST(page_packs_by_itself_where_the_twin_is_broken),
        PAGE_TEST(page_waits_for_no_twin_that_is_no_file),
        PAGE_TEST(page_serves_twins_by_no_path_of_their_own),
        PAGE_TEST(page_gives_the_source_to_who_takes_no_gzip),
        PAGE_TEST(page_gives_what_the_twin_says_where_the_source_has_changed),
        PAGE_TEST(page_tags_another_twin_of_the_same_source_otherwise),
        PAGE_TEST(page_makes_a_twin_when_it_is_asked_for),
        PAGE_TEST(page_makes_every_twin_in_turns_of_the_loop),
        PAGE_TEST(page_keeps_plain_bytes_that_somebody_has),
        PAGE_TEST(page_unpacks_a_twin_once_for_those_who_take_no_gzip),
        PAGE_TEST(page_with_a_broken_twin_has_no_plain_bytes),
        PAGE_TEST(page_keeps_no_twin_that_is_not_smaller),
        PAGE_TEST(page_keeps_bytes_as_they_are),
        PAGE_TEST(page_refuses_a_file_that_is_too_large),
        PAGE_TEST(page_refuses_too_many_files),
        PAGE_TEST(page_refuses_a_name_that_is_too_long),
        PAGE_TEST(page_refuses_folders_that_are_too_deep),
        PAGE_TEST(page_says_when_there_is_no_folder),
        PAGE_TEST(page_of_an_empty_folder_has_no_files),
    };
    return cmocka_run_group_tests_name("protocol_page_files", tests, NULL, NULL);
}
