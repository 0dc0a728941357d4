/* Plain HTTP on a port of TLS: the answer is one response, and no byte of the request makes a field of it. */
#include "fuzz.h"

#include "net/plain_hint.h"

static size_t count_lines(const char *answer)
{
    size_t count = 0;
    const char *end = strstr(answer, "\r\n\r\n");
    PROMISE(end);
    for (const char *at = answer; (at = strstr(at, "\r\n")) && at <= end; at += 2)
        count++;
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    char answer[PLAIN_HINT_SIZE + 1];
    char *head = fuzz_text(bytes, length);
    size_t size = plain_hint(head, length, answer);
    PROMISE(size < PLAIN_HINT_SIZE && strlen(answer) == size);
    PROMISE(strncmp(answer, "HTTP/1.1 ", 9) == 0);
    const char *location = strstr(answer, "\r\nLocation: ");
    PROMISE(!location || strncmp(location + 12, "https://", 8) == 0);
    PROMISE(count_lines(answer) == (location ? 6 : 5));
    for (size_t i = 0; i < size; i++)
        PROMISE((unsigned char)answer[i] < 0x7f);
    free(head);
    return 0;
}
