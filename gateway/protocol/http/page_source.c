#include "protocol/http/page_source.h"

#include <stdint.h>
#include <string.h>

enum {
    NO_CODE = '\1', /* ends a line of notes to which there is no line of code */
    BLANKS = '\2',  /* in a line of notes: behind it stands where its code had blanks */
    JOINED =
        '\3', /* at the end of a line of notes: its code goes on in the next line; two digits */
    JOINED_LENGTH = 3,
    GAP_LEAST = ' ', /* a gap of no bytes; all are printable */
    GAP_MOST = '~',
    GAPS = GAP_MOST - GAP_LEAST + 1,
    BLANKS_MAX = 64, /* in a line; one with more keeps them all */
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

/* Whether code means the same without a blank between these two. */
static bool is_idle(enum page_source kind, char before, char after)
{
    static const char marks[] = "={}:,?<>&|!()+*-;[]%'\"";
    if (kind == PAGE_SOURCE_STYLE)
        return before == ':' || before == ',' || after == '{';
    bool is_sum = before == after && (before == '+' || before == '-');
    bool begins_comment = before == '<' && after == '!';
    return !is_sum && !begins_comment &&
           (memchr(marks, before, sizeof marks - 1) || memchr(marks, after, sizeof marks - 1));
}

/* Whether a line has only what is surely code and whole quoted texts. A slash may begin a regular
 * expression, where a blank is a blank, or a comment. */
static bool is_plain(struct line line)
{
    char quote = 0;
    for (size_t at = 0; at < line.length; at++) {
        char byte = line.text[at];
        if (byte == '`' || byte == '\\' || (byte == '/' && !quote))
            return false;
        if (quote ? byte == quote : byte == '"' || byte == '\'')
            quote = quote ? 0 : byte;
    }
    return !quote;
}

/* Finds the idle blanks of a plain line. How many; `ret_gaps` tells how many bytes of code stand before
 * each, since the one before. 0 where there is no room. */
static size_t find_idle_blanks(enum page_source kind, struct line line,
                               char ret_gaps[static BLANKS_MAX])
{
    size_t count = 0;
    size_t gap = 0;
    char quote = 0;
    for (size_t at = 0; at < line.length; at++, gap++) {
        char byte = line.text[at];
        if (quote ? byte == quote : byte == '"' || byte == '\'') {
            quote = quote ? 0 : byte;
        } else if (!quote && byte == ' ' && at > 0 && at + 1 < line.length &&
                   is_idle(kind, line.text[at - 1], line.text[at + 1])) {
            if (count == BLANKS_MAX || gap > GAP_MOST - GAP_LEAST)
                return 0;
            ret_gaps[count++] = (char)(GAP_LEAST + (int)gap);
            gap = (size_t)-1;
        }
    }
    return count;
}

/* Appends a line without its idle blanks, and where they were; how much code it is then. */
static size_t append_squeezed(enum page_source kind, struct line line, struct buffer *code,
                              struct buffer *notes)
{
    char gaps[BLANKS_MAX];
    size_t count = is_plain(line) ? find_idle_blanks(kind, line, gaps) : 0;
    size_t length = line.length - count;
    for (size_t i = 0; i < count; i++) {
        size_t gap = (size_t)(gaps[i] - GAP_LEAST);
        (void)buffer_append(code, line.text, gap);
        line.text += gap + 1, line.length -= gap + 1;
    }
    (void)buffer_append(code, line.text, line.length);
    if (count > 0) {
        (void)buffer_append_char(notes, BLANKS);
        (void)buffer_append(notes, gaps, count);
    }
    return length;
}

/* Whether the next line may stand behind this one, which ends so that nothing ends with it. */
static bool is_joinable(struct line line)
{
    static const char openers[] = {'{', ',', '(', '[', ';'};
    return line.length > 0 && memchr(openers, line.text[line.length - 1], sizeof openers) &&
           is_plain(line);
}

/* Ends a line of code and its line of notes. It has `length` bytes now, SIZE_MAX where it may not be joined;
 * `is_code`: the next one is no text of a template. */
static void end_line(struct line line, size_t length, bool is_code, struct buffer *code,
                     struct buffer *notes)
{
    if (is_code && line.length == 0) {
        (void)buffer_append_char(notes, NO_CODE);
    } else if (is_joinable(line) && length < GAPS * GAPS) {
        (void)buffer_append_char(notes, JOINED);
        (void)buffer_append_char(notes, (char)(GAP_LEAST + (int)(length / GAPS)));
        (void)buffer_append_char(notes, (char)(GAP_LEAST + (int)(length % GAPS)));
    } else {
        (void)buffer_append_char(code, '\n');
    }
    (void)buffer_append_char(notes, '\n');
}

bool page_source_split(enum page_source kind, const char *text, size_t length,
                       struct buffer *ret_code, struct buffer *ret_notes)
{
    struct place place = {0};
    /* A carriage return ends a line, too; our files have none. */
    if (kind == PAGE_SOURCE_OTHER || length == 0 || memchr(text, '\r', length) ||
        memchr(text, NO_CODE, length) || memchr(text, BLANKS, length) ||
        memchr(text, JOINED, length))
        return false;
    for (const char *at = text, *end = text + length; at < end;) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        struct line line = {.text = at, .length = (size_t)((newline ? newline : end) - at)};
        size_t notes = notes_length(kind, line, &place);
        struct line code = {.text = at + notes, .length = line.length - notes};
        bool is_in_template = place.depth > 0;
        scan(kind, code, &place);
        if (place.is_uncertain)
            return false;
        (void)buffer_append(ret_notes, at, notes);
        bool is_code = !is_in_template && place.depth == 0;
        size_t appended = code.length;
        if (is_code)
            appended = append_squeezed(kind, code, ret_code, ret_notes);
        else
            (void)buffer_append(ret_code, code.text, code.length);
        if (newline)
            end_line(code, is_code ? appended : SIZE_MAX, place.depth % 2 == 0, ret_code,
                     ret_notes);
        at += line.length + (newline ? 1 : 0);
    }
    return !place.in_comment && place.depth == 0 && !ret_code->error && !ret_notes->error;
}

