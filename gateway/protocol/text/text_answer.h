/* A method's result in words. For text_command.c alone. */
#ifndef PROTOCOL_TEXT_ANSWER_H
#define PROTOCOL_TEXT_ANSWER_H

#include "base/buffer.h"

#include <stdbool.h>

struct result;

/* Appends "ok red 1 43", "ok 46 red green", or several lines that end with a lone dot: what fits
 * `result`. `described` lists lines with part and title. 0 or a negative errno. */
int text_answer(const struct result *result, bool described, struct buffer *reply);

#endif
