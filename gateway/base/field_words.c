#include "base/field_words.h"

#include "base/field_reader.h"
#include "base/json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

char *field_next_word(char **rest)
{
    char *word = *rest + strspn(*rest, " \t");
    if (!*word)
        return NULL;
    char *end = word + strcspn(word, " \t");
    *rest = end + strspn(end, " \t");
    *end = '\0';
    return word;
}

/* "for_ms=500": the field, and where its value begins. NULL when the word names none. */
static const struct field *named_field(const struct field_table *table, char *word,
                                       char **ret_value)
{
    char *equals = strchr(word, '=');
    if (!equals)
        return NULL;
    *equals = '\0';
    const struct field *field = field_find(table, word);
    *equals = '=';
    if (field)
        *ret_value = equals + 1;
    return field;
}

/* The next one at or behind `*position` that needs no name. */
static const struct field *plain_field(const struct field_table *table, size_t *position)
{
    while (*position < table->count) {
        const struct field *field = &table->fields[(*position)++];
        if (field->plain)
            return field;
    }
    return NULL;
}

int field_read_words(const struct field_table *table, char *rest, struct json *values,
                     char fault[FIELD_WORDS_FAULT_SIZE])
{
    size_t position = 0;
    for (char *word = field_next_word(&rest); word; word = field_next_word(&rest)) {
        char *value = word;
        const struct field *field = named_field(table, word, &value);
        if (!field)
            field = plain_field(table, &position);
        if (!field) {
            (void)snprintf(fault, FIELD_WORDS_FAULT_SIZE, "too many words");
            return -EINVAL;
        }
        if (json_get(values, field->name)) {
            (void)snprintf(fault, FIELD_WORDS_FAULT_SIZE, "%s is given twice", field->name);
            return -EINVAL;
        }
        if (field->rest && *rest) { /* a sentence: all that is left */
            word[strlen(word)] = ' ';
            rest += strlen(rest);
        }
        field_add_word(values, field, value);
    }
    return 0;
}
