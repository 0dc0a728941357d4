/* The keys of "mqtt" and "announce". */
#include "config/keys.h"

#include "config/kind.h"

#include "base/json.h"
#include "base/json_writer.h"
#include "base/number.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define AT(member) FIELD_MEMBER(struct config, member)

enum { PORT_PLAIN = 1883, PORT_TLS = 8883, RATE_MAX_HZ = 100, LOST_MAX_MS = 24 * 60 * 60 * 1000 };

static const char *const versions[] = {"auto", "5", "3.1.1", NULL};

/* ---- "mqtt://192.168.1.2:1883" ---- */

/* "host", "host:port", "[address]", "[address]:port". */
static bool split_host(const char *text, struct config_mqtt *mqtt)
{
    const char *host = text;
    size_t length = strcspn(text, ":");
    const char *rest = text + length;
    int64_t port = mqtt->tls ? PORT_TLS : PORT_PLAIN;
    if (*text == '[') {
        const char *end = strchr(text, ']');
        if (!end)
            return false;
        host = text + 1;
        length = (size_t)(end - host);
        rest = end + 1;
    }
    if (length == 0 || length >= sizeof mqtt->host || memchr(host, '/', length) ||
        (*rest == ':' ? number_parse(rest + 1, 1, 65535, &port) != 0 : *rest != '\0'))
        return false;
    memcpy(mqtt->host, host, length);
    mqtt->host[length] = '\0';
    mqtt->port = (uint16_t)port;
    return true;
}

static void broker_read(struct field_reader *reader, const struct field *field,
                        const struct json *value, void *member)
{
    struct config_mqtt *mqtt = member;
    char shown[FIELD_SHOWN_SIZE];
    char text[CONFIG_HOST_SIZE + 16];
    const char *url = json_text(value);
    if (!url) {
        field_fail_type(reader, value, field->name, "an address as mqtt://192.168.1.2:1883");
        return;
    }
    bool plain = strncmp(url, "mqtt://", 7) == 0;
    mqtt->tls = strncmp(url, "mqtts://", 8) == 0;
    const char *rest = url + (plain ? 7 : 8);
    if ((plain || mqtt->tls) && strchr(rest, '@')) {
        field_fail(reader, value, field->name,
                   "a user or password does not belong in the address; use \"user\" and "
                   "\"password_file\"");
        return;
    }
    int length = snprintf(text, sizeof text, "%s", plain || mqtt->tls ? rest : "");
    if (length > 0 && length < (int)sizeof text && text[length - 1] == '/')
        text[length - 1] = '\0';
    if ((!plain && !mqtt->tls) || length >= (int)sizeof text || !split_host(text, mqtt))
        field_fail(reader, value, field->name,
                   "\"%s\" is not an address as mqtt://192.168.1.2:1883 or mqtts://broker.example",
                   field_show_text(url, shown));
}

static void broker_write_schema(const struct field *field, struct json_writer *writer)
{
    (void)field;
    json_write_text(writer, "type", "string");
    json_write_text(writer, "pattern", "^mqtts?://[^@]+$");
}

static const struct field_kind kind_broker = {
    .read = broker_read,
    .form = "mqtt://HOST:PORT or mqtts://HOST:PORT",
    .write_schema = broker_write_schema,
};

/* ---- parts of topics ---- */

static void topic_read(struct field_reader *reader, const struct field *field,
                       const struct json *value, void *member)
{
    const char *text = json_text(value);
    size_t length = text ? strlen(text) : 0;
    if (text &&
        (strpbrk(text, "+#$ ") || (length > 0 && (text[0] == '/' || text[length - 1] == '/'))))
        field_fail(reader, value, field->name,
                   "a part of a topic has no + # $ or blank, and no / at its ends");
    else
        field_text.read(reader, field, value, member);
}

static const struct field_kind kind_topic = {
    .set_default = field_text_default,
    .read = topic_read,
    .form = "a topic without + # $",
    .print_default = field_text_print_default,
    .write_schema = field_text_write_schema,
};

static void discovery_read(struct field_reader *reader, const struct field *field,
                           const struct json *value, void *member)
{
    if (json_is(value, JSON_BOOL)) {
        int on = 1;
        (void)json_switch(value, &on);
        if (on)
            field_fail(reader, value, field->name,
                       "give the topic, as \"homeassistant\", or false");
        else
            *(char *)member = '\0';
        return;
    }
    topic_read(reader, field, value, member);
}

static void discovery_write_schema(const struct field *field, struct json_writer *writer)
{
    (void)field;
    json_write_list(writer, "type");
    json_write_text(writer, NULL, "string");
    json_write_text(writer, NULL, "boolean");
    json_write_list_end(writer);
}

static const struct field_kind kind_discovery = {
    .set_default = field_text_default,
    .read = discovery_read,
    .form = "a topic without + # $, or false",
    .print_default = field_text_print_default,
    .write_schema = discovery_write_schema,
};

