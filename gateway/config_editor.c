#include "config_editor.h"

#include "base/clock.h"
#include "base/field.h"
#include "base/file.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "circuit/circuit.h"
#include "config/keys.h"
#include "config/warning.h"
#include "gpio/gpio.h"
#include "protocol/auth.h"
#include "protocol/service.h"
#include "state/config_versions.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The name of the file in reports: clients do not see paths of this machine. */
static const char report_name[] = "config";

enum { WARNING_SIZE = 512 };

/* ---- the effect of a text ---- */

/* One line of a report, "config: PATH: SENTENCE"; a path has no blank. */
static void add_error(struct json_writer *errors, const char *line, size_t length)
{
    size_t prefix = strlen(report_name) + 2;
    char text[1024];
    (void)snprintf(text, sizeof text, "%.*s", (int)(length > prefix ? length - prefix : 0),
                   line + (length > prefix ? prefix : 0));
    char *colon = strstr(text, ": ");
    const char *message = text;
    const char *path = "";
    if (colon && strcspn(text, " ") > (size_t)(colon - text)) {
        *colon = '\0';
        path = text;
        message = colon + 2;
    }
    json_write_object(errors, NULL);
    json_write_text(errors, "path", path);
    json_write_text(errors, "message", message);
    json_write_object_end(errors);
}

static void add_errors(struct config_findings *findings, const char *report)
{
    struct json_writer errors = json_writer_begin(&findings->errors);
    for (size_t length; (length = strcspn(report, "\n")) > 0;
         report += length + (report[length] == '\n'))
        add_error(&errors, report, length);
}

static void add_change(struct json_writer *changes, const char *line, const char *is,
                       const char *was)
{
    json_write_object(changes, NULL);
    json_write_text(changes, "line", line);
    json_write_text(changes, "is", is);
    if (was)
        json_write_text(changes, "was", was);
    json_write_object_end(changes);
}

/* What became of a line: "kept", "changed", "added" or "renamed". */
static const char *change_of(const struct circuit_options *before,
                             const struct circuit_line_options *line)
{
    int old = circuit_options_find_before(before, line);
    if (old < 0)
        return "added";
    if (strcmp(before->lines[old].name, line->name) != 0)
        return "renamed";
    return circuit_line_same(line, &before->lines[old]) ? "kept" : "changed";
}

/* Whether no line of `after` is the old one any more. */
static bool is_removed(const struct circuit_options *before, size_t line,
                       const struct circuit_options *after)
{
    for (size_t i = 0; i < after->line_count; i++)
        if (circuit_options_find_before(before, &after->lines[i]) == (int)line)
            return false;
    return true;
}

static void add_changes(struct config_findings *findings, const struct circuit_options *before,
                        const struct circuit_options *after)
{
    struct json_writer changes = json_writer_begin(&findings->changes);
    for (size_t i = 0; i < after->line_count; i++) {
        const struct circuit_line_options *line = &after->lines[i];
        const char *is = change_of(before, line);
        add_change(&changes, line->name, is, strcmp(is, "renamed") == 0 ? line->was : NULL);
    }
    for (size_t i = 0; i < before->line_count; i++)
        if (is_removed(before, i, after))
            add_change(&changes, before->lines[i].name, "removed", NULL);
}

static void add_waits(const struct config_editor *editor, struct config *config,
                      struct config_findings *findings)
{
    struct json_writer waits = json_writer_begin(&findings->waits);
    const char *keys[CONFIG_PARTS_MAX];
    if (editor->fixed_http) /* the command line overrides these */
        config->listen.http = editor->started->listen.http;
    size_t count = config_differences(editor->started, config, keys);
    for (size_t i = 0; i < count; i++)
        json_write_text(&waits, NULL, keys[i]);
}

static void add_warning(void *context, const char *path, const char *text)
{
    char both[WARNING_SIZE];
    (void)snprintf(both, sizeof both, "%s: %s", path, text);
    json_write_text(context, NULL, both);
}

/* An undo takes renames back, too: a line whose present name came by `was` is the line of its old name again,
 * with its value, its counters and its lock. */
static void follow_renames_back(const struct circuit_options *now, struct circuit_options *before)
{
    for (size_t i = 0; i < before->line_count; i++) {
        struct circuit_line_options *line = &before->lines[i];
        if (line->was[0] || circuit_options_find_line(now, line->name) >= 0)
            continue;
        for (size_t j = 0; j < now->line_count; j++)
            if (strcmp(now->lines[j].was, line->name) == 0 &&
                circuit_options_find_line(before, now->lines[j].name) < 0)
                memcpy(line->was, now->lines[j].name, sizeof line->was);
    }
}

