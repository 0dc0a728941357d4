#include "config/kind.h"

#include "config/diagnostic.h"
#include "config/reader.h"

#include "base/json.h"
#include "base/number.h"

#include "circuit/options.h"

#include <string.h>
#include <sys/stat.h>

static bool has_control_bytes(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return true;
    return false;
}

/* True when `value` is a text of min to max bytes on one line; else the reader was told. */
static bool check_text(struct reader *reader, const struct json *value, const char *leaf,
                       int64_t min, int64_t max)
{
    const char *text = json_text(value);
    if (!text)
        reader_fail_type(reader, value, leaf, "a text");
    else if (min > 0 && !*text)
        reader_fail(reader, value, leaf, "is empty");
    else if (strlen(text) > (size_t)max)
        reader_fail(reader, value, leaf, "is longer than %lld bytes", (long long)max);
    else if (has_control_bytes(text))
        reader_fail(reader, value, leaf, "has a control byte in it");
    else
        return true;
    return false;
}

static void text_read(struct reader *reader, const struct key *key, const struct json *value,
                      void *field)
{
    if (check_text(reader, value, key->name, key->min, key->max))
        memcpy(field, json_text(value), strlen(json_text(value)) + 1);
}

static void text_default(const struct key *key, void *field)
{
    const char *text = key->choices ? key->choices[0] : "";
    memcpy(field, text, strlen(text) + 1);
}

static void text_print(FILE *out, const struct key *key)
{
    (void)fprintf(out, "text, at most %lld bytes", (long long)key->max);
}

static void text_print_default(FILE *out, const struct key *key)
{
    if (key->choices)
        (void)fprintf(out, "\"%s\"", key->choices[0]);
}

const struct kind kind_text = {text_default, text_read, text_print, text_print_default};

static bool is_small_or_digit(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
}

bool kind_is_name(const char *text)
{
    size_t length = strlen(text);
    if (length == 0 || length >= CIRCUIT_NAME_SIZE || !is_small_or_digit(text[0]))
        return false;
    for (size_t i = 1; i < length; i++)
        if (!is_small_or_digit(text[i]) && text[i] != '_' && text[i] != '-')
            return false;
    return true;
}

static void name_read(struct reader *reader, const struct key *key, const struct json *value,
                      void *field)
{
    char shown[PROBLEM_SHOWN_SIZE];
    const char *text = json_text(value);
    if (!text) {
        reader_fail_type(reader, value, key->name, "a name");
        return;
    }
    /* Kept although it may be wrong, so that who refers to it is not told, too. */
    if (strlen(text) < CIRCUIT_NAME_SIZE)
        memcpy(field, text, strlen(text) + 1);
    if (!kind_is_name(text))
        reader_fail(reader, value, key->name,
                    "\"%s\" is not a name: 1 to 32 of a-z 0-9 _ -, with a letter or digit first",
                    diagnostic_show_text(text, shown));
}

static void name_print(FILE *out, const struct key *key)
{
    (void)key;
    (void)fputs("name: 1 to 32 of a-z 0-9 _ -", out);
}

const struct kind kind_name = {text_default, name_read, name_print, text_print_default};

static bool is_color(const char *text)
{
    static const char hex[] = "0123456789abcdefABCDEF";
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
    size_t length = strlen(text);
    if (text[0] == '#')
        return (length == 4 || length == 7) && strspn(text + 1, hex) == length - 1;
    return length > 0 && strspn(text, letters) == length;
}

static void color_read(struct reader *reader, const struct key *key, const struct json *value,
                       void *field)
{
    char shown[PROBLEM_SHOWN_SIZE];
    const char *text = json_text(value);
    if (text && !is_color(text))
        reader_fail(reader, value, key->name,
                    "\"%s\" is not a color: a name as red, or #rgb or #rrggbb",
                    diagnostic_show_text(text, shown));
    else
        text_read(reader, key, value, field);
}

static void color_print(FILE *out, const struct key *key)
{
    (void)key;
    (void)fputs("a color's name, #rgb or #rrggbb", out);
}

const struct kind kind_color = {text_default, color_read, color_print, text_print_default};

static void chip_read(struct reader *reader, const struct key *key, const struct json *value,
                      void *field)
{
    const char *text = json_text(value);
    if (json_is(value, JSON_NUMBER) ||
        (text && *text && strspn(text, "0123456789") == strlen(text)))
        reader_fail(
            reader, value, key->name,
            "a chip is named by label, name or path, since kernels number chips differently");
    else
        text_read(reader, key, value, field);
}

