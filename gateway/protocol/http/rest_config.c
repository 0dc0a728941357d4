#include "protocol/http/rest_config.h"

#include "base/json.h"
#include "protocol/config_store.h"
#include "protocol/http/http_exchange.h"

#include <errno.h>
#include <string.h>

static void write_items(struct json_writer *writer, const char *key, const struct buffer *items)
{
    json_write_list(writer, key);
    if (items->length > 0)
        json_write_raw(writer, NULL, items->data, items->length);
    json_write_list_end(writer);
}

static void write_findings(struct json_writer *writer, const struct config_findings *findings)
{
    write_items(writer, "changes", &findings->changes);
    write_items(writer, "waits", &findings->waits);
    write_items(writer, "warnings", &findings->warnings);
}

static void answer_change(struct http_exchange *http_exchange,
                          const struct config_findings *findings)
{
    struct json_writer writer = http_exchange_begin_json(http_exchange, 200);
    json_write_object(&writer, NULL);
    json_write_text(&writer, "etag", findings->etag);
    write_findings(&writer, findings);
    json_write_object_end(&writer);
    http_exchange_add_header(http_exchange, "ETag", "%s", findings->etag);
    http_exchange_end_json(http_exchange);
}

static void answer_check(struct http_exchange *http_exchange,
                         const struct config_findings *findings)
{
    struct json_writer writer = http_exchange_begin_json(http_exchange, 200);
    json_write_object(&writer, NULL);
    json_write_bool(&writer, "ok", true);
    write_findings(&writer, findings);
    json_write_object_end(&writer);
    http_exchange_end_json(http_exchange);
}

/* Problem details with one member more: all that is wrong, each with its place. */
static void answer_errors(struct http_exchange *http_exchange,
                          const struct config_findings *findings)
{
    const struct problem_kind *kind = problem_kind(PROBLEM_BAD_CONFIG);
    struct json_writer writer = http_exchange_begin_json(http_exchange, kind->status);
    http_exchange->media_type = "application/problem+json";
    json_write_object(&writer, NULL);
    json_write_text(&writer, "type", "about:blank");
    json_write_text(&writer, "title", kind->title);
    json_write_integer(&writer, "status", kind->status);
    json_write_text(&writer, "detail", "Nothing was changed. Mend what `errors` names.");
    json_write_text(&writer, "code", kind->code);
    write_items(&writer, "errors", &findings->errors);
    json_write_object_end(&writer);
    http_exchange_end_json(http_exchange);
}

/* RFC 9110 §13.1.1: a comma list of tags, or "*". True when the request may go on. */
static bool precondition_holds(struct http_exchange *http_exchange, const char *if_match)
{
    const struct config_store *store = http_exchange->service->config;
    struct problem problem;
    struct buffer text;
    char etag[CONFIG_STORE_ETAG_SIZE];
    if (strcmp(if_match, "*") == 0)
        return true;
    buffer_init(&text, CONFIG_STORE_TEXT_MAX_BYTES);
    int error = store->read(store->context, &text, etag, &problem);
    buffer_done(&text);
    if (error)
        http_exchange_fail(http_exchange, &problem);
    else if (!strstr(if_match, etag))
        http_exchange_refuse(http_exchange, PROBLEM_PRECONDITION,
                             "Somebody changed the file meanwhile; read it again. Its tag is %s.",
                             etag);
    else
        return true;
    return false;
}

static bool body_is_json(struct http_exchange *http_exchange)
{
    struct json *json;
    struct json_error where = {0};
    int error = json_parse_keeping_duplicates(buffer_text(&http_exchange->body),
                                              http_exchange->body.length, &json, &where);
    if (error == -EBADMSG)
        http_exchange_refuse(http_exchange, PROBLEM_BAD_REQUEST,
                             "The body is not JSON: line %zu, column %zu: %s", where.line,
                             where.column, where.text);
    else if (error)
        http_exchange_refuse(http_exchange, PROBLEM_INTERNAL, "Out of memory.");
    else
        json_free(json);
    return error == 0;
}

static void change(struct http_exchange *http_exchange, struct config_findings *findings)
{
    const struct config_store *store = http_exchange->service->config;
    const char *dry = http_exchange->query(http_exchange, "dry_run");
    bool is_dry_run = dry && strcmp(dry, "0") != 0;
    const char *if_match = http_exchange->header(http_exchange, "If-Match");
    if (!is_dry_run && !if_match) {
        http_exchange_refuse(http_exchange, PROBLEM_PRECONDITION_REQUIRED,
                             "Send the ETag of the file that you changed: If-Match: \"…\".");
        return;
    }
    if (!is_dry_run && !precondition_holds(http_exchange, if_match))
        return;
    struct problem problem;
    int error = store->check(store->context, &http_exchange->body, findings);
    if (error == -EBADMSG) {
        answer_errors(http_exchange, findings);
    } else if (error) {
        http_exchange_refuse(http_exchange, PROBLEM_INTERNAL, "Out of memory.");
    } else if (is_dry_run) {
        answer_check(http_exchange, findings);
    } else {
        error = store->apply(store->context, &http_exchange->body, &http_exchange->caller, findings,
                             &problem);
        if (error)
            http_exchange_fail(http_exchange, &problem);
        else
            answer_change(http_exchange, findings);
    }
}

void rest_config_put(struct http_exchange *http_exchange)
{
    struct config_findings findings;
    if (!body_is_json(http_exchange))
        return;
    config_findings_init(&findings);
    change(http_exchange, &findings);
    config_findings_done(&findings);
}

void rest_config_undo(struct http_exchange *http_exchange)
{
    const struct config_store *store = http_exchange->service->config;
    const char *if_match = http_exchange->header(http_exchange, "If-Match");
    struct config_findings findings;
    struct problem problem;
    if (if_match && !precondition_holds(http_exchange, if_match))
        return;
    config_findings_init(&findings);
    if (store->undo(store->context, &http_exchange->caller, &findings, &problem))
        http_exchange_fail(http_exchange, &problem);
    else
        answer_change(http_exchange, &findings);
    config_findings_done(&findings);
}

void rest_config_get(struct http_exchange *http_exchange)
{
    const struct config_store *store = http_exchange->service->config;
    char etag[CONFIG_STORE_ETAG_SIZE];
    struct problem problem;
    if (store->read(store->context, &http_exchange->answer, etag, &problem)) {
        http_exchange_fail(http_exchange, &problem);
        return;
    }
    const char *known = http_exchange->header(http_exchange, "If-None-Match");
    if (known && strstr(known, etag)) {
        http_exchange_answer_empty(http_exchange, 304);
    } else {
        http_exchange->status = 200;
        http_exchange->media_type = "application/json";
    }
    http_exchange_add_header(http_exchange, "ETag", "%s", etag);
}

void rest_config_versions(struct http_exchange *http_exchange)
{
    const struct config_store *store = http_exchange->service->config;
    struct json_writer writer = http_exchange_begin_json(http_exchange, 200);
    json_write_object(&writer, NULL);
    json_write_list(&writer, "versions");
    store->versions(store->context, &writer);
    json_write_list_end(&writer);
    json_write_object_end(&writer);
    http_exchange_end_json(http_exchange);
}

void rest_config_schema(struct http_exchange *http_exchange)
{
    const struct config_store *store = http_exchange->service->config;
    struct json_writer writer = http_exchange_begin_json(http_exchange, 200);
    store->schema(store->context, &writer);
    http_exchange_end_json(http_exchange);
}
