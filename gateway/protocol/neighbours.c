#include "protocol/neighbours.h"

#include "base/json_writer.h"
#include "base/number.h"
#include "base/utf8.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { FIELDS = 10, LINE_SIZE = 1024 };

/* The columns of a line: "=;eth0;IPv4;name;type;domain;host;address;port;txt". */
enum { EVENT, INTERFACE, PROTOCOL, NAME, TYPE, DOMAIN_NAME, HOST, ADDRESS, PORT, TXT };

static size_t split(char *line, char *fields[FIELDS])
{
    size_t count = 0;
    while (count < FIELDS) {
        fields[count++] = line;
        char *end = count < FIELDS ? strchr(line, ';') : NULL;
        if (!end)
            break;
        *end = '\0';
        line = end + 1;
    }
    return count;
}

/* avahi-browse writes what is neither a letter nor a digit as \DDD, three decimal digits. */
static void unescape(char *text)
{
    char *to = text;
    for (const char *from = text; *from; from++) {
        int64_t byte;
        char digits[4] = "";
        if (*from == '\\' && strlen(from) >= 4) {
            memcpy(digits, from + 1, 3);
            if (number_parse(digits[0] == '0' ? digits + 1 + (digits[1] == '0') : digits, 1, 255,
                             &byte) == 0) {
                *to++ = (char)byte;
                from += 3;
                continue;
            }
        }
        *to++ = *from;
    }
    *to = '\0';
}

/* The value of `"key=…"` in a line of texts in quotes. False where it is missing or too long. */
static bool find_txt(const char *txt, const char *key, char *value, size_t size)
{
    char start[32];
    int length = snprintf(start, sizeof start, "\"%s=", key);
    const char *found = strstr(txt, start);
    const char *end = found ? strchr(found + length, '"') : NULL;
    value[0] = '\0';
    if (!end || (size_t)(end - found - length) >= size)
        return false;
    memcpy(value, found + length, (size_t)(end - found - length));
    value[end - found - length] = '\0';
    return true;
}

static bool is_text(const char *text)
{
    for (const char *at = text; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            return false;
    return *text != '\0' && utf8_is_valid(text, strlen(text));
}

/* The address as an URL; a link-local one needs a zone that browsers do not take. */
static bool make_url(const char *address, const char *port, char url[NEIGHBOUR_URL_SIZE])
{
    struct in_addr v4;
    struct in6_addr v6;
    int64_t number;
    if (number_parse(port, 1, 65535, &number) != 0)
        return false;
    if (inet_pton(AF_INET, address, &v4) == 1)
        return snprintf(url, NEIGHBOUR_URL_SIZE, "http://%s:%d/", address, (int)number) <
               NEIGHBOUR_URL_SIZE;
    if (inet_pton(AF_INET6, address, &v6) != 1 || IN6_IS_ADDR_LINKLOCAL(&v6))
        return false;
    return snprintf(url, NEIGHBOUR_URL_SIZE, "http://[%s]:%d/", address, (int)number) <
           NEIGHBOUR_URL_SIZE;
}

static void remove_name(struct neighbours *neighbours, const char *name)
{
    for (size_t i = 0; i < neighbours->count; i++)
        if (strcmp(neighbours->list[i].name, name) == 0)
            neighbours->list[i--] = neighbours->list[--neighbours->count];
}

/* One entry for each gateway: an IPv4 address is kept before an IPv6 one, which fewer phones reach. */
static void add(struct neighbours *neighbours, const struct neighbour *added)
{
    for (size_t i = 0; i < neighbours->count; i++) {
        struct neighbour *known = &neighbours->list[i];
        if (strcmp(known->id, added->id) != 0)
            continue;
        bool keeps_url = added->url[7] == '[' && known->url[7] != '[';
        char url[NEIGHBOUR_URL_SIZE];
        memcpy(url, known->url, sizeof url);
        *known = *added;
        if (keeps_url)
            memcpy(known->url, url, sizeof url);
        return;
    }
    if (neighbours->count < NEIGHBOURS_MAX)
        neighbours->list[neighbours->count++] = *added;
}

void neighbours_take(struct neighbours *neighbours, const char *line, const char *own_id,
                     int64_t wall_ns)
{
    char copy[LINE_SIZE];
    char *fields[FIELDS];
    struct neighbour added = {.seen_ns = wall_ns};
    if (snprintf(copy, sizeof copy, "%s", line) >= (int)sizeof copy)
        return;
    size_t count = split(copy, fields);
    if (count <= NAME || strlen(fields[NAME]) >= 4 * NEIGHBOUR_NAME_SIZE)
        return;
    unescape(fields[NAME]);
    if (!is_text(fields[NAME]) || strlen(fields[NAME]) >= sizeof added.name)
        return;
    if (strcmp(fields[EVENT], "-") == 0)
        remove_name(neighbours, fields[NAME]);
    if (strcmp(fields[EVENT], "=") != 0 || count < FIELDS)
        return;
    (void)snprintf(added.name, sizeof added.name, "%s", fields[NAME]);
    if (!find_txt(fields[TXT], "id", added.id, sizeof added.id) ||
        strlen(added.id) != NEIGHBOUR_ID_SIZE - 1 ||
        strspn(added.id, "0123456789abcdef") != NEIGHBOUR_ID_SIZE - 1 ||
        strcmp(added.id, own_id) == 0 || !make_url(fields[ADDRESS], fields[PORT], added.url))
        return;
    if (!find_txt(fields[TXT], "v", added.version, sizeof added.version) || !is_text(added.version))
        added.version[0] = '\0';
    add(neighbours, &added);
}

void neighbours_write(const struct neighbours *neighbours, struct json_writer *writer)
{
    json_write_object(writer, NULL);
    json_write_list(writer, "neighbours");
    for (size_t i = 0; i < neighbours->count; i++) {
        const struct neighbour *neighbour = &neighbours->list[i];
        json_write_object(writer, NULL);
        json_write_text(writer, "id", neighbour->id);
        json_write_text(writer, "name", neighbour->name);
        json_write_text(writer, "url", neighbour->url);
        json_write_text(writer, "version", neighbour->version);
        json_write_time(writer, "seen", neighbour->seen_ns);
        json_write_object_end(writer);
    }
    json_write_list_end(writer);
    json_write_object_end(writer);
}
