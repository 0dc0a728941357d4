#include "base/json_check.h"

#include "base/json.h"
#include "base/utf8.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct scan {
    const char *text;
    size_t length;
    size_t at;
    const char *wrong;         /* what was expected at `at`; NULL while all is well */
    const char *hint;          /* what to write in place of what stands there, or NULL */
    char open[JSON_DEPTH_MAX]; /* '{' or '[' of each container that is open */
    int depth;
};

static int peek(const struct scan *scan)
{
    return scan->at < scan->length ? (unsigned char)scan->text[scan->at] : -1;
}

static bool fail(struct scan *scan, const char *wrong)
{
    if (!scan->wrong)
        scan->wrong = wrong;
    return false;
}

static bool starts_with(const struct scan *scan, const char *text)
{
    size_t length = strlen(text);
    return scan->length - scan->at >= length && memcmp(scan->text + scan->at, text, length) == 0;
}

/* What other notations have and JSON has not, and what to write here. */
static bool fail_with_hint(struct scan *scan, const char *wrong)
{
    static const char no_comments[] = "JSON has no comments; a config takes \"//\": \"…\" as a key";
    static const char double_quotes[] = "texts and keys stand in \"double quotes\"";
    static const struct {
        const char *start, *hint;
    } known[] = {
        {"//", no_comments},
        {"/*", no_comments},
        {"#", no_comments},
        {"'", double_quotes},
        {"`", double_quotes},
        {"\xe2\x80\x98", double_quotes}, /* the quotes that a word processor makes of ' and " */
        {"\xe2\x80\x99", double_quotes},
        {"\xe2\x80\x9c", double_quotes},
        {"\xe2\x80\x9d", double_quotes},
        {"True", "write true"},
        {"False", "write false"},
        {"None", "write null"},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0] && !scan->wrong; i++)
        if (starts_with(scan, known[i].start))
            scan->hint = known[i].hint;
    return fail(scan, wrong);
}

/* Where a value or key must follow a comma, and the end of its list or object does. */
static bool fail_after_comma(struct scan *scan, const char *wrong)
{
    size_t before = scan->at;
    while (before > 0 && strchr(" \t\n\r", scan->text[before - 1]))
        before--;
    bool closes = peek(scan) == '}' || peek(scan) == ']';
    if (closes && before > 0 && scan->text[before - 1] == ',' && !scan->wrong)
        scan->hint = "remove the comma before it";
    return fail_with_hint(scan, wrong);
}

static void skip_blanks(struct scan *scan)
{
    int byte;
    while ((byte = peek(scan)) == ' ' || byte == '\t' || byte == '\n' || byte == '\r')
        scan->at++;
}

static bool is_digit(int byte)
{
    return byte >= '0' && byte <= '9';
}

static bool digits(struct scan *scan)
{
    if (!is_digit(peek(scan)))
        return fail(scan, "expected a digit");
    while (is_digit(peek(scan)))
        scan->at++;
    return true;
}

static bool number_grammar(struct scan *scan)
{
    if (peek(scan) == '-')
        scan->at++;
    if (peek(scan) == '0') {
        scan->at++;
        if (is_digit(peek(scan)))
            return fail(scan, "a number must not begin with 0");
    } else if (!digits(scan)) {
        return false;
    }
    if (peek(scan) == '.') {
        scan->at++;
        if (!digits(scan))
            return false;
    }
    if (peek(scan) == 'e' || peek(scan) == 'E') {
        scan->at++;
        if (peek(scan) == '+' || peek(scan) == '-')
            scan->at++;
        return digits(scan);
    }
    return true;
}

static bool number(struct scan *scan)
{
    size_t start = scan->at;
    if (!number_grammar(scan))
        return false;
    char digit_text[JSON_DIGITS_MAX + 1] = "";
    size_t length = scan->at - start;
    if (length <= JSON_DIGITS_MAX) {
        memcpy(digit_text, scan->text + start, length);
        if (isfinite(strtod(digit_text, NULL)))
            return true;
    }
    scan->at = start;
    return fail(scan, length > JSON_DIGITS_MAX ? "a number is too long" : "a number is too large");
}

