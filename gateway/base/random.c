#include "base/random.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

static int fill(unsigned char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t got = getrandom(bytes, length, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        bytes += got;
        length -= (size_t)got;
    }
    return 0;
}

int random_hex(size_t bytes, char *text)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes; i++) {
        unsigned char byte;
        int error = fill(&byte, 1);
        if (error)
            return error;
        text[2 * i] = digits[byte >> 4];
        text[2 * i + 1] = digits[byte & 15];
    }
    text[2 * bytes] = '\0';
    return 0;
}

int random_token(char text[RANDOM_TOKEN_SIZE])
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    unsigned char bytes[RANDOM_TOKEN_SIZE - 1];
    int error = fill(bytes, sizeof bytes);
    if (error)
        return error;
    for (size_t i = 0; i < sizeof bytes; i++)
        text[i] = digits[bytes[i] & 31];
    text[sizeof bytes] = '\0';
    explicit_bzero(bytes, sizeof bytes);
    return 0;
}

uint32_t random_number(void)
{
    uint32_t number = 0;
    return getrandom(&number, sizeof number, GRND_NONBLOCK) == sizeof number ? number : 0;
}

unsigned random_spread(unsigned ms)
{
    return ms / 5 * 4 + random_number() % (ms / 5 * 2 + 1);
}
