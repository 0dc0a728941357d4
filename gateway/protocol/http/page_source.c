#include "protocol/http/page_source.h"

#include <string.h>

enum {
    NO_CODE = '\1',  /* ends a line of notes to which there is no line of code */
    NESTED_MAX = 16, /* templates in each other, twice: `a ${ is 2; nobody reads more */
};

/* Where a line begins and ends. */
struct place {
    bool in_comment;
    bool is_uncertain;
    int depth;              /* odd: in the text of a template literal, even: in code */
    int braces[NESTED_MAX]; /* for each even depth: how many are open */
};

/* One line, without its newline. */
struct line {
    const char *text;
    size_t length;
};

static const char *find_pair(struct line line, size_t from, const char pair[2])
{
    return from < line.length ? memmem(line.text + from, line.length - from, pair, 2) : NULL;
}

static bool starts_with(struct line line, size_t at, const char pair[2])
{
    return at + 2 <= line.length && memcmp(line.text + at, pair, 2) == 0;
}

/* Whether the byte after "//" or a comment's begin says that it stays. */
static bool must_stay(struct line line, size_t at)
{
    return at + 2 < line.length && (line.text[at + 2] == '!' || line.text[at + 2] == '#');
}

/* How many bytes from the begin of the line are for readers. */
static size_t notes_length(enum page_source kind, struct line line, struct place *place)
{
    for (size_t at = 0; place->depth % 2 == 0;) {
        if (place->in_comment) {
            const char *end = find_pair(line, at, "*/");
            if (!end)
                return line.length;
            at = (size_t)(end - line.text) + 2;
            place->in_comment = false;
        }
        while (at < line.length && (line.text[at] == ' ' || line.text[at] == '\t'))
            at++;
        if (starts_with(line, at, "/*") && !must_stay(line, at)) {
            place->in_comment = true;
            at += 2;
        } else if (kind == PAGE_SOURCE_SCRIPT && starts_with(line, at, "//") &&
                   !must_stay(line, at)) {
            return line.length;
        } else {
            return at;
        }
    }
    return 0; /* the text of a template */
}

static void begin_template(struct place *place)
{
    place->is_uncertain |= place->depth + 2 >= NESTED_MAX;
    place->depth += !place->is_uncertain;
}

/* The last byte of what is quoted from `at` on. */
static size_t skip_quoted(struct line line, size_t at, struct place *place)
{
    char quote = line.text[at++];
    for (; at < line.length && line.text[at] != quote; at++) {
        /* A quote in a regular expression looks like the begin of a text. */
        place->is_uncertain |= line.text[at] == '`';
        at += line.text[at] == '\\';
    }
    place->is_uncertain |= at >= line.length;
    return at;
}

/* Follows the template literals of a script. */
static void scan_templates(struct line line, struct place *place)
{
    if (place->depth == 0 && !memchr(line.text, '`', line.length))
        return;
    for (size_t at = 0; at < line.length && !place->is_uncertain; at++) {
        char byte = line.text[at];
        int *braces = &place->braces[place->depth];
        if (place->depth % 2 == 1) {
            if (byte == '\\')
                at++;
            else if (byte == '`')
                place->depth--;
            else if (starts_with(line, at, "${"))
                place->depth++, braces[1] = 0, at++;
        } else if (byte == '`') {
            begin_template(place);
        } else if (byte == '"' || byte == '\'') {
            at = skip_quoted(line, at, place);
        } else if (byte == '{') {
            braces[0]++;
        } else if (byte == '}' && place->depth > 0 && braces[0]-- == 0) {
            place->depth--;
        }
    }
}

/* Looks for what would go on in the next line. */
static void scan(enum page_source kind, struct line line, struct place *place)
{
    if (kind == PAGE_SOURCE_SCRIPT)
        scan_templates(line, place);
    bool is_continued = line.length > 0 && line.text[line.length - 1] == '\\';
    place->is_uncertain |= is_continued && place->depth % 2 == 0;
    for (const char *begin = find_pair(line, 0, "/*"); begin;) {
        const char *end = find_pair(line, (size_t)(begin - line.text) + 2, "*/");
        place->is_uncertain |= !end;
        begin = end ? find_pair(line, (size_t)(end - line.text) + 2, "/*") : NULL;
    }
}

bool page_source_split(enum page_source kind, const char *text, size_t length,
                       struct buffer *ret_code, struct buffer *ret_notes)
{
    struct place place = {0};
    /* A carriage return ends a line, too; our files have none. */
    if (kind == PAGE_SOURCE_OTHER || length == 0 || memchr(text, '\r', length) ||
        memchr(text, NO_CODE, length))
        return false;
    for (const char *at = text, *end = text + length; at < end;) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        struct line line = {.text = at, .length = (size_t)((newline ? newline : end) - at)};
        size_t notes = notes_length(kind, line, &place);
        struct line code = {.text = at + notes, .length = line.length - notes};
        scan(kind, code, &place);
        if (place.is_uncertain)
            return false;
        (void)buffer_append(ret_notes, at, notes);
        (void)buffer_append(ret_code, code.text, code.length);
        if (newline && code.length == 0 && place.depth % 2 == 0) {
            (void)buffer_append_char(ret_notes, NO_CODE);
        } else if (newline) {
            (void)buffer_append_char(ret_code, '\n');
        }
        if (newline)
            (void)buffer_append_char(ret_notes, '\n');
        at += line.length + (newline ? 1 : 0);
    }
    return !place.in_comment && place.depth == 0 && !ret_code->error && !ret_notes->error;
}

static size_t until_newline(const char *text, size_t length)
{
    const char *newline = memchr(text, '\n', length);
    return newline ? (size_t)(newline - text) : length;
}

void page_source_join(const char *code, size_t code_length, const char *notes, size_t notes_length,
                      char *ret_text)
{
    for (;;) {
        size_t first = until_newline(notes, notes_length);
        bool has_code = first == 0 || notes[first - 1] != NO_CODE;
        size_t second = has_code ? until_newline(code, code_length) : 0;
        size_t shown = has_code ? first : first - 1;
        memcpy(ret_text, notes, shown);
        memcpy(ret_text + shown, code, second);
        ret_text += shown + second;
        if (first == notes_length)
            return;
        *ret_text++ = '\n';
        notes += first + 1, notes_length -= first + 1;
        if (has_code)
            code += second + 1, code_length -= second + 1;
    }
}
