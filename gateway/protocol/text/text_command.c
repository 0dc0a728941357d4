#include "protocol/text/text_command.h"

#include "base/json.h"
#include "base/nearest.h"
#include "base/number.h"
#include "base/owner.h"
#include "base/utf8.h"
#include "circuit/circuit.h"
#include "protocol/method/method.h"
#include "protocol/text/text_answer.h"

#include <string.h>

struct text_row {
    const char *word;
    enum text_command_kind kind;
    const char *method;  /* of METHOD */
    const char *without; /* the method when no argument is given; NULL for the same */
    unsigned plain;      /* so many arguments may stand without their name, as for_ms=500 has one */
    bool need_number;
    bool described;
    const char *arguments, *meaning; /* for help */
};

static const struct text_row rows[] = {
    {"get", TEXT_METHOD, "line.get", "lines.get", 1, false, false, "[LINE]",
     "value and sequence number of one line, or of all"},
    {"list", TEXT_METHOD, "lines.get", NULL, 0, false, true, "",
     "every line with direction, part, value, sequence number and title"},
    {"set", TEXT_METHOD, "line.set", NULL, 2, false, false,
     "LINE 0|1 [for_ms=MS] [expect=SEQ] [lease_ms=MS | lease=connection]", "set an output"},
    {"toggle", TEXT_METHOD, "line.toggle", NULL, 1, true, false, "LINE", "toggle an output"},
    {"pulse", TEXT_METHOD, "line.pulse", NULL, 2, true, false, "LINE MS",
     "on for a time, then what it was"},
    {"blink", TEXT_METHOD, "line.blink", NULL, 4, true, false, "LINE ON_MS OFF_MS [COUNT]",
     "blink an output"},
    {"pwm", TEXT_METHOD, "line.pwm", NULL, 3, false, false, "LINE DUTY [HZ]", "dim an output"},
    {"stop", TEXT_METHOD, "line.stop", NULL, 1, false, false, "LINE", "end what runs on a line"},
    {"lock", TEXT_METHOD, "line.lock", NULL, 2, false, false, "LINE REASON",
     "refuse every command on a line"},
    {"unlock", TEXT_METHOD, "line.unlock", NULL, 1, false, false, "LINE", "allow them again"},
    {"scene", TEXT_METHOD, "scene.apply", NULL, 1, false, false, "SCENE", "apply a scene"},
    {"off", TEXT_METHOD, "circuit.off", NULL, 0, false, false, "",
     "every output to its safe value"},
    {"simulate", TEXT_METHOD, "simulator.set", NULL, 2, false, false, "LINE 0|1",
     "drive a simulated input"},
    {"ping", TEXT_METHOD, "system.ping", NULL, 0, false, false, "", "whether the gateway answers"},
    {"auth", TEXT_AUTH, NULL, NULL, 0, false, false, "TOKEN", "who you are"},
    {"watch", TEXT_WATCH, NULL, NULL, 0, false, false, "[CURSOR | SECONDS]",
     "tell every event from now on (a datagram: for so many seconds)"},
    {"unwatch", TEXT_UNWATCH, NULL, NULL, 0, false, false, "", "tell no more events"},
    {"help", TEXT_HELP, NULL, NULL, 0, false, false, "", "this list"},
    {"quit", TEXT_QUIT, NULL, NULL, 0, false, false, "", "end the connection"},
};

static const struct text_row *find_row(const char *word)
{
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        if (strcmp(rows[i].word, word) == 0)
            return &rows[i];
    return NULL;
}

static int no_such_word(const char *word, struct problem *problem)
{
    const char *names[ARRAY_LENGTH(rows)];
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        names[i] = rows[i].word;
    const char *nearest = nearest_name(word, names, ARRAY_LENGTH(rows));
    return problem_set(problem, PROBLEM_NO_SUCH_METHOD, "There is no word \"%.40s\"%s%s%s", word,
                       nearest ? "; did you mean \"" : "; help lists them.", nearest ? nearest : "",
                       nearest ? "\"?" : "");
}

/* Takes the next word out of `*rest`; NULL at the end. Blanks before `*rest` are gone afterwards. */
static char *next_word(char **rest)
{
    char *word = *rest + strspn(*rest, " \t");
    if (!*word)
        return NULL;
    char *end = word + strcspn(word, " \t");
    *rest = end + strspn(end, " \t");
    *end = '\0';
    return word;
}

/* A word becomes what its parameter wants; where it does not look like it, it stays a text, and the
 * method says what it needs. */
static void add_word(struct json *params, const struct param *param, const char *word)
{
    int64_t integer;
    struct json *number = NULL;
    bool numeric =
        param->type == PARAM_SWITCH || param->type == PARAM_INTEGER || param->type == PARAM_LEASE;
    if (numeric && number_parse(word, INT64_MIN, INT64_MAX, &integer) == 0)
        json_add_integer(params, param->name, integer);
    else if (param->type == PARAM_SWITCH && (!strcmp(word, "true") || !strcmp(word, "false")))
        json_add_bool(params, param->name, *word == 't');
    else if (param->type == PARAM_REAL && json_parse(word, strlen(word), &number, NULL) == 0 &&
             json_is(number, JSON_NUMBER))
        json_add_copy(params, param->name, number);
    else
        json_add_text(params, param->name, word);
    json_free(number);
}

