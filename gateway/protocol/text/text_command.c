#include "protocol/text/text_command.h"

#include "base/field_words.h"
#include "base/json.h"
#include "base/nearest.h"
#include "base/owner.h"
#include "base/utf8.h"
#include "protocol/method/method.h"
#include "protocol/text/text_answer.h"

#include <ctype.h>
#include <string.h>

enum { WORDS_MAX = 64, USAGE_MAX_BYTES = 256 };

static const struct text_word words[] = {
    {"auth", TEXT_AUTH, "auth TOKEN", "Who you are"},
    {"watch", TEXT_WATCH, "watch [CURSOR | SECONDS | json]",
     "Send every event from now on (a datagram: for so many seconds; json: as JSON-RPC)"},
    {"unwatch", TEXT_UNWATCH, "unwatch", "Stop sending events"},
    {"help", TEXT_HELP, "help", "This list"},
    {"quit", TEXT_QUIT, "quit", "End the connection"},
};

const struct text_word *text_word_at(size_t index)
{
    return index < ARRAY_LENGTH(words) ? &words[index] : NULL;
}

static const struct text_word *find_word(const char *word)
{
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
        if (strcmp(words[i].word, word) == 0)
            return &words[i];
    return NULL;
}

static int no_such_word(const char *word, struct problem *problem)
{
    const char *names[WORDS_MAX];
    const struct verb *verb;
    size_t count = 0;
    for (size_t i = 0; (verb = method_at(i)) && count < WORDS_MAX; i++)
        if (verb->word)
            names[count++] = verb->word;
    for (size_t i = 0; i < ARRAY_LENGTH(words) && count < WORDS_MAX; i++)
        names[count++] = words[i].word;
    const char *nearest = nearest_name(word, names, count);
    return problem_set(problem, PROBLEM_NO_SUCH_METHOD, "There is no word \"%.40s\"%s%s%s", word,
                       nearest ? "; did you mean \"" : "; help lists them.", nearest ? nearest : "",
                       nearest ? "\"?" : "");
}

static int read_arguments(struct text_command *text_command, char *rest, struct problem *problem)
{
    const struct verb *verb = text_command->verb;
    char fault[FIELD_WORDS_FAULT_SIZE];
    struct buffer usage;
    text_command->params = json_new_object();
    int error = field_read_words(&verb->fields, rest, text_command->params, fault);
    if (json_is_incomplete(text_command->params))
        return problem_set(problem, PROBLEM_INTERNAL, "Out of memory.");
    if (!error)
        return 0;
    buffer_init(&usage, USAGE_MAX_BYTES);
    verb_print_usage(verb, &usage);
    (void)problem_set(problem, PROBLEM_BAD_REQUEST, "%s: %s", buffer_text(&usage), fault);
    buffer_done(&usage);
    return -1;
}

static void keep_argument(struct text_command *text_command, const char *rest)
{
    size_t length = strcspn(rest, " \t");
    if (length >= sizeof text_command->argument)
        length = 0;
    memcpy(text_command->argument, rest, length);
    text_command->argument[length] = '\0';
}

