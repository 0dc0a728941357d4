/* Names that a config gives: of lines, scenes, rules and the circuit. */
#ifndef BASE_NAME_H
#define BASE_NAME_H

#include <stdbool.h>

enum { NAME_SIZE = 33 }; /* 32 characters and NUL */

/* True for 1 to 32 of a-z 0-9 _ -, with a letter or digit first. */
bool name_is_valid(const char *text);

#endif
