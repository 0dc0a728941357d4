#include "config/kind.h"

#include "config/diagnostic.h"
#include "config/reader.h"

#include "base/json.h"
#include "base/nearest.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum { CHOICES_MAX = 32, CHOICES_TEXT_SIZE = 256 };

static void print_nothing(FILE *out, const struct key *key)
{
    (void)out;
    (void)key;
}

static uint32_t scaled(const struct key *key, int64_t value)
{
    return (uint32_t)(value * (key->scale ? key->scale : 1));
}

static void put_unit(char text[32], const struct key *key)
{
    (void)snprintf(text, 32, key->unit ? " (%s)" : "%s", key->unit ? key->unit : "");
}

static void integer_default(const struct key *key, void *field)
{
    uint32_t value = scaled(key, key->fallback);
    memcpy(field, &value, sizeof value);
}

static void integer_read(struct reader *reader, const struct key *key, const struct json *value,
                         void *field)
{
    char shown[PROBLEM_SHOWN_SIZE];
    char unit[32];
    int64_t number;
    put_unit(unit, key);
    int error = json_integer(value, key->min, key->max, &number);
    double real = 0;
    if (error)
        (void)json_real(value, -__DBL_MAX__, __DBL_MAX__, &real);
    if (!json_is(value, JSON_NUMBER))
        reader_fail(reader, value, key->name, "expected a whole number%s, found %s", unit,
                    json_type_name(json_type_of(value)));
    else if (error == -EINVAL)
        reader_fail(reader, value, key->name, "%s is not a whole number%s",
                    diagnostic_show(value, shown), unit);
    else if (error && real < (double)key->min)
        reader_fail(reader, value, key->name, "%s is below the minimum %" PRId64 "%s",
                    diagnostic_show(value, shown), key->min, unit);
    else if (error)
        reader_fail(reader, value, key->name, "%s is above the maximum %" PRId64 "%s",
                    diagnostic_show(value, shown), key->max, unit);
    else
        memcpy(field, &(uint32_t){scaled(key, number)}, sizeof(uint32_t));
}

static void integer_print(FILE *out, const struct key *key)
{
    (void)fprintf(out, "%" PRId64 " to %" PRId64 "%s%s", key->min, key->max, key->unit ? " " : "",
                  key->unit ? key->unit : "");
}

static void integer_print_default(FILE *out, const struct key *key)
{
    if (!key->required && key->fallback >= key->min)
        (void)fprintf(out, "%" PRId64, key->fallback);
}

const struct kind kind_integer = {integer_default, integer_read, integer_print,
                                  integer_print_default};

static void real_read(struct reader *reader, const struct key *key, const struct json *value,
                      void *field)
{
    char shown[PROBLEM_SHOWN_SIZE];
    char unit[32];
    double real;
    put_unit(unit, key);
    if (json_real(value, -__DBL_MAX__, __DBL_MAX__, &real))
        reader_fail(reader, value, key->name, "expected a number%s, found %s", unit,
                    json_type_name(json_type_of(value)));
    else if (real < key->low)
        reader_fail(reader, value, key->name, "%s is below the minimum %g%s",
                    diagnostic_show(value, shown), key->low, unit);
    else if (real > key->high)
        reader_fail(reader, value, key->name, "%s is above the maximum %g%s",
                    diagnostic_show(value, shown), key->high, unit);
    else
        memcpy(field, &real, sizeof real);
}

static void real_print(FILE *out, const struct key *key)
{
    (void)fprintf(out, "%g to %g%s%s", key->low, key->high, key->unit ? " " : "",
                  key->unit ? key->unit : "");
}

/* Without a default: who has such a key says what it needs. */
const struct kind kind_real = {NULL, real_read, real_print, print_nothing};

static bool choice_is_number(const char *choice)
{
    return strcmp(choice, "0") == 0 || strcmp(choice, "1") == 0;
}

static void choice_default(const struct key *key, void *field)
{
    memcpy(field, &(unsigned){(unsigned)key->fallback}, sizeof(unsigned));
}

