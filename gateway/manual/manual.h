/* The manual, printed from the tables of the program: what it takes on its command line, keys of the
 * config, methods, words of the text protocol, and errors. */
#ifndef MANUAL_MANUAL_H
#define MANUAL_MANUAL_H

#include "base/buffer.h"

#include <stddef.h>

/* An option of the command line; `value` is NULL where it takes none. */
struct manual_option {
    const char *name, *value, *doc;
};

/* A word of the command line that is no client's. */
struct manual_word {
    const char *word, *usage, *doc;
    struct manual_option options[4]; /* ended by one without a name, or full */
};

/* The words of the program, and the options of a client's words; NULL behind the last. */
const struct manual_word *manual_word_at(size_t index);
const struct manual_option *manual_client_option_at(size_t index);

/* Appends what --help prints. */
void manual_print_help(struct buffer *out);

/* What `print` knows, with what each is; NULL behind the last. */
struct manual_page {
    const char *name, *doc;
    void (*print)(struct buffer *out);
};
const struct manual_page *manual_page_at(size_t index);

/* The page of that name, or NULL. */
const struct manual_page *manual_page_find(const char *name);

/* ---- the pages ---- */

void manual_print_keys(struct buffer *out);       /* of the config, Markdown */
void manual_print_methods(struct buffer *out);    /* Markdown */
void manual_print_words(struct buffer *out);      /* of the text protocol, Markdown */
void manual_print_errors(struct buffer *out);     /* Markdown */
void manual_print_man(struct buffer *out);        /* gpio-gateway(1), for man(1) */
void manual_print_man5(struct buffer *out);       /* gpio-gateway.json(5) */
void manual_print_openapi(struct buffer *out);    /* the API, a document of OpenAPI 3.1 */
void manual_print_completion(struct buffer *out); /* for bash */

#endif