static size_t until_newline(const char *text, size_t length)
{
    const char *newline = memchr(text, '\n', length);
    return newline ? (size_t)(newline - text) : length;
}

/* Copies code and gives it its blanks again; the end of what was written. */
static char *copy_spread(struct line code, const char *gaps, size_t count, char *ret_text)
{
    for (size_t i = 0; i < count; i++) {
        size_t gap = (size_t)(gaps[i] - GAP_LEAST);
        memcpy(ret_text, code.text, gap);
        ret_text += gap;
        *ret_text++ = ' ';
        code.text += gap, code.length -= gap;
    }
    memcpy(ret_text, code.text, code.length);
    return ret_text + code.length;
}

/* One line of notes, and the code that belongs to it. */
struct pair {
    size_t shown; /* bytes of the notes that stand before the code */
    const char *gaps;
    size_t blanks;
    size_t code;
    bool is_ended; /* the code has a newline of its own */
};

static struct pair read_pair(const char *notes, size_t length, const char *code, size_t code_length)
{
    struct pair pair = {.shown = length};
    if (length > 0 && notes[length - 1] == NO_CODE) {
        pair.shown--;
        return pair;
    }
    pair.is_ended = length < JOINED_LENGTH || notes[length - JOINED_LENGTH] != JOINED;
    if (pair.is_ended) {
        pair.code = until_newline(code, code_length);
    } else {
        length -= JOINED_LENGTH;
        pair.code =
            (size_t)((notes[length + 1] - GAP_LEAST) * GAPS + notes[length + 2] - GAP_LEAST);
    }
    pair.gaps = memchr(notes, BLANKS, length);
    pair.shown = pair.gaps ? (size_t)(pair.gaps - notes) : length;
    pair.blanks = pair.gaps ? length - pair.shown - 1 : 0;
    pair.gaps += pair.gaps != NULL;
    return pair;
}

void page_source_join(const char *code, size_t code_length, const char *notes, size_t notes_length,
                      char *ret_text)
{
    for (;;) {
        size_t first = until_newline(notes, notes_length);
        struct pair pair = read_pair(notes, first, code, code_length);
        memcpy(ret_text, notes, pair.shown);
        ret_text = copy_spread((struct line){.text = code, .length = pair.code}, pair.gaps,
                               pair.blanks, ret_text + pair.shown);
        if (first == notes_length)
            return;
        *ret_text++ = '\n';
        notes += first + 1, notes_length -= first + 1;
        code += pair.code + pair.is_ended;
        code_length -= pair.code + pair.is_ended;
    }
}