/* Reads a text. 0 with `ret_config` for config_done() and `findings` about it; -EBADMSG; -ENOMEM. */
static int examine(const struct config_editor *editor, const struct buffer *text, bool goes_back,
                   struct config *ret_config, struct config_findings *findings)
{
    struct config_report report;
    config_report_init(&report);
    int error = config_parse(report_name, buffer_text(text), text->length, ret_config, &report);
    if (!error && strcmp(gpio_backend_name(circuit_gpio(editor->circuit)), "simulator") != 0) {
        error = config_check_locations(ret_config, report_name, &report);
        if (error)
            config_done(ret_config);
    }
    if (error == -EBADMSG)
        add_errors(findings, buffer_text(&report.text));
    config_report_done(&report);
    if (!error && goes_back)
        follow_renames_back(circuit_description(editor->circuit), &ret_config->circuit);
    if (!error) {
        add_changes(findings, circuit_description(editor->circuit), &ret_config->circuit);
        add_waits(editor, ret_config, findings);
        struct json_writer warnings = json_writer_begin(&findings->warnings);
        config_warn(ret_config, add_warning, &warnings);
    }
    return error;
}

static int check(void *context, const struct buffer *text, struct config_findings *findings)
{
    struct config config = {0};
    int error = examine(context, text, false, &config, findings);
    config_done(&config);
    return error;
}

/* ---- the file ---- */

static int read_file(void *context, struct buffer *text, char ret_etag[CONFIG_STORE_ETAG_SIZE],
                     struct problem *problem)
{
    const struct config_editor *editor = context;
    size_t before = text->length;
    int error = file_is_regular(editor->path) ? file_read(editor->path, text) : -EBADMSG;
    if (error)
        return problem_set(problem, PROBLEM_INTERNAL, "The circuit's file cannot be read: %s.",
                           error == -EBADMSG ? "it is not a file" : strerror(-error));
    config_etag(text->data + before, text->length - before, ret_etag);
    return 0;
}

/* Replaces the target of a link, not the link; mode and owner are kept. 0 or a negative errno. */
static int write_file(const char *path, const struct buffer *text)
{
    char target[PATH_MAX];
    struct stat status;
    if (!realpath(path, target) || stat(target, &status) < 0)
        return -errno;
    /* The folder may be writable while the file is meant to be read-only. */
    if (access(target, W_OK) < 0)
        return -errno;
    int error = file_write(target, buffer_text(text), text->length, status.st_mode & 07777);
    if (!error && (status.st_uid != geteuid() || status.st_gid != getegid()) &&
        chown(target, status.st_uid, status.st_gid) < 0)
        log_warning("config file has another owner now errno=%s", strerror(errno));
    return error;
}

static int fail_write(struct problem *problem, int error)
{
    if (error == -EACCES || error == -EPERM || error == -EROFS)
        return problem_set(problem, PROBLEM_READ_ONLY,
                           "The gateway may not write the circuit's file (%s). Give its user write "
                           "permission for the file and its folder, or edit it by hand and reload.",
                           strerror(-error));
    return problem_set(problem, PROBLEM_INTERNAL,
                       "The circuit's file was not written: %s. Nothing changed.",
                       strerror(-error));
}

/* "red changed, lamp added": what differs, as far as it fits. */
static void summarize(const struct config_editor *editor, const struct circuit_options *after,
                      char summary[CONFIG_VERSION_SUMMARY_SIZE])
{
    const struct circuit_options *before = circuit_description(editor->circuit);
    size_t used = 0;
    summary[0] = '\0';
    for (size_t i = 0; i < after->line_count + before->line_count; i++) {
        bool is_new = i < after->line_count;
        const struct circuit_line_options *line =
            is_new ? &after->lines[i] : &before->lines[i - after->line_count];
        const char *is = is_new ? change_of(before, line) : "removed";
        if (is_new ? strcmp(is, "kept") == 0 : !is_removed(before, i - after->line_count, after))
            continue;
        int length = snprintf(summary + used, CONFIG_VERSION_SUMMARY_SIZE - used, "%s%s %s",
                              used ? ", " : "", line->name, is);
        if (used + (size_t)length >= CONFIG_VERSION_SUMMARY_SIZE)
            break;
        used += (size_t)length;
    }
    if (used == 0)
        (void)snprintf(summary, CONFIG_VERSION_SUMMARY_SIZE, "no line changed");
}

/* ---- a change ---- */

