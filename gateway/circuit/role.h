/* The names of roles: a viewer reads, an operator commands, an admin changes the configuration and the tokens. */
#ifndef CIRCUIT_ROLE_H
#define CIRCUIT_ROLE_H

#include "circuit/command.h"

#include <stddef.h>

/* "none", "viewer", "operator", "admin"; a literal. */
const char *role_name(enum role role);

/* The role of that name, of which `length` bytes count; ROLE_NONE for "none" and for any other text. */
enum role role_find(const char *name, size_t length);

#endif