/* Four hex digits after \u; -1 when they are not. */
static int hex4(const struct scan *scan, size_t at)
{
    int value = 0;
    for (size_t i = at; i < at + 4; i++) {
        int byte = i < scan->length ? (unsigned char)scan->text[i] : -1;
        int digit = is_digit(byte)                 ? byte - '0'
                    : (byte >= 'a' && byte <= 'f') ? byte - 'a' + 10
                    : (byte >= 'A' && byte <= 'F') ? byte - 'A' + 10
                                                   : -1;
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

static bool unicode_escape(struct scan *scan)
{
    int unit = hex4(scan, scan->at);
    if (unit < 0)
        return fail(scan, "expected four hex digits after \\u");
    if (unit == 0)
        return fail(scan, "\\u0000 is not allowed in a text");
    if (unit >= 0xdc00 && unit <= 0xdfff)
        return fail(scan, "lone low surrogate");
    scan->at += 4;
    if (unit < 0xd800 || unit > 0xdbff)
        return true;
    bool paired = scan->at + 6 <= scan->length && scan->text[scan->at] == '\\' &&
                  scan->text[scan->at + 1] == 'u';
    int low = paired ? hex4(scan, scan->at + 2) : -1;
    if (low < 0xdc00 || low > 0xdfff)
        return fail(scan, "lone high surrogate");
    scan->at += 6;
    return true;
}

static bool string(struct scan *scan)
{
    scan->at++;
    for (;;) {
        int byte = peek(scan);
        if (byte < 0)
            return fail(scan, "the text has no closing quote");
        if (byte < 0x20)
            return fail(scan, "control byte in a text: write it as an escape");
        if (byte == '"') {
            scan->at++;
            return true;
        }
        if (byte == '\\') {
            scan->at++;
            int escape = peek(scan);
            if (escape <= 0 || !strchr("\"\\/bfnrtu", escape))
                return fail(scan, "unknown escape");
            scan->at++;
            if (escape == 'u' && !unicode_escape(scan))
                return false;
            continue;
        }
        size_t step = utf8_length(scan->text + scan->at, scan->length - scan->at);
        if (step == 0)
            return fail(scan, "this is not UTF-8");
        scan->at += step;
    }
}

static bool word(struct scan *scan, const char *expected)
{
    size_t length = strlen(expected);
    if (scan->length - scan->at < length || memcmp(scan->text + scan->at, expected, length) != 0)
        return fail(scan, "expected a value");
    scan->at += length;
    return true;
}

static bool open_container(struct scan *scan, char kind)
{
    if (scan->depth == JSON_DEPTH_MAX)
        return fail(scan, "nested too deeply");
    scan->open[scan->depth++] = kind;
    scan->at++;
    return true;
}

/* A whole scalar, or the opening of a container. */
static bool begin_value(struct scan *scan)
{
    skip_blanks(scan);
    switch (peek(scan)) {
    case '{':
    case '[':
        return open_container(scan, scan->text[scan->at]);
    case '"':
        return string(scan);
    case 't':
        return word(scan, "true");
    case 'f':
        return word(scan, "false");
    case 'n':
        return word(scan, "null");
    case -1:
        return fail(scan, "expected a value, found the end");
    default:
        if (peek(scan) == '-' || is_digit(peek(scan)))
            return number(scan);
        return fail_after_comma(scan, "expected a value");
    }
}

static bool member_key(struct scan *scan)
{
    skip_blanks(scan);
    if (peek(scan) != '"')
        return fail_after_comma(scan, "expected a key in double quotes");
    if (!string(scan))
        return false;
    skip_blanks(scan);
    if (peek(scan) != ':')
        return fail_with_hint(scan, "expected ':' after the key");
    scan->at++;
    return true;
}

static bool closes(struct scan *scan)
{
    char kind = scan->open[scan->depth - 1];
    if (peek(scan) != (kind == '{' ? '}' : ']'))
        return false;
    scan->at++;
    scan->depth--;
    return true;
}

/* After a value: closes what ends here. True when another value must follow. */
static bool more_values(struct scan *scan)
{
    while (scan->depth > 0) {
        skip_blanks(scan);
        if (closes(scan))
            continue;
        if (peek(scan) != ',')
            return fail_with_hint(scan, scan->open[scan->depth - 1] == '{' ? "expected ',' or '}'"
                                                                           : "expected ',' or ']'");
        scan->at++;
        return scan->open[scan->depth - 1] != '{' || member_key(scan);
    }
    return false;
}

static void scan_document(struct scan *scan)
{
    do {
        int depth = scan->depth;
        if (!begin_value(scan))
            return;
        while (scan->depth > depth) { /* a container was opened: its first value is next */
            skip_blanks(scan);
            if (closes(scan))
                break;
            if (scan->open[scan->depth - 1] == '{' && !member_key(scan))
                return;
            depth = scan->depth;
            if (!begin_value(scan))
                return;
        }
    } while (more_values(scan));
    skip_blanks(scan);
    if (!scan->wrong && scan->at < scan->length)
        (void)fail_with_hint(scan, "unexpected bytes after the value");
}

static void locate(const struct scan *scan, struct json_error *problem)
{
    problem->line = 1;
    size_t line_start = 0;
    for (size_t i = 0; i < scan->at; i++)
        if (scan->text[i] == '\n') {
            problem->line++;
            line_start = i + 1;
        }
    problem->column = scan->at - line_start + 1;
    (void)snprintf(problem->text, sizeof problem->text, "%s%s%s", scan->wrong,
                   scan->hint ? ": " : "", scan->hint ? scan->hint : "");
}

int json_check(const char *text, size_t length, struct json_error *problem)
{
    struct scan scan = {.text = text, .length = length};
    scan_document(&scan);
    if (!scan.wrong)
        return 0;
    locate(&scan, problem);
    return -EBADMSG;
}
