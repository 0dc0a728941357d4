#include "net/plain_hint.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { HOST_SIZE = 256, PATH_SIZE = 512 };

/* "GET PATH HTTP/1.1": the path, cut before its query, which may hold a token that went over the wire in the clear and
 * should be typed again. */
static bool find_path(const char *head, char path[PATH_SIZE])
{
    bool is_read = strncmp(head, "GET /", 5) == 0 || strncmp(head, "HEAD /", 6) == 0;
    const char *begin = strchr(head, '/');
    if (!is_read || !begin)
        return false;
    size_t length = strcspn(begin, " ?\r\n");
    if (length >= PATH_SIZE || begin[length] == '\0')
        return false;
    for (size_t i = 0; i < length; i++)
        if (!isgraph((unsigned char)begin[i]) || begin[i] == '"' || begin[i] == '\\')
            return false;
    memcpy(path, begin, length);
    path[length] = '\0';
    /* "//host" would be another host's (RFC 3986 §4.2). */
    return path[1] != '/';
}

static bool find_host(const char *head, char host[HOST_SIZE])
{
    const char *line = strcasestr(head, "\r\nHost:");
    if (!line)
        return false;
    line += strlen("\r\nHost:");
    line += strspn(line, " \t");
    size_t length = strcspn(line, " \t\r\n");
    if (length == 0 || length >= HOST_SIZE || line[length] == '\0')
        return false;
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)line[i]) && !strchr(".-_:[]", line[i]))
            return false;
    memcpy(host, line, length);
    host[length] = '\0';
    return true;
}

size_t plain_hint(const char *head, size_t length, char answer[PLAIN_HINT_SIZE])
{
    char text[2048 + 1];
    char path[PATH_SIZE] = "/";
    char host[HOST_SIZE] = "";
    char link[HOST_SIZE + PATH_SIZE + 16] = "";
    char location[sizeof link + 16] = "";
    if (length >= sizeof text)
        length = sizeof text - 1;
    memcpy(text, head, length);
    text[length] = '\0';
    bool is_read = find_path(text, path);
    bool has_host = find_host(text, host);
    if (has_host)
        (void)snprintf(link, sizeof link, "https://%s%s", host, is_read ? path : "/");
    if (has_host && is_read)
        (void)snprintf(location, sizeof location, "Location: %s\r\n", link);
    char body[1024];
    int size = snprintf(body, sizeof body,
                        "{\"type\":\"about:blank\",\"title\":\"TLS needed\",\"status\":%d,"
                        "\"detail\":\"This port speaks TLS. Open %s\",\"code\":\"bad-request\"}\n",
                        location[0] ? 307 : 400, link[0] ? link : "it with https://");
    int written =
        snprintf(answer, PLAIN_HINT_SIZE,
                 "HTTP/1.1 %s\r\n%sContent-Type: application/problem+json\r\n"
                 "Content-Length: %d\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n%s",
                 location[0] ? "307 Temporary Redirect" : "400 Bad Request", location, size,
                 strncmp(text, "HEAD ", 5) == 0 ? "" : body);
    return (size_t)written;
}
