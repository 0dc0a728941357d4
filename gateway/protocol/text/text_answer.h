/* A method's result in words. For text_command.c alone. */
#ifndef PROTOCOL_TEXT_ANSWER_H
#define PROTOCOL_TEXT_ANSWER_H

#include "base/buffer.h"

#include <stdbool.h>

struct json;

/* Appends "ok red 1 43", "ok 46 red green", or several lines that end with a lone dot: what fits the
 * shape of `result`. `described` lists lines with part and title. 0 or a negative errno. */
int text_answer(const struct json *result, bool described, struct buffer *reply);

#endif
