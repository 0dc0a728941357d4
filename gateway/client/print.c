#include "client/print.h"

#include "base/buffer.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "base/number.h"
#include "base/owner.h"
#include "client/options.h"
#include "net/call.h"

#include <errno.h>
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

/* Prints what stands in `text` as a line of its own, and frees it. */
static bool put_line(struct buffer *text)
{
    bool printed = !text->error && puts(buffer_text(text)) >= 0;
    buffer_done(text);
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
    struct buffer text;
    buffer_init(&text, PRINT_MAX_BYTES);
    struct json_writer writer = json_writer_begin(&text);
    json_write_copy(&writer, NULL, error ? error : json_get(json, "result"));
    (void)put_line(&text);
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

/* Writes the next word of `*text` as a number. */
static void write_integer(struct json_writer *writer, const char *key, const char **text)
{
    size_t length;
    int64_t value = 0;
    const char *word = take_word(text, &length);
    (void)number_parse_bytes(word, length, 0, INT64_MAX, &value);
    json_write_integer(writer, key, value);
}

static void write_word(struct json_writer *writer, const char *key, const char **text)
{
    size_t length;
    const char *word = take_word(text, &length);
    json_write_bytes(writer, key, word, length);
}

/* Whether "scene NAME STATE" follows: a line may be called "scene", too, but has no cause of these names. */
static bool is_of_scene(const char *text)
{
    static const char *const states[] = {"started", "ended", "stopped", "failed"};
    static const char scene[] = "scene";
    size_t length;
    const char *word = take_word(&text, &length);
    if (length != sizeof scene - 1 || strncmp(word, scene, length) != 0)
        return false;
    (void)take_word(&text, &length);
    word = take_word(&text, &length);
    for (size_t i = 0; i < ARRAY_LENGTH(states); i++)
        if (strlen(states[i]) == length && strncmp(word, states[i], length) == 0)
            return true;
    return false;
}

/* "event SEQ LINE VALUE CAUSE [count=COUNT]", or "event SEQ scene NAME STATE" */
static void write_event(struct json_writer *writer, const char *text)
{
    static const char count[] = " count=";
    size_t length;
    (void)take_word(&text, &length);
    write_integer(writer, "seq", &text);
    if (is_of_scene(text)) {
        (void)take_word(&text, &length);
        json_write_null(writer, "line");
        write_word(writer, "scene", &text);
        write_word(writer, "state", &text);
        return;
    }
    write_word(writer, "line", &text);
    write_integer(writer, "value", &text);
    write_word(writer, "cause", &text);
    if (strncmp(text, count, sizeof count - 1) == 0) {
        text += sizeof count - 1;
        write_integer(writer, "count", &text);
    }
}

/* "snapshot SEQ N lines", then "LINE VALUE SEQ" each */
static void write_snapshot(struct json_writer *writer, const char *text)
{
    size_t length;
    (void)take_word(&text, &length);
    write_integer(writer, "seq", &text);
    json_write_list(writer, "lines");
    while ((text = strchr(text, '\n'))) {
        text++;
        json_write_object(writer, NULL);
        write_word(writer, "name", &text);
        write_integer(writer, "value", &text);
        write_integer(writer, "seq", &text);
        json_write_object_end(writer);
    }
    json_write_list_end(writer);
}

bool print_event(const char *text, bool json)
{
    if (!json)
        return puts(text) >= 0 && fflush(stdout) == 0;
    struct buffer line;
    buffer_init(&line, PRINT_MAX_BYTES);
    struct json_writer writer = json_writer_begin(&line);
    json_write_object(&writer, NULL);
    if (strncmp(text, "event ", 6) == 0)
        write_event(&writer, text);
    else
        write_snapshot(&writer, text);
    json_write_object_end(&writer);
    return put_line(&line);
}

int client_fail_call(const struct address *address, const char *call, int error)
{
    char text[ADDRESS_TEXT_SIZE];
    bool forbidden = error == -EACCES || error == -EPERM;
    (void)fprintf(stderr, "gpio-gateway: %s: %s: %s%s\n", address_format(address, text), call,
                  error == -ECONNRESET ? "the connection ended" : call_errno_name(error),
                  forbidden ? ": this user may not open the socket"
                  : error == -ECONNREFUSED || error == -ENOENT || error == -ETIMEDOUT
                      ? ": no gateway answers there"
                      : "");
    return forbidden ? CLIENT_EXIT_NOT_ALLOWED : CLIENT_EXIT_UNAVAILABLE;
}
