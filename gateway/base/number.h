/* Strict number parsing: the whole text, no blanks, no sign but a leading '-', no octal. */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stddef.h>
#include <stdint.h>

/* Parses a decimal integer. 0; -EINVAL when the text is not one; -ERANGE outside min…max.
 * `*ret_value` is set on success only. */
int number_parse(const char *text, int64_t min, int64_t max, int64_t *ret_value);

/* The same for the first `length` bytes of `text`. */
int number_parse_bytes(const char *text, size_t length, int64_t min, int64_t max,
                       int64_t *ret_value);

#endif
