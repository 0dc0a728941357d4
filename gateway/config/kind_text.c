#include "config/kind.h"

#include "base/field_reader.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "base/name.h"

#include "circuit/options.h"
#include "gpio/pin_name.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static void name_read(struct field_reader *reader, const struct field *field,
                      const struct json *value, void *member)
{
    char shown[FIELD_SHOWN_SIZE];
    const char *text = json_text(value);
    if (!text) {
        field_fail_type(reader, value, field->name, "a name");
        return;
    }
    /* Kept although it may be wrong, so that a reference to it is no second fault. */
    if (strlen(text) < CIRCUIT_NAME_SIZE)
        memcpy(member, text, strlen(text) + 1);
    if (!name_is_valid(text))
        field_fail(reader, value, field->name,
                   "\"%s\" is not a name: 1 to 32 of a-z 0-9 _ -, with a letter or digit first",
                   field_show_text(text, shown));
}

static void name_write_schema(const struct field *field, struct json_writer *writer)
{
    (void)field;
    json_write_text(writer, "type", "string");
    json_write_text(writer, "pattern", "^[a-z0-9][a-z0-9_-]{0,31}$");
}

const struct field_kind kind_name = {
    .set_default = field_text_default,
    .read = name_read,
    .form = "name: 1 to 32 of a-z 0-9 _ -",
    .print_default = field_text_print_default,
    .write_schema = name_write_schema,
};

static bool is_color(const char *text)
{
    static const char hex[] = "0123456789abcdefABCDEF";
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
    size_t length = strlen(text);
    if (text[0] == '#')
        return (length == 4 || length == 7) && strspn(text + 1, hex) == length - 1;
    return length > 0 && strspn(text, letters) == length;
}

static void color_read(struct field_reader *reader, const struct field *field,
                       const struct json *value, void *member)
{
    char shown[FIELD_SHOWN_SIZE];
    const char *text = json_text(value);
    if (text && !is_color(text))
        field_fail(reader, value, field->name,
                   "\"%s\" is not a color: a name as red, or #rgb or #rrggbb",
                   field_show_text(text, shown));
    else
        field_text.read(reader, field, value, member);
}

const struct field_kind kind_color = {
    .set_default = field_text_default,
    .read = color_read,
    .form = "a color's name, #rgb or #rrggbb",
    .print_default = field_text_print_default,
    .write_schema = field_text_write_schema,
};

