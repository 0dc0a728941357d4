/* Completion for bash: words of the command line, their options, and the names of lines as a running
 * gateway lists them. */
#include "manual/manual.h"

#include "base/owner.h"
#include "circuit/names.h"
#include "circuit/verbs.h"
#include "client/client.h"

static void put_words(struct buffer *out)
{
    const struct manual_word *word;
    const char *known;
    for (size_t i = 0; (word = manual_word_at(i)); i++)
        (void)buffer_printf(out, "%s%s", i > 0 ? " " : "", word->word);
    for (size_t i = 0; (known = client_word_at(i)); i++)
        (void)buffer_printf(out, " %s", known);
}

/* "get|set|toggle": the words whose first argument is such a name. */
static void put_words_with(const struct field_names *names, struct buffer *out)
{
    const struct verb *verb;
    bool is_first = true;
    for (size_t i = 0; (verb = verb_at(i)); i++) {
        if (!verb->word || verb->fields.count == 0 || verb->fields.fields[0].names != names)
            continue;
        (void)buffer_printf(out, "%s%s", is_first ? "" : "|", verb->word);
        is_first = false;
    }
}

static void put_options(struct buffer *out)
{
    const struct manual_word *word;
    const struct manual_option *option;
    for (size_t i = 0; (word = manual_word_at(i)); i++) {
        if (!word->options[0].name)
            continue;
        (void)buffer_printf(out, "    %s) options=\"", word->word);
        for (size_t j = 0; j < ARRAY_LENGTH(word->options) && word->options[j].name; j++)
            (void)buffer_printf(out, "%s--%s", j > 0 ? " " : "", word->options[j].name);
        (void)buffer_append_text(out, "\" ;;\n");
    }
    (void)buffer_append_text(out, "    *) options=\"");
    for (size_t i = 0; (option = manual_client_option_at(i)); i++)
        (void)buffer_printf(out, "%s--%s", i > 0 ? " " : "", option->name);
    (void)buffer_append_text(out, "\" ;;\n");
}

void manual_print_completion(struct buffer *out)
{
    const struct manual_page *page;
    (void)buffer_append_text(out, "# bash completion for gpio-gateway\n"
                                  "_gpio_gateway() {\n"
                                  "  local word=${COMP_WORDS[1]-} options=\n"
                                  "  COMPREPLY=()\n"
                                  "  if ((COMP_CWORD == 1)); then\n"
                                  "    mapfile -t COMPREPLY < <(compgen -W \"");
    put_words(out);
    (void)buffer_append_text(out, "\" -- \"$2\")\n    return\n  fi\n"
                                  "  if [[ $2 == -* ]]; then\n    case $word in\n");
    put_options(out);
    (void)buffer_append_text(out,
                             "    esac\n"
                             "    mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$2\")\n"
                             "    return\n  fi\n  case $word in\n  ");
    put_words_with(&circuit_line_names, out);
    (void)buffer_append_text(
        out, "|watch)\n    if ((COMP_CWORD == 2)); then\n"
             "      mapfile -t COMPREPLY < <(compgen -W \"$(gpio-gateway list "
             "2>/dev/null | cut -d ' ' -f 1)\" -- \"$2\")\n    fi\n    ;;\n"
             "  check|doctor|serve)\n"
             "    mapfile -t COMPREPLY < <(compgen -f -- \"$2\")\n    ;;\n"
             "  token)\n"
             "    mapfile -t COMPREPLY < <(compgen -W \"show list new revoke\" -- \"$2\")\n    ;;\n"
             "  print)\n    mapfile -t COMPREPLY < <(compgen -W \"");
    for (size_t i = 0; (page = manual_page_at(i)); i++)
        (void)buffer_printf(out, "%s%s", i > 0 ? " " : "", page->name);
    (void)buffer_append_text(out, "\" -- \"$2\")\n    ;;\n  esac\n}\n"
                                  "complete -F _gpio_gateway gpio-gateway\n");
}
