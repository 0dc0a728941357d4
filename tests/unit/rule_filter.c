/* Linked into each executable of unit tests: RULES names the rules that run, as "*off*"; without it all do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

__attribute__((constructor)) static void filter_rules(void)
{
    const char *pattern = getenv("RULES");
    if (pattern)
        cmocka_set_test_filter(pattern);
}
