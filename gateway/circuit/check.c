#include "circuit/check.h"

#include "circuit/refusal.h"
#include "circuit/verbs.h"

#include <inttypes.h>

int check_line(const struct circuit *circuit, size_t line, struct refusal *refusal)
{
    if (line >= circuit->line_count)
        return refuse(refusal, REFUSAL_NO_SUCH_LINE, "There is no such line.");
    if (!line_is_output(&circuit->lines[line]))
        return refuse(refusal, REFUSAL_NOT_AN_OUTPUT, "Line %s is an input.",
                      circuit->lines[line].options->name);
    return 0;
}

static int check_off_time(const struct line *line, const struct command *command,
                          struct refusal *refusal)
{
    const struct verb *verb = verb_of(command->verb);
    double off_ms = verb->off_ms ? verb->off_ms(command) : -1;
    if (off_ms < 0 || off_ms >= line->options->min_off_ms)
        return 0;
    return refuse(
        refusal, REFUSAL_BAD_REQUEST,
        "Line %s must stay off for %u ms between two times on: an off time of %g ms is too short.",
        line->options->name, line->options->min_off_ms, off_ms);
}

/* Protocols and the config have checked ranges already; this is for commands made in other ways. */
int check_ranges(const struct line *line, const struct command *command, struct refusal *refusal)
{
    const struct field *wrong = field_out_of_range(&verb_of(command->verb)->fields, command);
    if (!wrong)
        return check_off_time(line, command, refusal);
    struct buffer form;
    buffer_init(&form, COMMAND_MESSAGE_SIZE);
    field_print_form(wrong, &form);
    (void)refuse(refusal, REFUSAL_BAD_REQUEST, "%s must be %s.", wrong->name, buffer_text(&form));
    buffer_done(&form);
    return -1;
}

int check_expect(const struct line *line, const struct command *command, struct refusal *refusal)
{
    if (!command->has_expect || command->expect == line->seq)
        return 0;
    return refuse(refusal, REFUSAL_CONFLICT,
                  "Line %s has changed: its seq is %" PRIu64 ", not %" PRIu64 ".",
                  line->options->name, line->seq, command->expect);
}

int check_unchanged(const struct circuit *circuit, size_t line, const struct command *command,
                    struct refusal *refusal)
{
    const struct line *checked = &circuit->lines[line];
    if (!command->has_expect || checked->seq <= command->expect)
        return 0;
    return refuse(refusal, REFUSAL_CONFLICT,
                  "Line %s has changed since %" PRIu64 ": its seq is %" PRIu64 ".",
                  checked->options->name, command->expect, checked->seq);
}
