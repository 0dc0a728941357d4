#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/nearest.h"

#include <limits.h>
#include <string.h>

static void nearest_counts_edits_of_one_character(void **state)
{
    (void)state;
    assert_int_equal(nearest_distance("red", "red"), 0);
    assert_int_equal(nearest_distance("red", "RED"), 0);
    assert_int_equal(nearest_distance("red", "rd"), 1);
    assert_int_equal(nearest_distance("red", "reed"), 1);
    assert_int_equal(nearest_distance("red", "rad"), 1);
    assert_int_equal(nearest_distance("red", "rde"), 1);
    assert_int_equal(nearest_distance("", "red"), 3);
    assert_int_equal(nearest_distance("kitten", "sitting"), 3);
    assert_int_equal(nearest_distance("GPIO17", "GPIO71"), 1);
}

static void nearest_is_the_same_in_both_directions(void **state)
{
    (void)state;
    static const char *const names[] = {"red", "green", "button2", "listen", "", "lien"};
    for (size_t i = 0; i < 6; i++)
        for (size_t j = 0; j < 6; j++)
            assert_int_equal(nearest_distance(names[i], names[j]),
                             nearest_distance(names[j], names[i]));
}

static void nearest_holds_long_names_for_far_away(void **state)
{
    (void)state;
    char name[65];
    memset(name, 'a', 64);
    name[64] = '\0';
    assert_true(nearest_distance(name, name) == UINT_MAX);
    name[63] = '\0';
    assert_int_equal(nearest_distance(name, name), 0);
    const char *const names[] = {name};
    name[63] = 'a';
    assert_null(nearest_name(name, names, 1));
}

static void nearest_name_is_the_one_with_the_fewest_edits(void **state)
{
    (void)state;
    static const char *const names[] = {"direction", "debounce_ms", "drive"};
    assert_string_equal(nearest_name("dirve", names, 3), "drive");
    assert_string_equal(nearest_name("debounce_sm", names, 3), "debounce_ms");
}

static void nearest_name_is_none_when_too_much_is_wrong(void **state)
{
    (void)state;
    static const char *const names[] = {"listen", "auth"};
    assert_null(nearest_name("lights", names, 2));
    assert_null(nearest_name("", names, 2));
    assert_null(nearest_name("auth", names, 0));
    assert_string_equal(nearest_name("aut", names, 2), "auth");
}

int main(void)
{
    const struct CMUnitTest rules[] = {
        cmocka_unit_test(nearest_counts_edits_of_one_character),
        cmocka_unit_test(nearest_is_the_same_in_both_directions),
        cmocka_unit_test(nearest_holds_long_names_for_far_away),
        cmocka_unit_test(nearest_name_is_the_one_with_the_fewest_edits),
        cmocka_unit_test(nearest_name_is_none_when_too_much_is_wrong),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
