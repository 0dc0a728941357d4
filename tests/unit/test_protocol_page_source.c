#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "protocol/http/page_source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    TEXT_MAX = 4096,
};

/* Splits `text`, checks that both parts give it again, and returns whether the code is `code`. */
static void expect(enum page_source kind, const char *text, const char *code)
{
    struct buffer first;
    struct buffer second;
    char joined[TEXT_MAX];
    buffer_init(&first, TEXT_MAX);
    buffer_init(&second, TEXT_MAX);
    bool is_split = page_source_split(kind, text, strlen(text), &first, &second);
    if (is_split != (code != NULL))
        fail_msg("%s: %s", is_split ? "split" : "not split", text);
    if (code) {
        assert_string_equal(buffer_text(&first), code);
        page_source_join(buffer_text(&first), first.length, buffer_text(&second), second.length,
                         joined);
        assert_memory_equal(joined, text, strlen(text));
    }
    buffer_done(&first);
    buffer_done(&second);
}

static void script(const char *text, const char *code)
{
    expect(PAGE_SOURCE_SCRIPT, text, code);
}

static void script_loses_comments_and_indentation(void **state)
{
    (void)state;
    script("// @ts-check\n/**\n * @param {string} a\n */\nexport function f(a) {\n  return a; // "
           "b\n}\n",
           "export function f(a) {\nreturn a; // b\n}\n");
    script("\t/* a */ /* b */ c();", "c();");
    script("  /** @type {number} */ let a;\n\n\n  b();", "let a;\nb();");
    script("/* a\n b */ c();\n", "c();\n");
    script("/**/ a();", "a();");
    script("a = `b\n\n\n`;\n\nc();", "a = `b\n\n\n`;\nc();");
    script("\n\n\n  a();\n\n", "a();\n");
    script("/*/ a();\n*/ b();", "b();");
}

static void script_keeps_what_a_license_or_a_source_map_needs(void **state)
{
    (void)state;
    script("/*! MIT */\n  //! by me\n//# sourceMappingURL=a.map\n",
           "/*! MIT */\n//! by me\n//# sourceMappingURL=a.map\n");
}

static void script_keeps_what_only_looks_like_a_comment(void **state)
{
    (void)state;
    script("  a('// b', \"/* c */\", /[/]\\/\\//);\n", "a('// b', \"/* c */\", /[/]\\/\\//);\n");
    script("  `a ${b(`c ${d}`, { e: 'f' + \"g\" })} // f`;\n",
           "`a ${b(`c ${d}`, { e: 'f' + \"g\" })} // f`;\n");
}

static void script_keeps_texts_that_go_over_lines(void **state)
{
    (void)state;
    script("  a = `\n  // b\n`;\n  c();\n", "a = `\n  // b\n`;\nc();\n");
    script("a = `b ${\n  // c\n  d({\n    e: `\n  // f`,\n  })\n}\n  g\\`\n  ${h}`;\n  i();",
           "a = `b ${\nd({\ne: `\n  // f`,\n})\n}\n  g\\`\n  ${h}`;\ni();");
}

static void script_that_cannot_be_followed_stays_whole(void **state)
{
    (void)state;
    script("x = /'/; a = `it's\n  // b`;\n", NULL);
    script("a = 'b \\\n  // c';\n", NULL);
    script("a = 1; /* b\n  c */ d();\n", NULL);
    script("a(); /* b\n", NULL);
    script("/* a", NULL);
    script("a();\1\n", NULL);
    script("a = `b", NULL);
    script("// a\rb();\n", NULL);
    script("a = `${`${`${`${`${`${`${`${`b`}`}`}`}`}`}`}`}`;\n", NULL);
}

static void style_loses_comments_and_indentation(void **state)
{
    (void)state;
    expect(PAGE_SOURCE_STYLE, "/* a\n   b */\np {\n  color: red; /* c */\n}\n",
           "p {\ncolor: red; /* c */\n}\n");
    expect(PAGE_SOURCE_STYLE, "p::before {\n  content: '`';\n}\n",
           "p::before {\ncontent: '`';\n}\n");
    expect(PAGE_SOURCE_STYLE, "// a\n", "// a\n");
    expect(PAGE_SOURCE_STYLE, "p::before {\n  content: 'a\\\n  b';\n}\n", NULL);
}

static void nothing_is_split_off_other_files(void **state)
{
    (void)state;
    expect(PAGE_SOURCE_OTHER, "<pre>\n  // a\n</pre>", NULL);
    script("", NULL);
}

static void split_tells_that_there_is_no_room(void **state)
{
    (void)state;
    struct buffer code;
    struct buffer notes;
    buffer_init(&code, 3);
    buffer_init(&notes, 100);
    assert_false(page_source_split(PAGE_SOURCE_SCRIPT, "  a();", 6, &code, &notes));
    buffer_done(&code);
    buffer_done(&notes);
}

/* Any text of the characters that decide: it is left whole, or both parts give it again. */
static void parts_of_any_text_give_it_again(void **state)
{
    (void)state;
    static const char bytes[] = "/*/*`${}'\"\\!# a\n\n";
    unsigned seed = 7;
    char text[41];
    char joined[sizeof text];
    size_t split = 0;
    for (int round = 0; round < 20000; round++) {
        size_t length = (size_t)round % (sizeof text - 1);
        for (size_t i = 0; i < length; i++) {
            seed = seed * 1103515245u + 12345u;
            text[i] = bytes[(seed >> 16) % (sizeof bytes - 1)];
        }
        struct buffer code;
        struct buffer notes;
        buffer_init(&code, sizeof text);
        buffer_init(&notes, sizeof text);
        if (page_source_split(PAGE_SOURCE_SCRIPT, text, length, &code, &notes)) {
            split++;
            page_source_join(code.data, code.length, notes.data, notes.length, joined);
            assert_memory_equal(joined, text, length);
        }
        buffer_done(&code);
        buffer_done(&notes);
    }
    assert_true(split > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(script_loses_comments_and_indentation),
        cmocka_unit_test(script_keeps_what_a_license_or_a_source_map_needs),
        cmocka_unit_test(script_keeps_what_only_looks_like_a_comment),
        cmocka_unit_test(script_keeps_texts_that_go_over_lines),
        cmocka_unit_test(script_that_cannot_be_followed_stays_whole),
        cmocka_unit_test(style_loses_comments_and_indentation),
        cmocka_unit_test(nothing_is_split_off_other_files),
        cmocka_unit_test(split_tells_that_there_is_no_room),
        cmocka_unit_test(parts_of_any_text_give_it_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