static void chip_print(FILE *out, const struct key *key)
{
    (void)key;
    (void)fputs("a chip's label, name or path", out);
}

const struct kind kind_chip = {text_default, chip_read, chip_print, text_print_default};

static void pwm_read(struct reader *reader, const struct key *key, const struct json *value,
                     void *field)
{
    const char *text = json_text(value);
    if (text && !gpio_is_pwm_channel(text))
        reader_fail(reader, value, key->name, "is not a channel as /sys/class/pwm/pwmchip0/pwm0");
    else
        text_read(reader, key, value, field);
}

static void pwm_print(FILE *out, const struct key *key)
{
    (void)key;
    (void)fputs("/sys/class/pwm/pwmchipN/pwmN", out);
}

const struct kind kind_pwm = {text_default, pwm_read, pwm_print, text_print_default};

static void mode_default(const struct key *key, void *field)
{
    memcpy(field, &(mode_t){(mode_t)key->fallback}, sizeof(mode_t));
}

static void mode_read(struct reader *reader, const struct key *key, const struct json *value,
                      void *field)
{
    const char *text = json_text(value);
    size_t length = text ? strlen(text) : 0;
    if (!text || length < 3 || length > 4 || strspn(text, "01234567") != length ||
        (length == 4 && text[0] != '0')) {
        reader_fail(reader, value, key->name, "expected a mode of three octal digits, as \"0660\"");
        return;
    }
    mode_t mode = 0;
    for (size_t i = 0; i < length; i++)
        mode = mode * 8 + (mode_t)(text[i] - '0');
    if ((mode & (S_IRUSR | S_IWUSR)) != (S_IRUSR | S_IWUSR))
        reader_fail(reader, value, key->name,
                    "the owner must be able to read and write: 0600 at least");
    else
        memcpy(field, &mode, sizeof mode);
}

static void mode_print(FILE *out, const struct key *key)
{
    (void)key;
    (void)fputs("\"0600\" to \"0777\"", out);
}

static void mode_print_default(FILE *out, const struct key *key)
{
    (void)fprintf(out, "\"%04o\"", (unsigned)key->fallback);
}

const struct kind kind_mode = {mode_default, mode_read, mode_print, mode_print_default};

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

static void title_add(struct reader *reader, struct circuit_title *title, const char *language,
                      const struct json *value, const char *leaf)
{
    if (!check_text(reader, value, leaf, 1, CIRCUIT_TEXT_SIZE - 1))
        return;
    (void)snprintf(title->texts[title->count].language, sizeof title->texts[0].language, "%s",
                   language);
    memcpy(title->texts[title->count].text, json_text(value), strlen(json_text(value)) + 1);
    title->count++;
}

static void title_read(struct reader *reader, const struct key *key, const struct json *value,
                       void *field)
{
    struct circuit_title *title = field;
    if (!json_is(value, JSON_OBJECT)) {
        if (json_text(value))
            title_add(reader, title, "", value, key->name);
        else
            reader_fail_type(reader, value, key->name,
                             "a text, or an object with a text for each language");
        return;
    }
    const struct json *member = json_first(value);
    for (; member && !reader_is_full(reader); member = json_next(member)) {
        char shown[PROBLEM_SHOWN_SIZE];
        char leaf[2 * PROBLEM_SHOWN_SIZE];
        (void)snprintf(leaf, sizeof leaf, "%s.%s", key->name,
                       diagnostic_show_text(json_key(member), shown));
        if (reader_skips(reader, value, member, leaf))
            continue;
        if (!is_language(json_key(member)))
            reader_fail(reader, member, leaf, "is not a language as en, ko or pt-BR");
        else if (title->count == CIRCUIT_LANGUAGES_MAX)
            reader_fail(reader, member, leaf, "a title has at most %d languages",
                        CIRCUIT_LANGUAGES_MAX);
        else
            title_add(reader, title, json_key(member), member, leaf);
    }
}

static void title_print(FILE *out, const struct key *key)
{
    (void)key;
    (void)fprintf(out, "text, or a text for each of up to %d languages; at most %d bytes each",
                  CIRCUIT_LANGUAGES_MAX, CIRCUIT_TEXT_SIZE - 1);
}

const struct kind kind_title = {NULL, title_read, title_print, text_print_default};