static void fail_choice(struct reader *reader, const struct key *key, const struct json *value)
{
    char shown[PROBLEM_SHOWN_SIZE];
    char all[CHOICES_TEXT_SIZE] = "";
    const char *texts[CHOICES_MAX];
    size_t count = 0;
    size_t used = 0;
    for (size_t i = 0; key->choices[i] && i < CHOICES_MAX; i++) {
        bool number = choice_is_number(key->choices[i]);
        if (!number)
            texts[count++] = key->choices[i];
        int put = snprintf(all + used, sizeof all - used, number ? "%s%s" : "%s\"%s\"",
                           i > 0 ? ", " : "", key->choices[i]);
        used += put > 0 && (size_t)put < sizeof all - used ? (size_t)put : 0;
    }
    const char *text = json_text(value);
    const char *nearest = text ? nearest_name(text, texts, count) : NULL;
    if (nearest)
        reader_fail(reader, value, key->name, "%s is not one of %s; did you mean \"%s\"?",
                    diagnostic_show(value, shown), all, nearest);
    else
        reader_fail(reader, value, key->name, "%s is not one of %s", diagnostic_show(value, shown),
                    all);
}

static void choice_read(struct reader *reader, const struct key *key, const struct json *value,
                        void *field)
{
    const char *text = json_text(value);
    int64_t number = -1;
    (void)json_integer(value, 0, 1, &number);
    for (unsigned i = 0; key->choices[i]; i++) {
        bool is_number = choice_is_number(key->choices[i]);
        bool same = is_number ? number == key->choices[i][0] - '0'
                              : text && strcmp(text, key->choices[i]) == 0;
        if (!same)
            continue;
        memcpy(field, &i, sizeof i);
        return;
    }
    fail_choice(reader, key, value);
}

static void choice_print(FILE *out, const struct key *key)
{
    for (size_t i = 0; key->choices[i]; i++)
        (void)fprintf(out, choice_is_number(key->choices[i]) ? "%s%s" : "%s\"%s\"",
                      i > 0 ? ", " : "", key->choices[i]);
}

static void choice_print_default(FILE *out, const struct key *key)
{
    if (key->required)
        return;
    const char *name = key->choices[key->fallback];
    (void)fprintf(out, choice_is_number(name) ? "%s" : "\"%s\"", name);
}

const struct kind kind_choice = {choice_default, choice_read, choice_print, choice_print_default};

static void yes_no_default(const struct key *key, void *field)
{
    memcpy(field, &(bool){key->fallback != 0}, sizeof(bool));
}

static void yes_no_read(struct reader *reader, const struct key *key, const struct json *value,
                        void *field)
{
    int on;
    if (!json_is(value, JSON_BOOL) || json_switch(value, &on))
        reader_fail_type(reader, value, key->name, "true or false");
    else
        memcpy(field, &(bool){on != 0}, sizeof(bool));
}

static void yes_no_print(FILE *out, const struct key *key)
{
    (void)key;
    (void)fputs("true or false", out);
}

static void yes_no_print_default(FILE *out, const struct key *key)
{
    (void)fputs(key->fallback ? "true" : "false", out);
}

const struct kind kind_yes_no = {yes_no_default, yes_no_read, yes_no_print, yes_no_print_default};

static void value_read(struct reader *reader, const struct key *key, const struct json *value,
                       void *field)
{
    char shown[PROBLEM_SHOWN_SIZE];
    int on;
    if (json_switch(value, &on))
        reader_fail(reader, value, key->name, "%s is not a value: 0 or 1",
                    diagnostic_show(value, shown));
    else
        memcpy(field, &(uint8_t){(uint8_t)on}, sizeof(uint8_t));
}

static void value_print(FILE *out, const struct key *key)
{
    (void)key;
    (void)fputs("0, 1, true or false", out);
}

const struct kind kind_value = {NULL, value_read, value_print, print_nothing};
