/* The man pages, in the language of man(7). */
#include "manual/manual.h"

#include "base/field.h"
#include "circuit/verbs.h"
#include "config/config.h"

enum { ITEM_MAX_BYTES = 1024 };

/* Text as man(1) shows it: a hyphen that can be pasted, no control line by mistake. */
static void put(const char *text, struct buffer *out)
{
    if (*text == '.' || *text == '\'')
        (void)buffer_append_text(out, "\\&");
    for (; *text; text++) {
        if (*text == '-' || *text == '\\')
            (void)buffer_append_text(out, *text == '-' ? "\\-" : "\\e");
        else
            (void)buffer_append_char(out, *text);
    }
}

static void put_title(const char *name, const char *section, const char *what, struct buffer *out)
{
    (void)buffer_printf(out, ".TH %s %s \"\" \"gpio\\-gateway %s\"\n.SH NAME\n%s \\- %s\n", name,
                        section, GATEWAY_VERSION, name, what);
}

static void put_item(const char *term, const char *text, struct buffer *out)
{
    (void)buffer_append_text(out, ".TP\n.B ");
    put(term, out);
    (void)buffer_append_text(out, "\n");
    put(text, out);
    (void)buffer_append_text(out, "\n");
}

static void put_option(const struct manual_option *option, struct buffer *out)
{
    (void)buffer_append_text(out, ".TP\n.B \\-\\-");
    put(option->name, out);
    if (option->value)
        (void)buffer_printf(out, " \\fI%s\\fR", option->value);
    (void)buffer_append_text(out, "\n");
    put(option->doc, out);
    (void)buffer_append_text(out, "\n");
}

static void put_words(struct buffer *out)
{
    const struct manual_word *word;
    (void)buffer_append_text(out, ".SH COMMANDS\n");
    for (size_t i = 0; (word = manual_word_at(i)); i++) {
        put_item(word->usage, word->doc, out);
        if (!word->options[0].name)
            continue;
        (void)buffer_append_text(out, ".RS\n");
        for (size_t j = 0; j < sizeof word->options / sizeof word->options[0]; j++)
            if (word->options[j].name)
                put_option(&word->options[j], out);
        (void)buffer_append_text(out, ".RE\n");
    }
}

static void put_client(struct buffer *out)
{
    const struct verb *verb;
    const struct manual_option *option;
    (void)buffer_append_text(out, ".SH CLIENT COMMANDS\nThese ask a gateway that runs.\n");
    for (size_t i = 0; (verb = verb_at(i)); i++) {
        struct buffer usage;
        if (!verb->word)
            continue;
        buffer_init(&usage, 256);
        verb_print_usage(verb, &usage);
        put_item(buffer_text(&usage), verb->summary, out);
        buffer_done(&usage);
    }
    put_item("watch [LINE]...", "Every event from now on, until you end it", out);
    (void)buffer_append_text(out, ".SH CLIENT OPTIONS\n");
    for (size_t i = 0; (option = manual_client_option_at(i)); i++)
        put_option(option, out);
}

void manual_print_man(struct buffer *out)
{
    static const char *const codes[][2] = {
        {"0", "Done."},
        {"1", "The gateway answered with an error."},
        {"2", "Wrong usage."},
        {"69", "No gateway is there; or, for serve, an address is in use."},
        {"75", "serve handed over at SIGUSR2: another process goes on with the outputs."},
        {"77", "Not allowed."},
        {"78", "The config is missing or wrong."},
    };
    put_title("gpio-gateway", "1", "a circuit on GPIO pins, by browser, curl and socket", out);
    (void)buffer_append_text(out, ".SH SYNOPSIS\n.B gpio\\-gateway\n[\\fICOMMAND\\fR] "
                                  "[\\fIARGUMENT\\fR]... [\\fIOPTION\\fR]...\n");
    put_words(out);
    put_client(out);
    (void)buffer_append_text(out, ".SH EXIT STATUS\n");
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        put_item(codes[i][0], codes[i][1], out);
    (void)buffer_append_text(out, ".SH ENVIRONMENT\n");
    put_item("GPIO_GATEWAY_TOKEN", "The token of client commands without --token.", out);
    put_item("STATE_DIRECTORY",
             "The state folder; else $XDG_STATE_HOME/gpio-gateway, else "
             "~/.local/state/gpio-gateway.",
             out);
    put_item("GPIO_GATEWAY_SANDBOX",
             "off leaves away what fences the gateway in (seccomp, Landlock).", out);
    put_item("RUNTIME_DIRECTORY", "Where unix sockets with a relative path stand.", out);
    (void)buffer_append_text(out,
                             ".SH SEE ALSO\n.BR gpio\\-gateway.json (5),\n.BR gpiodetect (1)\n");
}

static void put_table(void *context, const char *path)
{
    (void)buffer_append_text(context, ".SH ");
    put(*path ? path : "the file", context);
    (void)buffer_append_text(context, "\n");
}

static void put_field(void *context, const struct field *field)
{
    struct buffer text;
    buffer_init(&text, ITEM_MAX_BYTES);
    field_print_form(field, &text);
    if (field->required)
        (void)buffer_append_text(&text, "; required");
    size_t before = text.length;
    if (!field->required && field->kind->print_default) {
        (void)buffer_append_text(&text, "; default ");
        size_t empty = text.length;
        field->kind->print_default(field, &text);
        if (text.length == empty)
            buffer_truncate(&text, before);
    }
    put_item(field->name, field->doc, context);
    (void)buffer_append_text(context, ".br\n");
    put(buffer_text(&text), context);
    (void)buffer_append_text(context, "\n");
    buffer_done(&text);
}

void manual_print_man5(struct buffer *out)
{
    put_title("gpio-gateway.json", "5", "the config of gpio-gateway", out);
    (void)buffer_append_text(
        out,
        ".SH DESCRIPTION\nOne JSON object. Keys that begin with // are comments. A key that is "
        "unknown, or a value that is out of range, keeps the gateway from starting;\n"
        ".B gpio\\-gateway check\ntells every fault in one run.\n");
    config_walk_keys(
        &(struct field_visitor){.context = out, .table = put_table, .field = put_field});
    (void)buffer_append_text(out, ".SH SEE ALSO\n.BR gpio\\-gateway (1)\n");
}
