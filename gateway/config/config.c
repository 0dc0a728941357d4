#include "config/config.h"

#include "config/diagnostic.h"
#include "config/keys.h"
#include "config/kind.h"

#include "base/field_reader.h"
#include "base/file.h"
#include "base/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void config_done(struct config *config)
{
    free(config->circuit.lines);
    free(config->circuit.interlocks);
    free(config->circuit.scenes);
    free(config->circuit.rules);
    *config = (struct config){0};
}

/* Everything of one reading that is too large for the stack. */
struct reading {
    struct config config;
    struct diagnostics diagnostics;
};

static bool take_fault(void *context, const struct field_fault *fault)
{
    struct diagnostics *diagnostics = context;
    diagnostics_add(diagnostics, fault);
    return !diagnostics_are_full(diagnostics);
}

static int read_tree(const char *path, const struct json *root, struct reading *reading,
                     struct config_report *report)
{
    const struct field_reading along_keys = {
        .table = &keys_root,
        .target = &reading->config,
        .owner = &reading->config.circuit,
        .noun = "key",
        .comments = true,
        .context = &reading->diagnostics,
        .fault = take_fault,
    };
    int error = field_read(root, &along_keys);
    diagnostics_report(&reading->diagnostics, root, path, report);
    if (!error)
        error = report->text.error;
    return !error && reading->diagnostics.count > 0 ? -EBADMSG : error;
}

static int read_root(const char *path, const struct json *root, struct config *ret_config,
                     struct config_report *report)
{
    struct reading *reading = calloc(1, sizeof *reading);
    if (!reading)
        return -ENOMEM;
    int error = read_tree(path, root, reading, report);
    if (error)
        config_done(&reading->config);
    else
        *ret_config = reading->config;
    free(reading);
    return error;
}

int config_parse(const char *path, const char *text, size_t length, struct config *ret_config,
                 struct config_report *report)
{
    static const char byte_order_mark[] = "\xef\xbb\xbf";
    if (length >= 3 && memcmp(text, byte_order_mark, 3) == 0) {
        text += 3;
        length -= 3;
    }
    struct json *root;
    struct json_error diagnostic;
    int error = json_parse_keeping_duplicates(text, length, &root, &diagnostic);
    if (error == -EBADMSG) {
        report->errors++;
        (void)buffer_printf(&report->text, "%s:%zu:%zu: error: %s\n", path, diagnostic.line,
                            diagnostic.column, diagnostic.text);
    }
    if (error)
        return error;
    error = read_root(path, root, ret_config, report);
    json_free(root);
    return error;
}

int config_load(const char *path, struct config *ret_config, struct config_report *report)
{
    struct buffer text;
    buffer_init(&text, CONFIG_FILE_MAX_BYTES);
    int error = file_read(path, &text);
    if (error == -ENOBUFS) {
        report_add(report, path, "is longer than %d bytes", CONFIG_FILE_MAX_BYTES);
        error = -EBADMSG;
    } else if (error) {
        report_add(report, path, "cannot be read: %s", strerror(-error));
    } else {
        error = config_parse(path, buffer_text(&text), text.length, ret_config, report);
    }
    if (error == -ENOMEM)
        report_add(report, path, "there is not enough memory to read it");
    buffer_done(&text);
    return error;
}

void config_walk_keys(const struct field_visitor *visitor)
{
    field_walk(&keys_root, visitor);
    visitor->table(visitor->context, "circuit.rules[].do");
    command_walk_keys(visitor);
}