/* "for_ms=500": an argument by name. NULL when the word is none. */
static const struct param *named_param(const struct method *method, char *word, char **ret_value)
{
    char *equals = strchr(word, '=');
    if (!equals)
        return NULL;
    for (size_t i = 0; i < METHOD_PARAMS_MAX && method->params[i].type != PARAM_END; i++) {
        const char *name = method->params[i].name;
        if (strlen(name) == (size_t)(equals - word) && memcmp(name, word, strlen(name)) == 0) {
            *ret_value = equals + 1;
            return &method->params[i];
        }
    }
    return NULL;
}

static int read_arguments(struct text_command *text_command, const struct method *method,
                          char *rest, struct problem *problem)
{
    unsigned position = 0;
    text_command->params = json_new_object();
    for (char *word = next_word(&rest); word; word = next_word(&rest)) {
        char *value = word;
        const struct param *param = named_param(method, word, &value);
        if (!param && position < text_command->row->plain)
            param = &method->params[position++];
        if (!param || param->type == PARAM_END)
            return problem_set(problem, PROBLEM_BAD_REQUEST, "%s %s: too many words",
                               text_command->row->word, text_command->row->arguments);
        if (json_get(text_command->params, param->name))
            return problem_set(problem, PROBLEM_BAD_REQUEST, "%s is given twice", param->name);
        if (param->type == PARAM_TEXT && *rest) { /* a sentence: all that is left */
            word[strlen(word)] = ' ';
            rest += strlen(rest);
        }
        add_word(text_command->params, param, value);
    }
    return 0;
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
    const char *verb = next_word(&rest);
    if (!verb)
        return problem_set(problem, PROBLEM_BAD_REQUEST, "Type a word; help lists them.");
    keep_argument(ret_command, rest);
    ret_command->row = find_row(verb);
    if (!ret_command->row)
        return no_such_word(verb, problem);
    const struct text_row *row = ret_command->row;
    ret_command->kind = row->kind;
    if (row->kind != TEXT_METHOD)
        return 0;
    const struct method *method = method_find(row->without && !*rest ? row->without : row->method);
    if (!method)
        return problem_set(problem, PROBLEM_NO_SUCH_METHOD, "%s is not built in.", row->word);
    return read_arguments(ret_command, method, rest, problem);
}

void text_command_done(struct text_command *text_command)
{
    text_command->params = json_free(text_command->params);
}

bool text_command_need_number(const struct text_command *text_command)
{
    return text_command->row && text_command->row->need_number;
}

bool text_command_method_needs_number(const char *method)
{
    for (size_t i = 0; method && i < ARRAY_LENGTH(rows); i++)
        if (rows[i].need_number && strcmp(rows[i].method, method) == 0)
            return true;
    return false;
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
    return buffer_printf(reply, "err %s%s%s\n", problem_kind(problem->code)->code,
                         *explanation ? " " : "", explanation);
}

/* The name of a line that is nearest to the one that was asked for; NULL where none is near. */
static const char *nearest_line(const struct circuit *circuit,
                                const struct text_command *text_command)
{
    const struct circuit_options *options = circuit_description(circuit);
    const char *name = json_text(json_get(text_command->params, "line"));
    const char *names[CIRCUIT_LINES_MAX];
    for (size_t i = 0; i < options->line_count; i++)
        names[i] = options->lines[i].name;
    return name ? nearest_name(name, names, options->line_count) : NULL;
}

static int fail_call(const struct circuit *circuit, const struct text_command *text_command,
                     const struct problem *problem, struct buffer *reply)
{
    const char *nearest =
        problem->code == PROBLEM_NO_SUCH_LINE ? nearest_line(circuit, text_command) : NULL;
    if (!nearest)
        return text_command_fail(text_command, problem, reply);
    return buffer_printf(reply, "err %s %s did you mean %s?\n", problem_kind(problem->code)->code,
                         explain(text_command, problem), nearest);
}

int text_command_call(struct service *service, const struct caller *caller,
                      const struct text_command *text_command, struct buffer *reply)
{
    const struct text_row *row = text_command->row;
    bool without = row->without && json_count(text_command->params) == 0;
    const struct method *method = method_find(without ? row->without : row->method);
    struct problem problem = {0};
    struct result result;
    if (method_call(service, method, caller, text_command->params, &result, &problem))
        return fail_call(service->circuit, text_command, &problem, reply);
    int error = text_answer(&result, row->described, reply);
    result_done(&result);
    return error;
}

int text_command_help(struct buffer *reply)
{
    (void)buffer_printf(reply, "ok %zu words\n", ARRAY_LENGTH(rows));
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        (void)buffer_printf(reply, "%s %s%s- %s\n", rows[i].word, rows[i].arguments,
                            *rows[i].arguments ? " " : "", rows[i].meaning);
    (void)buffer_append_text(reply, ".\n");
    return reply->error;
}
