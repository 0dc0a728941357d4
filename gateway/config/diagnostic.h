/* The faults of one config, to be reported in the order of the file. */
#ifndef CONFIG_DIAGNOSTIC_H
#define CONFIG_DIAGNOSTIC_H

#include "config/config.h"

struct field_fault;
struct json;

enum {
    DIAGNOSTIC_TEXT_SIZE = 512, /* path and sentence; a longer one is cut */
};

struct diagnostic {
    const struct json *at; /* borrowed: where in the document; NULL comes first */
    size_t order;
    char text[DIAGNOSTIC_TEXT_SIZE];
};

/* Allocated by its user, since it is large; all zero is empty. */
struct diagnostics {
    size_t count;
    struct diagnostic list[CONFIG_ERRORS_MAX];
};

/* True when there is no room for another one: time to give up. */
bool diagnostics_are_full(const struct diagnostics *diagnostics);

/* Adds one. */
void diagnostics_add(struct diagnostics *diagnostics, const struct field_fault *fault);

/* Sorts by place in the document `root` and writes them to `report`, each as "FILE: TEXT". */
void diagnostics_report(struct diagnostics *diagnostics, const struct json *root, const char *file,
                        struct config_report *report);

/* Adds one line "FILE: TEXT"; bytes that would move a terminal's cursor become '?'. */
void report_add(struct config_report *report, const char *file, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
