/* The words behind a text command as values of its fields: "LINE 1 for_ms=500". */
#ifndef BASE_FIELD_WORDS_H
#define BASE_FIELD_WORDS_H

#include "base/field.h"

struct json;

enum { FIELD_WORDS_FAULT_SIZE = 128 };

/* Takes the next word out of `*rest`, ended by a NUL; NULL at the end. Blanks and tabs part words; those
 * in front of `*rest` are gone afterwards. */
char *field_next_word(char **rest);

/* Adds every word of `rest` (which is taken apart) to the object `values`, for field_read(). A word NAME=VALUE is
 * that field; any other word is the next plain one.
 * 0; -EINVAL with a sentence in `fault` when there are too many words, or one field is given twice. */
int field_read_words(const struct field_table *table, char *rest, struct json *values,
                     char fault[FIELD_WORDS_FAULT_SIZE]);

#endif