/* Bytes of UTF-8 that begin a character. */
static int64_t count_characters(const char *text)
{
    int64_t count = 0;
    for (; *text; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

static void group_read(struct field_reader *reader, const struct field *field,
                       const struct json *value, void *member)
{
    const char *text = json_text(value);
    if (text && count_characters(text) > field->max)
        field_fail(reader, value, field->name, "is longer than %lld characters",
                   (long long)field->max);
    else if (field_check_text(reader, value, field->name, 0, 4 * field->max))
        memcpy(member, json_text(value), strlen(json_text(value)) + 1);
}

static void group_print(const struct field *field, struct buffer *out)
{
    (void)buffer_printf(out, "text, at most %lld characters", (long long)field->max);
}

const struct field_kind kind_group = {
    .set_default = field_text_default,
    .read = group_read,
    .print = group_print,
    .print_default = field_text_print_default,
    .write_schema = field_text_write_schema,
};

/* The hint stands in the place of a number, too: `"gpio": 17`. */
static void gpio_read(struct field_reader *reader, const struct field *field,
                      const struct json *value, void *member)
{
    char shown[FIELD_SHOWN_SIZE];
    char hint[PIN_NAME_HINT_SIZE];
    bool is_number = json_is(value, JSON_NUMBER);
    const char *text = is_number ? field_show(value, shown) : json_text(value);
    enum pin_name name = text ? pin_name_read(text, hint) : PIN_NAME_UNKNOWN;
    if (is_number && name == PIN_NAME_CERTAIN)
        field_fail(reader, value, field->name, "expected a text, found a number; %s", hint);
    else if (name == PIN_NAME_CERTAIN)
        field_fail(reader, value, field->name, "\"%s\" is not the kernel's name of a line; %s",
                   field_show_text(text, shown), hint);
    else
        field_text.read(reader, field, value, member);
}

static void gpio_print(const struct field *field, struct buffer *out)
{
    field_text.print(field, out);
}

const struct field_kind kind_gpio = {
    .set_default = field_text_default,
    .read = gpio_read,
    .print = gpio_print,
    .print_default = field_text_print_default,
    .write_schema = field_text_write_schema,
};

static void chip_read(struct field_reader *reader, const struct field *field,
                      const struct json *value, void *member)
{
    const char *text = json_text(value);
    if (json_is(value, JSON_NUMBER) ||
        (text && *text && strspn(text, "0123456789") == strlen(text)))
        field_fail(
            reader, value, field->name,
            "a chip is named by label, name or path, since kernels number chips differently");
    else
        field_text.read(reader, field, value, member);
}

const struct field_kind kind_chip = {
    .set_default = field_text_default,
    .read = chip_read,
    .form = "a chip's label, name or path",
    .print_default = field_text_print_default,
    .write_schema = field_text_write_schema,
};

static void pwm_read(struct field_reader *reader, const struct field *field,
                     const struct json *value, void *member)
{
    const char *text = json_text(value);
    if (text && !gpio_is_pwm_channel(text))
        field_fail(reader, value, field->name, "is not a channel as /sys/class/pwm/pwmchip0/pwm0");
    else
        field_text.read(reader, field, value, member);
}

const struct field_kind kind_pwm = {
    .set_default = field_text_default,
    .read = pwm_read,
    .form = "/sys/class/pwm/pwmchipN/pwmN",
    .print_default = field_text_print_default,
    .write_schema = field_text_write_schema,
};

static void mode_default(const struct field *field, void *member)
{
    memcpy(member, &(mode_t){(mode_t)field->fallback}, sizeof(mode_t));
}

static void mode_read(struct field_reader *reader, const struct field *field,
                      const struct json *value, void *member)
{
    const char *text = json_text(value);
    size_t length = text ? strlen(text) : 0;
    if (!text || length < 3 || length > 4 || strspn(text, "01234567") != length ||
        (length == 4 && text[0] != '0')) {
        field_fail(reader, value, field->name,
                   "expected a mode of three octal digits, as \"0660\"");
        return;
    }
    mode_t mode = 0;
    for (size_t i = 0; i < length; i++)
        mode = mode * 8 + (mode_t)(text[i] - '0');
    if ((mode & (S_IRUSR | S_IWUSR)) != (S_IRUSR | S_IWUSR))
        field_fail(reader, value, field->name,
                   "the owner must be able to read and write: 0600 at least");
    else
        memcpy(member, &mode, sizeof mode);
}

static void mode_print_default(const struct field *field, struct buffer *out)
{
    (void)buffer_printf(out, "\"%04o\"", (unsigned)field->fallback);
}

static void mode_write_schema(const struct field *field, struct json_writer *writer)
{
    (void)field;
    json_write_text(writer, "type", "string");
    json_write_text(writer, "pattern", "^0?[0-7]{3}$");
}

const struct field_kind kind_mode = {
    .set_default = mode_default,
    .read = mode_read,
    .form = "\"0600\" to \"0777\"",
    .print_default = mode_print_default,
    .write_schema = mode_write_schema,
};

/* A language tag of BCP 47 as pages need it: "en", "ko", "pt-BR", "zh-Hant". */
static bool is_language(const char *text)
{
    static const char small[] = "abcdefghijklmnopqrstuvwxyz";
    static const char more[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    size_t first = strspn(text, small);
    size_t length = strlen(text);
    if (first < 2 || first > 3 || length >= sizeof((struct circuit_title *)0)->texts[0].language)
        return false;
    if (first == length)
        return true;
    size_t second = text[first] == '-' ? strspn(text + first + 1, more) : 0;
    return second >= 2 && first + 1 + second == length;
}

static void title_add(struct field_reader *reader, struct circuit_title *title,
                      const char *language, const struct json *value, const char *leaf)
{
    if (!field_check_text(reader, value, leaf, 1, CIRCUIT_TEXT_SIZE - 1))
        return;
    (void)snprintf(title->texts[title->count].language, sizeof title->texts[0].language, "%s",
                   language);
    memcpy(title->texts[title->count].text, json_text(value), strlen(json_text(value)) + 1);
    title->count++;
}

static void title_read(struct field_reader *reader, const struct field *field,
                       const struct json *value, void *member)
{
    struct circuit_title *title = member;
    if (!json_is(value, JSON_OBJECT)) {
        if (json_text(value))
            title_add(reader, title, "", value, field->name);
        else
            field_fail_type(reader, value, field->name,
                            "a text, or an object with a text for each language");
        return;
    }
    const struct json *text = json_first(value);
    for (; text && !field_is_over(reader); text = json_next(text)) {
        char shown[FIELD_SHOWN_SIZE];
        char leaf[2 * FIELD_SHOWN_SIZE];
        (void)snprintf(leaf, sizeof leaf, "%s.%s", field->name,
                       field_show_text(json_key(text), shown));
        if (field_skips(reader, value, text, leaf))
            continue;
        if (!is_language(json_key(text)))
            field_fail(reader, text, leaf, "is not a language as en, ko or pt-BR");
        else if (title->count == CIRCUIT_LANGUAGES_MAX)
            field_fail(reader, text, leaf, "a title has at most %d languages",
                       CIRCUIT_LANGUAGES_MAX);
        else
            title_add(reader, title, json_key(text), text, leaf);
    }
}

static void title_print(const struct field *field, struct buffer *out)
{
    (void)field;
    (void)buffer_printf(out,
                        "text, or a text for each of up to %d languages; at most %d bytes each",
                        CIRCUIT_LANGUAGES_MAX, CIRCUIT_TEXT_SIZE - 1);
}

static void title_write_schema(const struct field *field, struct json_writer *writer)
{
    (void)field;
    json_write_list(writer, "type");
    json_write_text(writer, NULL, "string");
    json_write_text(writer, NULL, "object");
    json_write_list_end(writer);
}

const struct field_kind kind_title = {
    .read = title_read,
    .print = title_print,
    .write_schema = title_write_schema,
};
