#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config_rig.h"

#include "circuit/journal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void config_needs_only_lines_with_name_and_direction(void **state)
{
    (void)state;
    struct config config =
        config_rig_accept("{'circuit':{'lines':[{'name':'a','direction':'output'}]}}");
    assert_int_equal(config.circuit.line_count, 1);
    const struct circuit_line_options *line = &config.circuit.lines[0];
    assert_string_equal(line->name, "a");
    assert_int_equal(line->title.count, 0);
    assert_int_equal(line->part, CIRCUIT_PART_GENERIC);
    assert_string_equal(line->gpio.gpio, "");
    assert_string_equal(line->gpio.chip, "");
    assert_int_equal(line->gpio.offset, -1);
    assert_int_equal(line->gpio.direction, GPIO_DIRECTION_OUTPUT);
    assert_int_equal(line->gpio.bias, GPIO_BIAS_AS_IS);
    assert_int_equal(line->gpio.drive, GPIO_DRIVE_PUSH_PULL);
    assert_false(line->gpio.active_low);
    assert_int_equal(line->gpio.debounce_us, 0);
    assert_int_equal(line->initial, CIRCUIT_INITIAL_0);
    assert_int_equal(line->safe, CIRCUIT_SAFE_0);
    assert_int_equal(line->max_on_ms, 0);
    assert_int_equal(line->min_off_ms, 0);
    assert_int_equal(line->lease_ms, 0);
    assert_string_equal(line->pwm_channel, "");
    config_done(&config);
}

static void config_has_a_default_for_everything_else(void **state)
{
    (void)state;
    struct config config = config_rig_accept("{'circuit':{'lines':[]}}");
    assert_string_equal(config.circuit.name, "circuit");
    assert_int_equal(config.circuit.journal_events, JOURNAL_EVENTS_DEFAULT);
    assert_false(config.circuit.viewers_may_switch_off);
    assert_int_equal(config.gpio.backend, GPIO_BACKEND_AUTO);
    assert_string_equal(config.gpio.chip, "");
    assert_string_equal(config.gpio.consumer, "gpio-gateway");
    assert_int_equal(config.listen.http.count, 2);
    assert_string_equal(config.listen.http.texts[0], "[::]:8080");
    assert_string_equal(config.listen.http.texts[1], "unix:http.sock");
    assert_int_equal(config.listen.line.count, 2);
    assert_string_equal(config.listen.line.texts[0], "tcp:[::1]:7070");
    assert_string_equal(config.listen.line.texts[1], "unix:gateway.sock");
    assert_int_equal(config.listen.datagram.count, 1);
    assert_string_equal(config.listen.datagram.texts[0], "udp:[::1]:7070");
    assert_int_equal(config.listen.multicast.count, 0);
    assert_int_equal(config.listen.socket_mode, 0660);
    assert_string_equal(config.listen.socket_group, "");
    assert_int_equal(config.auth.mode, CONFIG_AUTH_TOKEN);
    assert_int_equal(config.auth.allowed_host_count, 0);
    assert_int_equal(config.limits.net.connections, 1024);
    assert_int_equal(config.limits.net.connections_per_peer, 64);
    assert_int_equal(config.limits.net.backlog, 128);
    assert_int_equal(config.limits.request_bytes, 65536);
    assert_int_equal(config.limits.idle_timeout_s, 30);
    assert_int_equal(config.limits.request_deadline_s, 10);
    assert_int_equal(config.limits.ping_s, 20);
    assert_int_equal(config.limits.pong_s, 10);
    assert_int_equal(config.limits.history_file_bytes, 8 * 1024 * 1024);
    assert_false(config.history.file);
    assert_int_equal(config.log.level, LOG_LEVEL_INFO);
    config_done(&config);
}

