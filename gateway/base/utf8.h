/* UTF-8 as RFC 3629 §4 has it: no surrogates, no overlong forms, nothing above U+10FFFF. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the character that begins at `bytes`, of which `left` (1 or more) may be read; 0 when no
 * character begins there. */
size_t utf8_length(const char *bytes, size_t left);

bool utf8_is_valid(const char *bytes, size_t length);

/* Takes out of a text what is no character, as what a length ("%.40s") has cut. */
void utf8_drop_rest(char *text);

#endif