/* Writes and reloads; puts `old` back where a pin refuses. 0, or -1 with `problem`. */
static int replace(const struct config_editor *editor, const struct buffer *text,
                   struct config *config, const struct buffer *old, struct problem *problem)
{
    struct gpio_error refused = {0};
    int error = write_file(editor->path, text);
    if (error)
        return fail_write(problem, error);
    error = editor->reload(editor->context, config, &refused);
    if (!error)
        return 0;
    int back = write_file(editor->path, old);
    if (back)
        log_error("config file could not be put back errno=%s", strerror(-back));
    problem_set(problem, PROBLEM_GPIO, "Nothing changed: %.240s.", refused.message);
    problem->errno_code = -error;
    return -1;
}

static void describe_version(const struct caller *caller, struct config_version *version)
{
    version->wall_ns = clock_wall_ns();
    (void)snprintf(version->source, sizeof version->source, "%s", caller->source);
    (void)snprintf(version->role, sizeof version->role, "%s", role_name(caller->role));
}

static int change(const struct config_editor *editor, const struct buffer *text,
                  const struct caller *caller, struct config *config,
                  struct config_findings *findings, struct problem *problem)
{
    struct config_version version = {0};
    struct buffer old;
    char etag[CONFIG_STORE_ETAG_SIZE];
    buffer_init(&old, CONFIG_STORE_TEXT_MAX_BYTES);
    int error = editor->store.read(editor->store.context, &old, etag, problem);
    if (!error) {
        describe_version(caller, &version);
        summarize(editor, &config->circuit, version.summary);
        error = replace(editor, text, config, &old, problem);
    }
    if (!error) {
        config_etag(buffer_text(text), text->length, findings->etag);
        int kept = config_versions_keep(editor->state_folder, &version, old.data, old.length);
        if (kept)
            log_warning("config version not kept folder=%s/config-versions error=\"%s\"",
                        editor->state_folder, file_error_text(kept));
        log_info("config changed source=%s changes=\"%s\"", caller->source, version.summary);
    }
    buffer_done(&old);
    return error;
}

static int apply_text(const struct config_editor *editor, const struct buffer *text, bool goes_back,
                      const struct caller *caller, struct config_findings *findings,
                      struct problem *problem)
{
    struct config config = {0};
    buffer_clear(&findings->changes);
    buffer_clear(&findings->waits);
    int error = examine(editor, text, goes_back, &config, findings);
    if (error)
        return problem_set(problem, PROBLEM_BAD_CONFIG, "This text is no config.");
    error = change(editor, text, caller, &config, findings, problem);
    config_done(&config);
    return error;
}

static int apply(void *context, const struct buffer *text, const struct caller *caller,
                 struct config_findings *findings, struct problem *problem)
{
    return apply_text(context, text, false, caller, findings, problem);
}

static int undo(void *context, const struct caller *caller, struct config_findings *findings,
                struct problem *problem)
{
    const struct config_editor *editor = context;
    struct buffer text;
    buffer_init(&text, CONFIG_STORE_TEXT_MAX_BYTES);
    int error = config_versions_newest(editor->state_folder, &text);
    if (error == -ENOENT)
        error = problem_set(problem, PROBLEM_CONFLICT, "There is no version before this one.");
    else if (error)
        error = problem_set(problem, PROBLEM_INTERNAL,
                            "The newest file of config-versions in the state folder %s.",
                            file_error_text(error));
    /* Stores the present one in its place, so that an undo can be undone. */
    if (!error)
        error = apply_text(editor, &text, true, caller, findings, problem);
    if (!error)
        (void)config_versions_drop_second(editor->state_folder);
    buffer_done(&text);
    return error;
}

static void versions(void *context, struct json_writer *writer)
{
    const struct config_editor *editor = context;
    struct config_version list[CONFIG_VERSIONS_MAX];
    size_t count = config_versions_list(editor->state_folder, list);
    for (size_t i = 0; i < count; i++) {
        json_write_object(writer, NULL);
        json_write_text(writer, "etag", list[i].etag);
        json_write_time(writer, "time", list[i].wall_ns);
        json_write_text(writer, "source", list[i].source);
        json_write_text(writer, "role", list[i].role);
        json_write_text(writer, "summary", list[i].summary);
        json_write_unsigned(writer, "bytes", list[i].bytes);
        json_write_object_end(writer);
    }
}

static void schema(void *context, struct json_writer *writer)
{
    (void)context;
    json_write_object(writer, NULL);
    json_write_text(writer, "$schema", "https://json-schema.org/draft/2020-12/schema");
    json_write_text(writer, "title", "gpio-gateway config");
    field_table_write_schema(&keys_root, writer);
    json_write_object_end(writer);
}

void config_editor_init(struct config_editor *editor)
{
    editor->store = (struct config_store){
        .context = editor,
        .read = read_file,
        .check = check,
        .apply = apply,
        .undo = undo,
        .versions = versions,
        .schema = schema,
    };
}
