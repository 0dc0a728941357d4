#include "base/random.h"

#include <errno.h>
#include <sys/random.h>

int random_hex(size_t bytes, char *text)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes; i++) {
        unsigned char byte;
        ssize_t got;
        do
            got = getrandom(&byte, 1, 0);
        while (got < 0 && errno == EINTR);
        if (got < 0)
            return -errno;
        text[2 * i] = digits[byte >> 4];
        text[2 * i + 1] = digits[byte & 15];
    }
    text[2 * bytes] = '\0';
    return 0;
}

uint32_t random_number(void)
{
    uint32_t number = 0;
    return getrandom(&number, sizeof number, GRND_NONBLOCK) == sizeof number ? number : 0;
}