static void id_read(struct field_reader *reader, const struct field *field,
                    const struct json *value, void *member)
{
    const char *text = json_text(value);
    if (text && *text && (strlen(text) != 12 || strspn(text, "0123456789abcdef") != 12))
        field_fail(reader, value, field->name, "is not 12 digits of 0-9 a-f");
    else
        field_text.read(reader, field, value, member);
}

static const struct field_kind kind_id = {
    .set_default = field_text_default,
    .read = id_read,
    .form = "12 of 0-9 a-f, or empty",
    .print_default = field_text_print_default,
    .write_schema = field_text_write_schema,
};

static void true_default(const struct field *field, void *member)
{
    (void)field;
    *(bool *)member = true;
}

static void true_read(struct field_reader *reader, const struct field *field,
                      const struct json *value, void *member)
{
    field_bool.read(reader, field, value, member);
}

static void true_print_default(const struct field *field, struct buffer *out)
{
    (void)field;
    (void)buffer_append_text(out, "true");
}

static void true_write_schema(const struct field *field, struct json_writer *writer)
{
    field_bool.write_schema(field, writer);
}

/* A bool whose default is true. */
static const struct field_kind kind_true = {
    .set_default = true_default,
    .read = true_read,
    .form = "true or false",
    .print_default = true_print_default,
    .write_schema = true_write_schema,
};

/* ---- the tables ---- */

static const struct field mqtt_keys[] = {
    {"broker", &kind_broker, AT(mqtt), .required = true,
     .doc = "the broker's address; mqtts:// is TLS, verified by the system's CAs or ca_file"},
    {"user", &field_text, AT(mqtt.user), .max = CONFIG_USER_SIZE - 1,
     .doc = "the user's name at the broker"},
    {"password_file", &field_text, AT(mqtt.password_file), .max = CONFIG_PATH_SIZE - 1,
     .doc = "a file that holds the password in its first line; relative to "
            "$CREDENTIALS_DIRECTORY, then to the folder of this file"},
    {"version", &field_choice, AT(mqtt.version), .choices = versions,
     .doc = "of MQTT; auto tries 5 and falls back to 3.1.1"},
    {"id", &kind_id, AT(mqtt.id), .max = CONFIG_ID_SIZE - 1,
     .doc = "which gateway this is; empty: made once and kept in the state folder"},
    {"prefix", &kind_topic, AT(mqtt.prefix), .min = 1, .max = CONFIG_TOPIC_SIZE - 1,
     .text_fallback = "gpio-gateway", .doc = "where our topics begin"},
    {"discovery", &kind_discovery, AT(mqtt.discovery), .min = 1, .max = CONFIG_TOPIC_SIZE - 1,
     .text_fallback = "homeassistant",
     .doc = "where Home Assistant looks for devices; false switches discovery off"},
    {"language", &field_text, AT(mqtt.language), .min = 2, .max = CONFIG_LANGUAGE_SIZE - 1,
     .text_fallback = "en", .doc = "of the titles that Home Assistant shows"},
    {"commands", &kind_true, AT(mqtt.commands), .doc = "whether messages of the broker may act"},
    {"keepalive_s", &field_integer, AT(mqtt.keepalive_s), .min = 5, .max = 3600, .fallback = 30,
     .unit = "s", .doc = "a silent connection is checked so often"},
    {"rate_hz", &field_integer, AT(mqtt.rate_hz), .min = 1, .max = RATE_MAX_HZ, .fallback = 10,
     .unit = "Hz", .doc = "states of one line in a second, at most; the last one always comes"},
    {"lost_ms", &field_integer, AT(mqtt.lost_ms), .max = LOST_MAX_MS, .unit = "ms",
     .doc = "outputs that were switched over MQTT go to safe so long after the broker was lost; 0 "
            "is never"},
    {"ca_file", &field_text, AT(mqtt.ca_file), .max = CONFIG_PATH_SIZE - 1,
     .doc = "certificates that the broker's is verified by, in PEM; empty: the system's"},
};

static void mqtt_check(struct field_reader *reader, const struct json *object, void *target)
{
    struct config *config = target;
    config->mqtt.is_given = object != NULL;
    if (config->mqtt.password_file[0] && !config->mqtt.user[0])
        field_fail(reader, json_get(object, "password_file"), "password_file",
                   "a password needs a \"user\"");
}

const struct field_table keys_mqtt = {FIELD_TABLE(mqtt_keys), .check = mqtt_check};

static const struct field announce_keys[] = {
    {"mdns", &kind_true, AT(announce.mdns),
     .doc = "whether the gateway is announced by mDNS, where avahi-publish is installed"},
    {"name", &field_text, AT(announce.name), .max = CONFIG_SERVICE_NAME_SIZE - 1,
     .doc = "what the network shows; empty: the circuit's title"},
};

const struct field_table keys_announce = {FIELD_TABLE(announce_keys)};
