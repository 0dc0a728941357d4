#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "circuit/verbs.h"

#include <string.h>

static void verbs_have_names_words_and_paths_of_their_own(void **state)
{
    (void)state;
    const struct verb *a;
    const struct verb *b;
    for (size_t i = 0; (a = verb_at(i)); i++)
        for (size_t j = 0; j < i && (b = verb_at(j)); j++) {
            assert_string_not_equal(a->name, b->name);
            if (a->word && b->word && a->suffix && b->suffix)
                assert_false(strcmp(a->word, b->word) == 0 && strcmp(a->suffix, b->suffix) == 0);
            else if (a->word && b->word && !a->suffix && !b->suffix)
                assert_string_not_equal(a->word, b->word);
            if (a->path && b->path && strcmp(a->rest, b->rest) == 0)
                assert_string_not_equal(a->path, b->path);
        }
}

static void verbs_have_a_row_for_every_command(void **state)
{
    (void)state;
    for (int command = COMMAND_SET; command <= COMMAND_OFF; command++) {
        const struct verb *verb = verb_of((enum command_verb)command);
        assert_non_null(verb);
        assert_true(verb->acts && verb->command == (enum command_verb)command);
        assert_ptr_equal(verb_find(verb->name), verb);
        assert_ptr_equal(verb->suffix ? verb_with_suffix(verb->word, verb->suffix)
                                      : verb_of_word(verb->word, false),
                         verb);
    }
}

static void verb_that_acts_is_not_done_by_get(void **state)
{
    (void)state;
    const struct verb *verb;
    for (size_t i = 0; (verb = verb_at(i)); i++)
        if (verb->acts)
            assert_string_not_equal(verb->rest, "GET");
}

static void verb_has_the_braces_of_its_path_as_a_field(void **state)
{
    (void)state;
    const struct verb *verb;
    for (size_t i = 0; (verb = verb_at(i)); i++) {
        const char *brace = verb->path ? strchr(verb->path, '{') : NULL;
        if (!brace)
            continue;
        char name[16] = "";
        memcpy(name, brace + 1, strcspn(brace + 1, "}"));
        const struct field *field = field_find(&verb->fields, name);
        assert_non_null(field);
        assert_true(field->required);
    }
}

static void expect_usage(const char *name, const char *expected)
{
    struct buffer text;
    buffer_init(&text, 256);
    verb_print_usage(verb_find(name), &text);
    assert_string_equal(buffer_text(&text), expected);
    buffer_done(&text);
}

static void verb_prints_its_usage(void **state)
{
    (void)state;
    expect_usage("line.blink", "blink LINE ON_MS OFF_MS [COUNT]");
    expect_usage("line.set",
                 "set LINE 0|1 [for_ms=MS] [expect=SEQ] [lease_ms=MS | lease=connection]");
    expect_usage("line.get", "get [LINE]");
    expect_usage("scene.stop", "scene SCENE stop");
    expect_usage("circuit.off", "off");
}

static void verb_of_a_lone_word_may_be_another(void **state)
{
    (void)state;
    assert_string_equal(verb_of_word("get", true)->name, "lines.get");
    assert_string_equal(verb_of_word("get", false)->name, "line.get");
    assert_string_equal(verb_of_word("off", true)->name, "circuit.off");
    assert_null(verb_of_word("line.get", true));
}

static void verb_of_the_config_knows_no_seq_and_no_connection(void **state)
{
    (void)state;
    const struct field_table *fields = &verb_find("line.set")->fields;
    assert_true(verb_takes_in_config(field_find(fields, "for_ms")));
    assert_true(verb_takes_in_config(field_find(fields, "lease_ms")));
    assert_false(verb_takes_in_config(field_find(fields, "expect")));
    assert_false(verb_takes_in_config(field_find(fields, "lease")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verbs_have_names_words_and_paths_of_their_own),
        cmocka_unit_test(verbs_have_a_row_for_every_command),
        cmocka_unit_test(verb_that_acts_is_not_done_by_get),
        cmocka_unit_test(verb_has_the_braces_of_its_path_as_a_field),
        cmocka_unit_test(verb_prints_its_usage),
        cmocka_unit_test(verb_of_a_lone_word_may_be_another),
        cmocka_unit_test(verb_of_the_config_knows_no_seq_and_no_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