static int check_bytes(const char *text, size_t length, struct problem *problem)
{
    if (length > TEXT_MAX_BYTES)
        return problem_set(problem, PROBLEM_TOO_LARGE, "A message has at most %d bytes.",
                           TEXT_MAX_BYTES);
    if (!utf8_is_valid(text, length))
        return problem_set(problem, PROBLEM_BAD_REQUEST, "This is not UTF-8.");
    for (size_t i = 0; i < length; i++)
        if (((unsigned char)text[i] < 0x20 && text[i] != '\t') || text[i] == 0x7f)
            return problem_set(problem, PROBLEM_BAD_REQUEST, "There is a control byte in it.");
    return 0;
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

/* The verb whose suffix stands behind the arguments, which loses it; NULL for none. */
static const struct verb *cut_suffix(const char *word, char *rest)
{
    char *end = rest + strlen(rest);
    while (end > rest && is_blank(end[-1]))
        *--end = '\0';
    char *last = end;
    while (last > rest && !is_blank(last[-1]))
        last--;
    const struct verb *verb = last > rest ? verb_with_suffix(word, last) : NULL;
    if (verb)
        *last = '\0';
    return verb;
}

/* "rule RULE run, rule RULE enable, …" */
static int lacks_suffix(const char *word, struct problem *problem)
{
    struct buffer usage;
    buffer_init(&usage, USAGE_MAX_BYTES);
    for (size_t i = 0; i < verb_count(); i++) {
        const struct verb *verb = verb_at(i);
        if (!verb->suffix || strcmp(verb->word, word) != 0)
            continue;
        if (usage.length > 0)
            (void)buffer_append_text(&usage, ", or ");
        verb_print_usage(verb, &usage);
    }
    (void)problem_set(problem, PROBLEM_BAD_REQUEST, "%s", buffer_text(&usage));
    buffer_done(&usage);
    return -1;
}

int text_command_parse(const char *text, size_t length, struct text_command *ret_command,
                       struct problem *problem)
{
    char copy[TEXT_MAX_BYTES + 1];
    char *rest = copy;
    *ret_command = (struct text_command){.kind = TEXT_METHOD};
    if (check_bytes(text, length, problem))
        return -1;
    memcpy(copy, text, length);
    copy[length] = '\0';
    const char *first = field_next_word(&rest);
    if (!first)
        return problem_set(problem, PROBLEM_BAD_REQUEST, "Type a word; help lists them.");
    keep_argument(ret_command, rest);
    const struct text_word *word = find_word(first);
    if (word) {
        ret_command->kind = word->kind;
        return 0;
    }
    ret_command->verb = cut_suffix(first, rest);
    if (!ret_command->verb)
        ret_command->verb = verb_of_word(first, !*rest);
    if (!ret_command->verb && verb_without_suffix(first))
        return lacks_suffix(first, problem);
    if (!ret_command->verb)
        return no_such_word(first, problem);
    ret_command->described = strcmp(ret_command->verb->word, first) == 0;
    return read_arguments(ret_command, rest, problem);
}

void text_command_done(struct text_command *text_command)
{
    text_command->params = json_free(text_command->params);
}

bool text_command_need_number(const struct text_command *text_command)
{
    return text_command->verb && text_command->verb->once;
}

bool text_command_method_needs_number(const char *method)
{
    const struct verb *verb = method ? method_find(method) : NULL;
    return verb && verb->once;
}

/* What stands behind the code: for a program the name that matters, else a sentence. */
static const char *explain(const struct text_command *text_command, const struct problem *problem)
{
    if (problem->code == PROBLEM_NO_SUCH_LINE && text_command && text_command->argument[0])
        return text_command->argument;
    if (problem->code == PROBLEM_INTERLOCK && problem->blocked_by[0])
        return problem->blocked_by;
    return problem->detail;
}

int text_command_fail(const struct text_command *text_command, const struct problem *problem,
                      struct buffer *reply)
{
    const char *explanation = explain(text_command, problem);
    (void)buffer_printf(reply, "err %s%s%s", problem_kind(problem->code)->code,
                        *explanation ? " " : "", explanation);
    if (problem->code == PROBLEM_NO_SUCH_LINE && problem->nearest[0])
        (void)buffer_printf(reply, " did you mean %s?", problem->nearest);
    return buffer_append_char(reply, '\n');
}

int text_command_call(struct service *service, const struct caller *caller,
                      const struct text_command *text_command, struct buffer *reply)
{
    struct problem problem = {0};
    struct result result;
    if (method_call(service, text_command->verb, caller, text_command->params, &result, &problem))
        return text_command_fail(text_command, &problem, reply);
    int error = text_answer(&result, text_command->described, reply);
    result_done(&result);
    return error;
}

/* "set LINE 0|1 - set an output" */
static void put_row(const char *usage, const char *sentence, struct buffer *reply)
{
    (void)buffer_printf(reply, "%s - %c%s\n", usage, tolower((unsigned char)sentence[0]),
                        sentence + 1);
}

int text_command_help(struct buffer *reply)
{
    const struct verb *verb;
    size_t count = ARRAY_LENGTH(words);
    for (size_t i = 0; (verb = method_at(i)); i++)
        count += verb->word != NULL;
    (void)buffer_printf(reply, "ok %zu words\n", count);
    for (size_t i = 0; (verb = method_at(i)); i++) {
        struct buffer usage;
        if (!verb->word)
            continue;
        buffer_init(&usage, USAGE_MAX_BYTES);
        verb_print_usage(verb, &usage);
        put_row(buffer_text(&usage), verb->summary, reply);
        buffer_done(&usage);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
        put_row(words[i].usage, words[i].meaning, reply);
    (void)buffer_append_text(reply, ".\n");
    return reply->error;
}