static void config_reads_every_key_of_a_line(void **state)
{
    (void)state;
    struct config config = config_rig_accept(
        "{'circuit':{'lines':["
        "{'name':'a','title':'A','part':'motor','color':'#fA0','group':'부엌 "
        "1','gpio':'GPIO4','chip':'pi',"
        "'direction':'output','bias':'pull-down','active_low':true,'drive':'open-source',"
        "'initial':'last','safe':0,'max_on_ms':1,'min_off_ms':2,'lease_ms':86400000},"
        "{'name':'b','direction':'input','chip':'/dev/gpiochip1','offset':7,'debounce_ms':10000},"
        "{'name':'c','direction':'output','pwm':'/sys/class/pwm/pwmchip0/pwm1'}"
        "]}}");
    const struct circuit_line_options *a = &config.circuit.lines[0];
    assert_string_equal(a->title.texts[0].text, "A");
    assert_string_equal(a->title.texts[0].language, "");
    assert_int_equal(a->part, CIRCUIT_PART_MOTOR);
    assert_string_equal(a->color, "#fA0");
    assert_string_equal(a->group, "부엌 1");
    assert_string_equal(config.circuit.lines[1].group, "");
    assert_string_equal(a->gpio.gpio, "GPIO4");
    assert_string_equal(a->gpio.chip, "pi");
    assert_int_equal(a->gpio.direction, GPIO_DIRECTION_OUTPUT);
    assert_int_equal(a->gpio.bias, GPIO_BIAS_PULL_DOWN);
    assert_true(a->gpio.active_low);
    assert_int_equal(a->gpio.drive, GPIO_DRIVE_OPEN_SOURCE);
    assert_int_equal(a->initial, CIRCUIT_INITIAL_LAST);
    assert_int_equal(a->safe, CIRCUIT_SAFE_0);
    assert_int_equal(a->max_on_ms, 1);
    assert_int_equal(a->min_off_ms, 2);
    assert_int_equal(a->lease_ms, 86400000);
    assert_string_equal(config.circuit.lines[2].pwm_channel, "/sys/class/pwm/pwmchip0/pwm1");
    const struct circuit_line_options *b = &config.circuit.lines[1];
    assert_int_equal(b->gpio.direction, GPIO_DIRECTION_INPUT);
    assert_int_equal(b->gpio.offset, 7);
    assert_int_equal(b->gpio.debounce_us, 10000000);
    config_done(&config);
}

static void config_reads_every_key_of_the_gateway(void **state)
{
    (void)state;
    struct config config = config_rig_accept(
        "{'circuit':{'name':'c','title':{'en':'E','ko':'K','pt-BR':'P'},'lines':[],"
        "'viewers_may_switch_off':true},"
        "'gpio':{'backend':'simulator','chip':'pinctrl-bcm2711','consumer':'me'},"
        "'listen':{'http':[],'line':['unix:/a'],'datagram':['127.0.0.1:1','unix:b'],"
        "'multicast':['239.1.2.3:5'],'socket_mode':'600','socket_group':'gpio'},"
        "'auth':{'mode':'none','allowed_hosts':['Pi.Example.org','box']},"
        "'limits':{'connections':1,'connections_per_peer':2,'backlog':3,'journal_events':16,"
        "'request_bytes':256,'idle_timeout_s':6,'request_deadline_s':7,'ping_s':8,'pong_s':9,"
        "'history_file_bytes':65536},'history':{'file':true},'log':{'level':'debug'}}");
    assert_string_equal(config.circuit.name, "c");
    assert_int_equal(config.circuit.title.count, 3);
    assert_string_equal(config.circuit.title.texts[2].language, "pt-BR");
    assert_string_equal(config.circuit.title.texts[2].text, "P");
    assert_true(config.circuit.viewers_may_switch_off);
    assert_int_equal(config.circuit.journal_events, 16);
    assert_int_equal(config.gpio.backend, GPIO_BACKEND_SIMULATOR);
    assert_string_equal(config.gpio.chip, "pinctrl-bcm2711");
    assert_string_equal(config.gpio.consumer, "me");
    assert_int_equal(config.listen.http.count, 0);
    assert_int_equal(config.listen.line.count, 1);
    assert_string_equal(config.listen.line.texts[0], "unix:/a");
    assert_int_equal(config.listen.datagram.count, 2);
    assert_string_equal(config.listen.datagram.texts[0], "udp:127.0.0.1:1");
    assert_string_equal(config.listen.datagram.texts[1], "unix:b");
    assert_string_equal(config.listen.multicast.texts[0], "udp:239.1.2.3:5");
    assert_int_equal(config.listen.socket_mode, 0600);
    assert_string_equal(config.listen.socket_group, "gpio");
    assert_int_equal(config.auth.mode, CONFIG_AUTH_NONE);
    assert_int_equal(config.auth.allowed_host_count, 2);
    assert_string_equal(config.auth.allowed_hosts[0], "pi.example.org");
    assert_string_equal(config.auth.allowed_hosts[1], "box");
    assert_int_equal(config.limits.net.connections, 1);
    assert_int_equal(config.limits.net.connections_per_peer, 2);
    assert_int_equal(config.limits.net.backlog, 3);
    assert_int_equal(config.limits.request_bytes, 256);
    assert_int_equal(config.limits.idle_timeout_s, 6);
    assert_int_equal(config.limits.request_deadline_s, 7);
    assert_int_equal(config.limits.ping_s, 8);
    assert_int_equal(config.limits.pong_s, 9);
    assert_int_equal(config.limits.history_file_bytes, 65536);
    assert_true(config.history.file);
    assert_int_equal(config.log.level, LOG_LEVEL_DEBUG);
    config_done(&config);
}

