#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config_rig.h"

#include <errno.h>
#include <string.h>

enum { TEXT_MAX_BYTES = 256 * 1024 };

static int parse(const char *text, struct config *ret_config, struct config_report *report)
{
    struct buffer json;
    buffer_init(&json, TEXT_MAX_BYTES);
    for (; *text; text++)
        assert_int_equal(buffer_append_char(&json, (char)(*text == '\'' ? '"' : *text)), 0);
    int error = config_parse("f", buffer_text(&json), json.length, ret_config, report);
    buffer_done(&json);
    return error;
}

struct config config_rig_accept(const char *text)
{
    struct config config = {0};
    struct config_report report;
    config_report_init(&report);
    int error = parse(text, &config, &report);
    assert_string_equal(buffer_text(&report.text), "");
    assert_int_equal(error, 0);
    config_report_done(&report);
    return config;
}

void config_rig_refuse(const char *text, const char *lines)
{
    struct config config;
    struct config untouched;
    struct config_report report;
    memset(&config, 0x5a, sizeof config);
    memset(&untouched, 0x5a, sizeof untouched);
    config_report_init(&report);
    assert_int_equal(parse(text, &config, &report), -EBADMSG);
    assert_string_equal(buffer_text(&report.text), lines);
    assert_memory_equal(&config, &untouched, sizeof config);
    size_t count = 0;
    for (const char *at = lines; *at; at++)
        count += *at == '\n';
    assert_int_equal(report.errors, count);
    config_report_done(&report);
}

static void put_circuit(struct buffer *text, const char *rest)
{
    buffer_init(text, TEXT_MAX_BYTES);
    assert_int_equal(buffer_printf(text,
                                   "{'circuit':{'lines':[{'name':'red','direction':'output'},"
                                   "{'name':'green','direction':'output'},"
                                   "{'name':'button','direction':'input'}]%s}}",
                                   rest),
                     0);
}

struct config config_rig_accept_circuit(const char *rest)
{
    struct buffer text;
    put_circuit(&text, rest);
    struct config config = config_rig_accept(buffer_text(&text));
    buffer_done(&text);
    return config;
}

void config_rig_refuse_circuit(const char *rest, const char *lines)
{
    struct buffer text;
    put_circuit(&text, rest);
    config_rig_refuse(buffer_text(&text), lines);
    buffer_done(&text);
}
