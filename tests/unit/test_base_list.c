#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/list.h"
#include "base/owner.h"

#include <stdlib.h>

struct item {
    struct list in_list;
    int number;
};

static int first_numbers(struct list *list)
{
    int digits = 0;
    LIST_FOR_EACH (member, list)
        digits = digits * 10 + CONTAINER_OF(member, struct item, in_list)->number;
    return digits;
}

static void list_keeps_the_order_of_appending(void **state)
{
    (void)state;
    struct list list;
    struct item items[3] = {{.number = 1}, {.number = 2}, {.number = 3}};
    list_init(&list);
    assert_true(list_is_empty(&list));
    for (int i = 0; i < 3; i++)
        list_append(&list, &items[i].in_list);
    assert_false(list_is_empty(&list));
    assert_int_equal(first_numbers(&list), 123);
    list_remove(&items[1].in_list);
    assert_int_equal(first_numbers(&list), 13);
    list_append(&list, &items[1].in_list);
    assert_int_equal(first_numbers(&list), 132);
}

static void list_member_may_be_removed_twice_and_without_a_list(void **state)
{
    (void)state;
    struct list list;
    struct item item = {.number = 1};
    list_init(&list);
    list_remove(&item.in_list); /* all zero: never in a list */
    list_append(&list, &item.in_list);
    list_remove(&item.in_list);
    list_remove(&item.in_list);
    assert_true(list_is_empty(&list));
}

static void list_walk_bears_that_the_current_member_is_freed(void **state)
{
    (void)state;
    struct list list;
    list_init(&list);
    for (int i = 1; i <= 4; i++) {
        struct item *item = calloc(1, sizeof *item);
        assert_non_null(item);
        item->number = i;
        list_append(&list, &item->in_list);
    }
    int seen = 0;
    LIST_FOR_EACH (member, &list) {
        struct item *item = CONTAINER_OF(member, struct item, in_list);
        seen = seen * 10 + item->number;
        list_remove(member);
        free(item);
    }
    assert_int_equal(seen, 1234);
    assert_true(list_is_empty(&list));
}

int main(void)
{
    const struct CMUnitTest rules[] = {
        cmocka_unit_test(list_keeps_the_order_of_appending),
        cmocka_unit_test(list_member_may_be_removed_twice_and_without_a_list),
        cmocka_unit_test(list_walk_bears_that_the_current_member_is_freed),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
