#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "circuit/verbs.h"
#include "client/client.h"
#include "manual/manual.h"

#include <string.h>

static void expect_parts(void (*print)(struct buffer *out), const char *const *parts)
{
    struct buffer page;
    buffer_init(&page, 1024 * 1024);
    print(&page);
    assert_int_equal(page.error, 0);
    for (; *parts; parts++)
        if (!strstr(buffer_text(&page), *parts))
            fail_msg("\"%s\" is not in:\n%s", *parts, buffer_text(&page));
    buffer_done(&page);
}

static void manual_prints_each_key_in_a_row_of_its_own(void **state)
{
    (void)state;
    static const char *const parts[] = {
        "\n| `lines` | list of objects, at most 256 | required |",
        "\n| `debounce_ms` | 0 to 10000 ms | 0 | inputs:",
        "\n| `initial` | 0, 1, \"keep\", \"last\" | 0 | outputs:",
        "\n| `http` | list of ADDRESS:PORT or unix:PATH, at most 16 | [\"[::]:8080\", ",
        "\n| `socket_mode` | \"0600\" to \"0777\" | \"0660\" |",
        "\n### circuit.scenes[].steps[]\n",
        "\n### circuit.rules[].do\n",
        "\n| `method` | \"line.set\", \"line.toggle\", ",
        "\n| `hz` | 0.1 to 500 Hz | 200 | frequency |",
        "\n| `duty` | 0 to 1 | required | line.pwm: share of time on |",
        NULL,
    };
    expect_parts(manual_print_keys, parts);
}

static void manual_prints_each_method_with_its_ways(void **state)
{
    (void)state;
    static const char *const parts[] = {
        "\n| `line.pulse` | `POST /api/v1/lines/{line}/pulse` | `pulse LINE MS` | operator | ",
        "\n| `history.get` | `GET /api/v1/history` |  | viewer | ",
        "\n### line.pulse\n",
        "\n| `ms` | 1 to 86400000 ms | required | length of the pulse |\n",
        NULL,
    };
    expect_parts(manual_print_methods, parts);
}

static void manual_prints_each_word(void **state)
{
    (void)state;
    static const char *const parts[] = {
        "\n| `toggle LINE` | Toggle an output | with a number |\n",
        "[lease_ms=MS \\| lease=connection]` | Set an output |  |\n",
        "\n| `auth TOKEN` | ",
        NULL,
    };
    expect_parts(manual_print_words, parts);
}

static void manual_prints_each_error(void **state)
{
    (void)state;
    static const char *const parts[] = {
        "\n| `no-such-line` | 404 | -32001 | No such line |\n",
        "\n| `interlock` | 409 | -32004 | ",
        "\n| `internal` | 500 | -32603 | ",
        NULL,
    };
    expect_parts(manual_print_errors, parts);
}

static void manual_has_every_word_in_help_man_page_and_completion(void **state)
{
    (void)state;
    void (*const pages[])(struct buffer *) = {manual_print_help, manual_print_man,
                                              manual_print_completion};
    const char *word;
    for (size_t i = 0; (word = client_word_at(i)); i++)
        for (size_t j = 0; j < 3; j++) {
            const char *const parts[] = {word, NULL};
            expect_parts(pages[j], parts);
        }
}

static void manual_escapes_what_man_would_take_for_its_own(void **state)
{
    (void)state;
    static const char *const parts[] = {".TH gpio-gateway 1 ", ".B \\-\\-config \\fIFILE\\fR\n",
                                        "blink LINE ON_MS OFF_MS [COUNT]\n", NULL};
    static const char *const keys[] = {".SH circuit.lines[]\n", ".B debounce_ms\n",
                                       "0 to 10000 ms; default 0\n", NULL};
    expect_parts(manual_print_man, parts);
    expect_parts(manual_print_man5, keys);
}

static void manual_finds_its_pages_by_name(void **state)
{
    (void)state;
    static const char *const names[] = {"keys", "methods",    "words",     "errors",
                                        "man",  "man-config", "completion"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_string_equal(manual_page_find(names[i])->name, names[i]);
    assert_null(manual_page_find("nonsense"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(manual_prints_each_key_in_a_row_of_its_own),
        cmocka_unit_test(manual_prints_each_method_with_its_ways),
        cmocka_unit_test(manual_prints_each_word),
        cmocka_unit_test(manual_prints_each_error),
        cmocka_unit_test(manual_has_every_word_in_help_man_page_and_completion),
        cmocka_unit_test(manual_escapes_what_man_would_take_for_its_own),
        cmocka_unit_test(manual_finds_its_pages_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
