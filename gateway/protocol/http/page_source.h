/* A script or a style sheet is written for people: a quarter of what would be sent is comments. They are
 * split off before it is compressed; what it does stays the same. */
#ifndef PROTOCOL_PAGE_SOURCE_H
#define PROTOCOL_PAGE_SOURCE_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>

enum page_source {
    PAGE_SOURCE_OTHER, /* nothing is split off: every blank may count */
    PAGE_SOURCE_STYLE,
    PAGE_SOURCE_SCRIPT,
};

/* Splits each line in two: `ret_notes` has its indentation and the comments that it begins with, `ret_code`
 * what is left of it, and no line where nothing is. A comment with an exclamation mark (a license) and "//#"
 * (the address of a source map) are code. False where it is not certain that each line begins outside of a
 * text, and where there is no room; the buffers then have something of no use. The buffers are the caller's,
 * initialized. */
bool page_source_split(enum page_source kind, const char *text, size_t length,
                       struct buffer *ret_code, struct buffer *ret_notes);

/* The text that was split; `ret_text` has room for it. */
void page_source_join(const char *code, size_t code_length, const char *notes, size_t notes_length,
                      char *ret_text);

#endif
