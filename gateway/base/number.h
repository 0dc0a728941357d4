/* Numbers as text. Parsing is strict: the whole text, no blanks, no sign but a leading '-', no octal.
 * Printing is exact, allocates nothing and knows no locale. */
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

/* What the longest number needs, without a NUL: "-1.2345678901234567e-300". */
enum { NUMBER_TEXT_MAX = 24 };

/* Writes the digits of a number, without a NUL; how many bytes they are. `text` has room for
 * NUMBER_TEXT_MAX. */
size_t number_print(int64_t value, char *text);
size_t number_print_unsigned(uint64_t value, char *text);

/* The same of a finite real: the fewest digits that give the same double when they are read again. */
size_t number_print_real(double value, char *text);

/* A real with six decimals at most, where it is below 10^9; larger ones are left. */
double number_round(double value);

/* Writes `value` below 100 as two digits, without a NUL. */
void number_print_pair(unsigned value, char *text);

#endif
