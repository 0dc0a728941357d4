#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "circuit/options.h"
#include "config/keys.h"

#include <string.h>

static struct circuit_line_options is, was;

/* NOLINTNEXTLINE(misc-no-recursion): tables are three deep */
static void expect_a_difference(const struct field_table *table, size_t offset)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        size_t at = offset + field->offset;
        /* It takes values over from the line of that name, and is nothing that the line has. */
        if (strcmp(field->name, "was") == 0)
            continue;
        assert_true(field->size > 0);
        ((uint8_t *)&is)[at] ^= 1;
        if (circuit_line_same(&is, &was))
            fail_msg("circuit_line_same() does not compare \"%s\": a reload would not apply it",
                     field->name);
        ((uint8_t *)&is)[at] ^= 1;
        if (field->inside)
            expect_a_difference(field->inside, at);
    }
}

static void line_differs_when_any_of_its_keys_does(void **state)
{
    (void)state;
    assert_true(circuit_line_same(&is, &was));
    expect_a_difference(&keys_line, 0);
    assert_true(circuit_line_same(&is, &was));
}

int main(void)
{
    const struct CMUnitTest rules[] = {
        cmocka_unit_test(line_differs_when_any_of_its_keys_does),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
