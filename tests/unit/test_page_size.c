/* How much of the page is sent to a browser: the gzip twins of build/www, each file by itself, without the
 * fields of HTTP, and without the icons for home screens, which only an installation loads (4 kB), and the page
 * /ca, which a phone loads once (1.5 kB).
 * `build/tests/unit/test_page_size` prints the sums. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "protocol/http/page_files.h"

#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
    FIRST_VIEW_MOST = 36 * 1000, /* 45 kB are promised */
    ALL_MOST = 1395 * 100,       /* 140 kB are promised */
    FOLDERS_MAX = 8,
};

static const char folder[] = GATEWAY_PAGE;
static const char first_english[] = "/i18n/en/first.js";
static struct page_files *page; /* nftw(3) has no context */
static const char *left_out;
static size_t sum;

static int set_up(void **state)
{
    (void)state;
    sum = 0;
    return page_files_new(folder, &page);
}

static int tear_down(void **state)
{
    (void)state;
    page = page_files_free(page);
    return 0;
}

/* Where the build has no tools for them, the gateway packs the sources with their comments. */
static void needs_twins_of_the_build(void)
{
    if (!GATEWAY_PAGE_IS_PACKED)
        skip();
}

/* What is sent for a file, and whether all of it is there. */
static size_t sent(const char *path)
{
    struct page_file *file = page_files_find(page, path);
    if (!file) {
        fail_msg("%s is not there", path);
        return 0;
    }
    return page_file_gzip(file) ? file->gzip_length : file->length;
}

static int add(const char *path, const struct stat *status, int kind, struct FTW *location)
{
    (void)status, (void)location;
    const char *name = path + strlen(folder);
    bool is_sent = kind == FTW_F && !strstr(name, ".png") && !strstr(name, ".gz") &&
                   strncmp(name, "/ca/", 4) != 0;
    if (is_sent && (!strstr(name, left_out) || strcmp(name, first_english) == 0))
        sum += sent(name);
    return 0;
}

/* English's first texts come with every page: they stand in where a translation has none. */
static void whole_page_is_small_in_either_language(void **state)
{
    (void)state;
    needs_twins_of_the_build();
    static const char *const others[] = {"/i18n/en/", "/i18n/ko/"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        sum = 0;
        left_out = others[i];
        assert_int_equal(nftw(folder, add, FOLDERS_MAX, FTW_PHYS), 0);
        print_message("all but %s: %zu bytes\n", left_out, sum);
        assert_in_range(sum, 50 * 1000, ALL_MOST);
    }
}

/* The index, what it names (tests/page/page.test.mjs holds that this is all that is imported at once), and
 * what is imported first: the session, and the texts of a language. */
static void first_view_is_small_in_either_language(void **state)
{
    (void)state;
    needs_twins_of_the_build();
    char name[PAGE_NAME_SIZE];
    char whole[128 * 1024] = "";
    FILE *file = fopen(GATEWAY_PAGE "/index.html", "re");
    assert_non_null(file);
    assert_in_range(fread(whole, 1, sizeof whole - 1, file), 1, sizeof whole - 2);
    assert_int_equal(fclose(file), 0);
    sum = sent("/") - sent("/boot.js") - sent("/main.js") + sent("/session.js") +
          sent("/i18n/ko/first.js");
    for (const char *at = whole; (at = strpbrk(at, "hs")); at++)
        if ((sscanf(at, "href=\"%126[^\"#]\"", name + 1) == 1 ||
             sscanf(at, "src=\"%126[^\"#]\"", name + 1) == 1) &&
            (name[0] = '/'))
            sum += sent(name); /* run_id.js and main.js are named twice */
    print_message("first view: %zu bytes\n", sum);
    assert_in_range(sum, 20 * 1000, FIRST_VIEW_MOST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(whole_page_is_small_in_either_language, set_up, tear_down),
        cmocka_unit_test_setup_teardown(first_view_is_small_in_either_language, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