static void config_listens_as_by_default_where_a_key_of_listen_is_missing(void **state)
{
    (void)state;
    struct config config = config_rig_accept("{'circuit':{'lines':[]},'listen':{'line':[]}}");
    assert_int_equal(config.listen.http.count, 2);
    assert_int_equal(config.listen.line.count, 0);
    assert_int_equal(config.listen.datagram.count, 1);
    config_done(&config);
}

static void config_skips_comments_anywhere_and_as_often_as_they_stand(void **state)
{
    (void)state;
    struct config config = config_rig_accept(
        "{'//':1,'//':[2],'circuit':{'//x':{},'//x':null,'title':{'//':'t','en':'T'},"
        "'lines':[{'//':'l','name':'a','direction':'output'}],"
        "'scenes':[{'name':'s','set':{'//':9,'a':1,'//':9}}]}}");
    assert_int_equal(config.circuit.title.count, 1);
    assert_int_equal(config.circuit.scenes[0].count, 1);
    config_done(&config);
}

static void config_ignores_a_byte_order_mark(void **state)
{
    (void)state;
    struct config config = config_rig_accept("\xef\xbb\xbf{'circuit':{'lines':[]}}");
    config_done(&config);
}

static void config_takes_256_lines(void **state)
{
    (void)state;
    struct buffer text;
    buffer_init(&text, 64 * 1024);
    buffer_append_text(&text, "{'circuit':{'lines':[");
    for (int i = 0; i < 256; i++)
        buffer_printf(&text, "%s{'name':'l%d','direction':'input','gpio':'GPIO%d'}", i ? "," : "",
                      i, i);
    assert_int_equal(buffer_append_text(&text, "]}}"), 0);
    struct config config = config_rig_accept(buffer_text(&text));
    assert_int_equal(config.circuit.line_count, 256);
    assert_string_equal(config.circuit.lines[255].gpio.gpio, "GPIO255");
    config_done(&config);
    buffer_done(&text);
}

static int load(const char *path, struct config_report *report)
{
    struct config config = {0};
    config_report_init(report);
    int error = config_load(path, &config, report);
    config_done(&config);
    return error;
}

static void config_of_the_repository_is_right(void **state)
{
    (void)state;
    struct config_report report;
    assert_int_equal(load("config/gateway.json", &report), 0);
    assert_string_equal(buffer_text(&report.text), "");
    config_report_done(&report);
}

static void config_names_a_file_that_cannot_be_read(void **state)
{
    (void)state;
    struct config_report report;
    assert_int_equal(load("/nowhere/gateway.json", &report), -ENOENT);
    assert_string_equal(buffer_text(&report.text),
                        "/nowhere/gateway.json: cannot be read: No such file or directory\n");
    config_report_done(&report);
    assert_int_equal(load("/", &report), -EISDIR);
    assert_string_equal(buffer_text(&report.text), "/: cannot be read: Is a directory\n");
    config_report_done(&report);
}

static void config_refuses_a_file_that_is_too_long(void **state)
{
    (void)state;
    char path[] = "/tmp/config-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, CONFIG_FILE_MAX_BYTES + 1), 0);
    struct config_report report;
    assert_int_equal(load(path, &report), -EBADMSG);
    assert_non_null(strstr(buffer_text(&report.text), "is longer than 1048576 bytes\n"));
    config_report_done(&report);
    close(fd);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest rules[] = {
        cmocka_unit_test(config_needs_only_lines_with_name_and_direction),
        cmocka_unit_test(config_has_a_default_for_everything_else),
        cmocka_unit_test(config_reads_every_key_of_a_line),
        cmocka_unit_test(config_reads_every_key_of_the_gateway),
        cmocka_unit_test(config_listens_as_by_default_where_a_key_of_listen_is_missing),
        cmocka_unit_test(config_skips_comments_anywhere_and_as_often_as_they_stand),
        cmocka_unit_test(config_ignores_a_byte_order_mark),
        cmocka_unit_test(config_takes_256_lines),
        cmocka_unit_test(config_of_the_repository_is_right),
        cmocka_unit_test(config_names_a_file_that_cannot_be_read),
        cmocka_unit_test(config_refuses_a_file_that_is_too_long),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
