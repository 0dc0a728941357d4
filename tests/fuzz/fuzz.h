/* What the targets share. A target is LLVMFuzzerTestOneInput() of libFuzzer; a broken promise ends it. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

#define PROMISE(condition) ((condition) ? (void)0 : abort())

/* A copy that ends with a NUL, in a block of its own, so that reading beyond it is seen. The caller frees it. */
static inline char *fuzz_text(const uint8_t *bytes, size_t length)
{
    char *text = malloc(length + 1);
    PROMISE(text);
    if (length > 0)
        memcpy(text, bytes, length);
    text[length] = '\0';
    return text;
}

#endif
