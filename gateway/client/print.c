#include "client/print.h"

#include "base/buffer.h"
#include "base/json.h"
#include "base/number.h"
#include "client/options.h"

#include <stdio.h>
#include <string.h>

enum { PRINT_MAX_BYTES = 16 * 1024 * 1024 };

static int exit_code_of(const char *code, size_t length)
{
    static const char *const names[] = {"unauthorized", "forbidden"};
    for (size_t i = 0; i < 2; i++)
        if (strlen(names[i]) == length && strncmp(code, names[i], length) == 0)
            return CLIENT_EXIT_NOT_ALLOWED;
    return CLIENT_EXIT_FAILED;
}

int print_refusal(const char *answer)
{
    if (strncmp(answer, "ok", 2) == 0)
        return CLIENT_EXIT_DONE;
    const char *code = strncmp(answer, "err ", 4) == 0 ? answer + 4 : answer;
    (void)fprintf(stderr, "gpio-gateway: %s\n", code);
    return exit_code_of(code, strcspn(code, " "));
}

int print_answer(const char *answer)
{
    int code = print_refusal(answer);
    if (code)
        return code;
    const char *lines = strchr(answer, '\n'); /* behind "ok 2 lines" */
    const char *text = lines ? lines + 1 : answer + strcspn(answer, " ");
    text += *text == ' ';
    if (*text)
        (void)puts(text);
    return CLIENT_EXIT_DONE;
}

static bool put_json(const struct json *json)
{
    struct buffer text;
    buffer_init(&text, PRINT_MAX_BYTES);
    bool printed = json_print(json, &text) == 0 && puts(buffer_text(&text)) >= 0;
    buffer_done(&text);
    return printed && fflush(stdout) == 0;
}

int print_json_answer(const char *answer)
{
    struct json *json = NULL;
    if (json_parse(answer, strlen(answer), &json, NULL) != 0)
        return print_refusal(answer);
    const struct json *error = json_get(json, "error");
    const char *code = json_text(json_get(json_get(error, "data"), "code"));
    if (!code)
        code = json_text(json_get(error, "message"));
    (void)put_json(error ? error : json_get(json, "result"));
    int exit_code = CLIENT_EXIT_DONE;
    if (error)
        exit_code = exit_code_of(code ? code : "", code ? strlen(code) : 0);
    json_free(json);
    return exit_code;
}

/* Takes the next word of `*text`; its length is `*ret_length`. */
static const char *take_word(const char **text, size_t *ret_length)
{
    const char *word = *text + strspn(*text, " ");
    *ret_length = strcspn(word, " \n");
    *text = word + *ret_length;
    return word;
}

static void add_integer(struct json *object, const char *key, const char *word, size_t length)
{
    int64_t value = 0;
    (void)number_parse_bytes(word, length, 0, INT64_MAX, &value);
    json_add_integer(object, key, value);
}

static void add_text(struct json *object, const char *key, const char *word, size_t length)
{
    char text[64];
    (void)snprintf(text, sizeof text, "%.*s", (int)length, word);
    json_add_text(object, key, text);
}

/* "event SEQ LINE VALUE CAUSE" */
static struct json *event_json(const char *text)
{
    size_t length;
    struct json *event = json_new_object();
    (void)take_word(&text, &length);
    const char *word = take_word(&text, &length);
    add_integer(event, "seq", word, length);
    word = take_word(&text, &length);
    add_text(event, "line", word, length);
    word = take_word(&text, &length);
    add_integer(event, "value", word, length);
    word = take_word(&text, &length);
    add_text(event, "cause", word, length);
    return event;
}

/* "snapshot SEQ N lines", then "LINE VALUE SEQ" each */
static struct json *snapshot_json(const char *text)
{
    size_t length;
    struct json *snapshot = json_new_object();
    (void)take_word(&text, &length);
    const char *word = take_word(&text, &length);
    add_integer(snapshot, "seq", word, length);
    struct json *lines = json_new_array_in(snapshot, "lines");
    while ((text = strchr(text, '\n'))) {
        struct json *line = json_new_object_in(lines, NULL);
        text++;
        word = take_word(&text, &length);
        add_text(line, "name", word, length);
        word = take_word(&text, &length);
        add_integer(line, "value", word, length);
        word = take_word(&text, &length);
        add_integer(line, "seq", word, length);
    }
    return snapshot;
}

bool print_event(const char *text, bool json)
{
    if (!json)
        return puts(text) >= 0 && fflush(stdout) == 0;
    struct json *object = strncmp(text, "event ", 6) == 0 ? event_json(text) : snapshot_json(text);
    bool printed = put_json(object);
    json_free(object);
    return printed;
}
