#include "base/field_reader.h"

#include "base/json.h"
#include "base/json_writer.h"
#include "base/nearest.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum {
    FRAMES_MAX = 8, /* root, section, list item, section in it, list item: 5 */
    PATH_SIZE = 512,
    TEXT_SIZE = 512,
};

/* An object that is being read; in a list, its items one after another. */
struct frame {
    const struct field *field; /* by which it was entered; NULL for the root */
    struct field_table table;
    const struct json *object; /* NULL: nothing there, defaults only */
    char *target;
    size_t next;   /* field to be read next */
    size_t faults; /* how many there were before this object */
    bool in_list;
    size_t index;
};

struct field_reader {
    const struct field_reading *reading;
    int error;
    bool over;
    size_t faults;
    size_t depth;
    struct frame frames[FRAMES_MAX];
};

static const struct frame *top(const struct field_reader *reader)
{
    return &reader->frames[reader->depth - 1];
}

void *field_target(const struct field_reader *reader)
{
    return reader->reading->target;
}

size_t field_position(const struct field_reader *reader)
{
    return top(reader)->index;
}

bool field_is_over(const struct field_reader *reader)
{
    return reader->over;
}

bool field_is_sound(const struct field_reader *reader)
{
    return reader->faults == top(reader)->faults;
}

void field_no_memory(struct field_reader *reader)
{
    reader->error = -ENOMEM;
    reader->over = true;
}

/* ---- faults ---- */

static void write_path(const struct field_reader *reader, const char *leaf, struct buffer *path)
{
    for (size_t i = 1; i < reader->depth; i++) {
        const struct frame *frame = &reader->frames[i];
        (void)buffer_printf(path, "%s%s", i > 1 ? "." : "", frame->field->name);
        if (frame->in_list)
            (void)buffer_printf(path, "[%zu]", frame->index);
    }
    if (leaf)
        (void)buffer_printf(path, "%s%s", path->length > 0 && leaf[0] != '[' ? "." : "", leaf);
}

static void report(struct field_reader *reader, const char *leaf, struct field_fault *fault)
{
    struct buffer path;
    if (reader->over)
        return;
    buffer_init(&path, PATH_SIZE);
    write_path(reader, leaf, &path);
    fault->path = buffer_text(&path);
    reader->faults++;
    reader->over = !reader->reading->fault(reader->reading->context, fault);
    buffer_done(&path);
}

