/* JSON in, the same JSON out: what is accepted is printed as valid UTF-8, and read again means the same. */
#include "fuzz.h"

#include "base/json.h"
#include "base/json_writer.h"
#include "base/utf8.h"

static void print(const struct json *value, struct buffer *out)
{
    buffer_init(out, 16 * 1024 * 1024);
    struct json_writer writer = json_writer_begin(out);
    json_write_copy(&writer, NULL, value);
    PROMISE(out->error == 0);
    PROMISE(utf8_is_valid(buffer_text(out), out->length));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    char *text = fuzz_text(bytes, length);
    struct json *value = NULL;
    struct json *again = NULL;
    struct json_error problem;
    if (json_parse(text, length, &value, &problem) == 0) {
        struct buffer first, second;
        print(value, &first);
        PROMISE(json_parse(buffer_text(&first), first.length, &again, NULL) == 0);
        print(again, &second);
        PROMISE(first.length == second.length &&
                memcmp(buffer_text(&first), buffer_text(&second), first.length) == 0);
        buffer_done(&first);
        buffer_done(&second);
        json_free(again);
        json_free(value);
    }
    free(text);
    return 0;
}
