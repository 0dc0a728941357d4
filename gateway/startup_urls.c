#include "startup_urls.h"

#include "base/buffer.h"
#include "base/file.h"
#include "base/owner.h"
#include "protocol/qr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

static void add_url(struct startup_urls *urls, const char *host, bool is_v6, unsigned port,
                    bool is_lan)
{
    if (urls->count == ANNOUNCE_URLS_MAX)
        return;
    char text[ANNOUNCE_URL_SIZE];
    (void)snprintf(text, sizeof text, is_v6 ? "http://[%s]:%u/" : "http://%s:%u/", host, port);
    for (size_t i = 0; i < urls->count; i++)
        if (strcmp(urls->urls[i].text, text) == 0)
            return;
    memcpy(urls->urls[urls->count].text, text, sizeof text);
    urls->urls[urls->count++].is_lan = is_lan;
}

/* Link-local IPv6 needs a zone that browsers do not take, so it is left out. */
static void add_interface(struct startup_urls *urls, const struct ifaddrs *interface, bool with_v6,
                          unsigned port)
{
    char host[INET6_ADDRSTRLEN];
    const struct sockaddr *any = interface->ifa_addr;
    if (any->sa_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)any;
        if (inet_ntop(AF_INET, &v4->sin_addr, host, sizeof host))
            add_url(urls, host, false, port, true);
    } else if (any->sa_family == AF_INET6 && with_v6) {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)any;
        if (!IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr) &&
            inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof host))
            add_url(urls, host, true, port, true);
    }
}

void startup_urls_add(struct startup_urls *urls, const struct address *address)
{
    if (address->kind == ADDRESS_UNIX)
        return;
    char host[ADDRESS_TEXT_SIZE];
    unsigned port = address_port(address);
    (void)address_host(address, host);
    if (!address_is_any(address)) {
        add_url(urls, host, strchr(host, ':'), port, !address_is_loopback(address));
        return;
    }
    struct ifaddrs *interfaces = NULL;
    if (getifaddrs(&interfaces) == 0) {
        for (const struct ifaddrs *at = interfaces; at; at = at->ifa_next)
            if (at->ifa_addr && (at->ifa_flags & IFF_UP) && !(at->ifa_flags & IFF_LOOPBACK))
                add_interface(urls, at, address->any.sa_family == AF_INET6, port);
        freeifaddrs(interfaces);
    }
    add_url(urls, "localhost", false, port, false);
}

/* Two rows of modules a text row, dark on light whatever the terminal's colours, with the quiet zone
 * of four modules that ISO/IEC 18004 asks for. */
static void print_qr(const char *text, FILE *out)
{
    enum { QUIET = 4 };
    struct qr *qr = qr_new(text);
    if (!qr)
        return;
    int width = qr_width(qr);
    for (int y = -QUIET; y < width + QUIET; y += 2) {
        (void)fputs("  \033[30;107m", out);
        for (int x = -QUIET; x < width + QUIET; x++) {
            int upper = qr_is_dark(qr, x, y);
            int lower = qr_is_dark(qr, x, y + 1);
            (void)fputs(upper && lower ? "█" : upper ? "▀" : lower ? "▄" : " ", out);
        }
        (void)fputs("\033[0m\n", out);
    }
    qr_free(qr);
}

void startup_urls_print(const struct startup_urls *urls, const char *token, bool with_qr, FILE *out)
{
    char url[ANNOUNCE_URL_SIZE + 160];
    for (size_t i = 0; i < urls->count; i++) {
        (void)snprintf(url, sizeof url, "%s%s%s", urls->urls[i].text, token ? "?token=" : "",
                       token ? token : "");
        bool is_lan = urls->urls[i].is_lan;
        (void)fprintf(out, "\n  %s: %s\n", is_lan ? "on your phone" : "on this machine", url);
        if (is_lan && with_qr)
            print_qr(url, out);
    }
    (void)fputc('\n', out);
}

static const char file_name[] = "addresses";

int startup_urls_store(const struct startup_urls *urls, const char *folder)
{
    char path[PATH_MAX];
    struct buffer text;
    if (snprintf(path, sizeof path, "%s/%s", folder, file_name) >= (int)sizeof path)
        return -ENAMETOOLONG;
    buffer_init(&text, ANNOUNCE_URLS_MAX * (ANNOUNCE_URL_SIZE + 8));
    for (size_t i = 0; i < urls->count; i++)
        (void)buffer_printf(&text, "%s %s\n", urls->urls[i].is_lan ? "lan" : "here",
                            urls->urls[i].text);
    int error = text.error ? text.error : file_write(path, buffer_text(&text), text.length, 0600);
    buffer_done(&text);
    return error;
}

int startup_urls_load(struct startup_urls *ret_urls, const char *folder)
{
    char path[PATH_MAX];
    char kind[8];
    char url[ANNOUNCE_URL_SIZE];
    if (snprintf(path, sizeof path, "%s/%s", folder, file_name) >= (int)sizeof path)
        return -ENAMETOOLONG;
    AUTO_FILE file = fopen(path, "re");
    if (!file)
        return -errno;
    struct startup_urls urls = {0};
    while (urls.count < ANNOUNCE_URLS_MAX && fscanf(file, "%7s %127s", kind, url) == 2) {
        memcpy(urls.urls[urls.count].text, url, sizeof url);
        urls.urls[urls.count++].is_lan = strcmp(kind, "lan") == 0;
    }
    *ret_urls = urls;
    return 0;
}