void field_fail(struct field_reader *reader, const struct json *at, const char *leaf,
                const char *format, ...)
{
    char text[TEXT_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    report(reader, leaf, &(struct field_fault){.kind = FIELD_FAULT_VALUE, .at = at, .text = text});
}

void field_fail_type(struct field_reader *reader, const struct json *at, const char *leaf,
                     const char *expected)
{
    field_fail(reader, at, leaf, "expected %s, found %s", expected,
               json_type_name(json_type_of(at)));
}

int field_index_of(const struct field_names *names, const void *owner, const char *name)
{
    size_t count = names->count(owner);
    for (size_t i = 0; i < count; i++)
        if (strcmp(names->at(owner, i), name) == 0)
            return (int)i;
    return -1;
}

int field_look_up(struct field_reader *reader, const struct field_names *names,
                  const struct json *at, const char *leaf, const char *name)
{
    const void *owner = reader->reading->owner;
    int index = field_index_of(names, owner, name);
    if (index >= 0)
        return index;
    const char *known[FIELD_NAMES_MAX];
    char shown[FIELD_SHOWN_SIZE];
    char text[TEXT_SIZE];
    size_t count = names->count(owner);
    for (size_t i = 0; i < count && i < FIELD_NAMES_MAX; i++)
        known[i] = names->at(owner, i);
    const char *nearest = nearest_name(name, known, count < FIELD_NAMES_MAX ? count : 0);
    (void)snprintf(text, sizeof text, "no %s is called \"%s\"%s%s%s", names->noun,
                   field_show_text(name, shown), nearest ? "; did you mean \"" : "",
                   nearest ? nearest : "", nearest ? "\"?" : "");
    report(
        reader, leaf,
        &(struct field_fault){
            .kind = FIELD_FAULT_NAME, .names = names, .nearest = nearest, .at = at, .text = text});
    return -1;
}

char *field_show_text(const char *value, char text[FIELD_SHOWN_SIZE])
{
    static const char more[] = "…";
    size_t most = FIELD_SHOWN_SIZE - sizeof more;
    size_t length = strlen(value);
    if (length <= most) {
        memcpy(text, value, length + 1);
        return text;
    }
    /* Not in the middle of a character. */
    while (most > 0 && ((unsigned char)value[most] & 0xc0) == 0x80)
        most--;
    memcpy(text, value, most);
    memcpy(text + most, more, sizeof more);
    return text;
}

char *field_show(const struct json *value, char text[FIELD_SHOWN_SIZE])
{
    struct buffer printed;
    buffer_init(&printed, 1024 * 1024);
    struct json_writer writer = json_writer_begin(&printed);
    json_write_copy(&writer, NULL, value);
    if (printed.error)
        (void)snprintf(text, FIELD_SHOWN_SIZE, "this value");
    else
        field_show_text(buffer_text(&printed), text);
    buffer_done(&printed);
    return text;
}

/* ---- names of an object ---- */

bool field_skips(struct field_reader *reader, const struct json *object, const struct json *member,
                 const char *leaf)
{
    const char *name = json_key(member);
    if (reader->reading->comments && strncmp(name, "//", 2) == 0)
        return true;
    if (json_get(object, name) == member)
        return false;
    field_fail(reader, member, leaf, "this %s stands twice", reader->reading->noun);
    return true;
}

/* A name that lacks its unit, as "debounce" for "debounce_ms". */
static const char *name_with_unit(const char *name, const char *const *names, size_t count)
{
    size_t length = strlen(name);
    for (size_t i = 0; i < count; i++)
        if (length > 0 && strncmp(names[i], name, length) == 0 && names[i][length] == '_')
            return names[i];
    return NULL;
}

/* Whether the names are the same but for capitals, and '-', ' ' or nothing in place of '_'. */
static bool is_same_name(const char *name, const char *alias)
{
    for (;; name++, alias++) {
        if (*alias == '_' && *name != '_' && *name != '-' && *name != ' ')
            alias++;
        char letter = *name == '-' || *name == ' ' ? '_' : (char)tolower((unsigned char)*name);
        if (letter != *alias)
            return false;
        if (letter == '\0')
            return true;
    }
}

static const struct field_alias *find_alias(const struct field_table *table, const char *name)
{
    const struct field_alias *alias = table->aliases;
    for (; alias && alias->name; alias++)
        if (is_same_name(name, alias->name))
            return alias;
    return NULL;
}

static void fail_unknown(struct field_reader *reader, const struct field_table *table,
                         const struct json *member, const char *leaf)
{
    const char *names[FIELD_NAMES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < table->count && count < FIELD_NAMES_MAX; i++)
        if (field_counts(table, &table->fields[i]))
            names[count++] = table->fields[i].name;
    const struct field_alias *alias = find_alias(table, json_key(member));
    const char *nearest = alias ? alias->field : name_with_unit(json_key(member), names, count);
    const char *value = alias ? alias->value : NULL;
    if (!nearest)
        nearest = nearest_name(json_key(member), names, count);
    char text[FIELD_SHOWN_SIZE + 20];
    (void)snprintf(text, sizeof text, table->title ? "%s does not have it" : "unknown %s",
                   table->title ? table->title : reader->reading->noun);
    field_fail(reader, member, leaf, "%s%s%s%s%s%s%s", text, nearest ? "; did you mean \"" : "",
               nearest ? nearest : "", nearest ? "\"" : "", value ? ": " : "", value ? value : "",
               nearest ? "?" : "");
}

/* Names that stand twice, and names that the table does not have. */
static void check_members(struct field_reader *reader, const struct frame *frame)
{
    const struct json *object = json_is(frame->object, JSON_OBJECT) ? frame->object : NULL;
    const struct json *member = json_first(object);
    for (; member && !reader->over; member = json_next(member)) {
        const char *name = json_key(member);
        char leaf[FIELD_SHOWN_SIZE];
        bool is_known = field_find(&frame->table, name) ||
                        (frame->table.tag && strcmp(frame->table.tag, name) == 0);
        if (is_known && json_get(object, name) == member)
            continue;
        field_show_text(name, leaf);
        if (!field_skips(reader, object, member, leaf) && !is_known)
            fail_unknown(reader, &frame->table, member, leaf);
    }
}

/* ---- reading ---- */

void field_enter(struct field_reader *reader, const struct field *field,
                 const struct field_table *table, const struct json *value, void *target)
{
    assert(reader->depth < FRAMES_MAX);
    bool in_list = json_is(value, JSON_ARRAY);
    const struct json *first = in_list ? json_first(value) : value;
    if (in_list && !first)
        return;
    reader->frames[reader->depth++] = (struct frame){
        .field = field, .table = *table, .object = first, .target = target, .in_list = in_list};
}

static void read_value(struct field_reader *reader, const struct frame *frame,
                       const struct field *field, const struct json *value)
{
    void *member = frame->target + field->offset;
    if (value && field->given)
        *(bool *)(frame->target + field->given) = true;
    if (value)
        field->kind->read(reader, field, value, member);
    else if (field->required && (frame->object || !frame->field))
        field_fail(reader, frame->object, field->name, "is required%s%s",
                   frame->table.title ? " for " : "", frame->table.title ? frame->table.title : "");
    else if (field->kind == &field_section)
        field_enter(reader, field, field->inside, NULL,
                    member); /* a section that is not there has its defaults */
}

/* All of them before any field is read, since two fields may fill one member. */
static void set_defaults(const struct frame *frame)
{
    for (size_t i = 0; i < frame->table.count; i++) {
        const struct field *field = &frame->table.fields[i];
        if (field->kind->set_default)
            field->kind->set_default(field, frame->target + field->offset);
    }
}

/* After the last field of an object: what needs the whole object; then the next item, or one level up. */
static void leave(struct field_reader *reader, struct frame *frame)
{
    if (frame->object && frame->table.check && json_is(frame->object, JSON_OBJECT))
        frame->table.check(reader, frame->object, frame->target);
    const struct json *next = frame->in_list ? json_next(frame->object) : NULL;
    if (!next) {
        reader->depth--;
        return;
    }
    frame->object = next;
    frame->target += frame->table.item_size;
    frame->next = 0;
    frame->index++;
    if (frame->field->max > 0 && frame->index == (size_t)frame->field->max)
        reader->depth--; /* there is no room for more, and that was reported */
}

static void begin(struct field_reader *reader, struct frame *frame)
{
    frame->faults = reader->faults;
    if (frame->table.choose && json_is(frame->object, JSON_OBJECT) &&
        !frame->table.choose(reader, frame->object, frame->target, &frame->table)) {
        frame->next = frame->table.count = 0;
        return;
    }
    set_defaults(frame);
    check_members(reader, frame);
    if (!frame->object || json_is(frame->object, JSON_OBJECT))
        return;
    field_fail_type(reader, frame->object, NULL, "an object");
    frame->next = frame->table.count;
}

static void step(struct field_reader *reader)
{
    struct frame *frame = &reader->frames[reader->depth - 1];
    if (frame->next == 0)
        begin(reader, frame);
    if (frame->next == frame->table.count) {
        leave(reader, frame);
        return;
    }
    const struct field *field = &frame->table.fields[frame->next++];
    if (field_counts(&frame->table, field))
        read_value(reader, frame, field, json_get(frame->object, field->name));
}

/* The items of a list are the fields in their order. */
static void read_positions(struct field_reader *reader, const struct json *list)
{
    struct frame *frame = &reader->frames[0];
    set_defaults(frame);
    const struct json *value = json_first(list);
    for (size_t i = 0; i < frame->table.count && !reader->over; i++) {
        read_value(reader, frame, &frame->table.fields[i], value);
        value = json_next(value);
    }
    if (value)
        field_fail(reader, value, NULL, "too many %ss: %zu, and there are %zu",
                   reader->reading->noun, json_count(list), frame->table.count);
}

int field_read(const struct json *root, const struct field_reading *reading)
{
    struct field_reader reader; /* its frames are filled when they are entered */
    reader.reading = reading;
    reader.error = 0;
    reader.over = false;
    reader.faults = 0;
    reader.depth = 1;
    reader.frames[0] =
        (struct frame){.table = *reading->table, .object = root, .target = (char *)reading->target};
    if (reading->by_position && json_is(root, JSON_ARRAY))
        read_positions(&reader, root);
    else
        while (reader.depth > 0 && !reader.over)
            step(&reader);
    return reader.error;
}

static int switch_word(const char *word)
{
    static const char *const words[] = {"0", "1", "false", "true", "off", "on"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (i < 4 ? strcmp(word, words[i]) == 0 : strcasecmp(word, words[i]) == 0)
            return i % 2;
    return -1;
}

/* The word as a number; NULL where it is none. Only real numbers have an exponent. 0 or -ENOMEM. */
static int number_word(const char *word, bool is_whole, struct json **ret_number)
{
    *ret_number = NULL;
    if (is_whole && word[strspn(word, "-0123456789")])
        return 0;
    int error = json_parse(word, strlen(word), ret_number, NULL);
    if (!error && !json_is(*ret_number, JSON_NUMBER))
        *ret_number = json_free(*ret_number);
    return error == -ENOMEM ? error : 0;
}

void field_add_word(struct json *values, const struct field *field, const char *word)
{
    enum field_word kind = field->kind->word;
    int on = kind == FIELD_WORD_SWITCH ? switch_word(word) : -1;
    struct json *number = NULL;
    int error = 0;
    if (kind == FIELD_WORD_INTEGER || kind == FIELD_WORD_REAL)
        error = number_word(word, kind == FIELD_WORD_INTEGER, &number);
    if (error)
        json_spoil(values);
    else if (on >= 0)
        json_add_bool(values, field->name, on);
    else if (number)
        json_add_copy(values, field->name, number);
    else
        json_add_text(values, field->name, word);
    json_free(number);
}
