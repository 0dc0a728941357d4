/* The pages in Markdown. */
#include "manual/manual.h"

#include "config/config.h"
#include "protocol/auth.h"
#include "protocol/method/method.h"
#include "protocol/problem.h"
#include "protocol/text/text_command.h"

static void put_table(void *context, const char *path)
{
    struct buffer *out = context;
    (void)buffer_printf(out, "%s### %s\n\n| key | value | default | meaning |\n|---|---|---|---|\n",
                        out->length > 0 ? "\n" : "", *path ? path : "the file");
}

static void put_field(void *context, const struct field *field)
{
    field_print_row(field, context);
}

void manual_print_keys(struct buffer *out)
{
    config_walk_keys(
        &(struct field_visitor){.context = out, .table = put_table, .field = put_field});
}

/* A cell of a table, whose bars would end it. */
static void put_cell(const char *text, struct buffer *out)
{
    for (; *text; text++)
        (void)buffer_printf(out, *text == '|' ? "\\%c" : "%c", *text);
}

static void put_usage(const struct verb *verb, struct buffer *out)
{
    struct buffer usage;
    buffer_init(&usage, 256);
    verb_print_usage(verb, &usage);
    (void)buffer_append_char(out, '`');
    put_cell(buffer_text(&usage), out);
    (void)buffer_append_char(out, '`');
    buffer_done(&usage);
}

static void print_method_row(const struct verb *verb, struct buffer *out)
{
    (void)buffer_printf(out, "| `%s` | ", verb->name);
    if (verb->path)
        (void)buffer_printf(out, "`%s %s`", verb->rest, verb->path);
    (void)buffer_append_text(out, " | ");
    if (verb->word)
        put_usage(verb, out);
    (void)buffer_printf(out, " | %s | %s |\n", role_name(verb->role), verb->summary);
}

static void print_method(const struct verb *verb, struct buffer *out)
{
    if (verb->fields.count == 0)
        return;
    (void)buffer_printf(
        out, "\n### %s\n\n| parameter | value | default | meaning |\n|---|---|---|---|\n",
        verb->name);
    for (size_t i = 0; i < verb->fields.count; i++)
        field_print_row(&verb->fields.fields[i], out);
}

void manual_print_methods(struct buffer *out)
{
    const struct verb *verb;
    (void)buffer_append_text(out,
                             "| method | REST | text | role | does |\n|---|---|---|---|---|\n");
    for (size_t i = 0; (verb = method_at(i)); i++)
        print_method_row(verb, out);
    for (size_t i = 0; (verb = method_at(i)); i++)
        print_method(verb, out);
}

void manual_print_words(struct buffer *out)
{
    const struct verb *verb;
    const struct text_word *word;
    (void)buffer_append_text(out, "| word | does | over datagrams |\n|---|---|---|\n");
    for (size_t i = 0; (verb = method_at(i)); i++) {
        if (!verb->word)
            continue;
        (void)buffer_append_text(out, "| ");
        put_usage(verb, out);
        (void)buffer_printf(out, " | %s | %s |\n", verb->summary,
                            verb->once ? "with a number" : "");
    }
    for (size_t i = 0; (word = text_word_at(i)); i++) {
        (void)buffer_append_text(out, "| `");
        put_cell(word->usage, out);
        (void)buffer_printf(out, "` | %s | %s |\n", word->meaning, "");
    }
}

void manual_print_errors(struct buffer *out)
{
    (void)buffer_append_text(out, "| code | HTTP | JSON-RPC | meaning |\n|---|---|---|---|\n");
    for (int code = PROBLEM_NONE + 1; code <= PROBLEM_INTERNAL; code++) {
        const struct problem_kind *kind = problem_kind((enum problem_code)code);
        (void)buffer_printf(out, "| `%s` | %d | %d | %s |\n", kind->code, kind->status, kind->rpc,
                            kind->title);
    }
}
