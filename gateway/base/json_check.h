/* The grammar of RFC 8259, checked to the letter before a lenient parser sees the text. */
#ifndef BASE_JSON_CHECK_H
#define BASE_JSON_CHECK_H

#include <stddef.h>

struct json_error;

/* 0 when `text` is exactly one JSON value in valid UTF-8, at most JSON_DEPTH_MAX deep, without
 * U+0000 (the program's texts end there); else -EBADMSG with `problem` filled. */
int json_check(const char *text, size_t length, struct json_error *problem);

#endif
