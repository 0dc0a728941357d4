/* Where requests end: the verdict does not depend on how the bytes are cut. */
#include "fuzz.h"

#include "protocol/http/framing.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct framing whole = {0}, pieces = {0};
    const char *wrong = NULL;
    if (length == 0)
        return 0;
    size_t step = bytes[0] % 17 + 1;
    const char *expected = framing_read(&whole, bytes + 1, length - 1);
    for (size_t at = 1; at < length && !wrong; at += step)
        wrong = framing_read(&pieces, bytes + at, length - at < step ? length - at : step);
    PROMISE(wrong == expected);
    if (!wrong)
        PROMISE(whole.state == pieces.state && whole.left == pieces.left);
    return 0;
}
