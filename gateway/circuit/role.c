#include "circuit/role.h"

#include "base/owner.h"

#include <string.h>

static const char *const names[] = {"none", "viewer", "operator", "admin"};

const char *role_name(enum role role)
{
    return names[role];
}

enum role role_find(const char *name, size_t length)
{
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
        if (strlen(names[i]) == length && memcmp(names[i], name, length) == 0)
            return (enum role)i;
    return ROLE_NONE;
}
