#include "startup_urls.h"

#include "protocol/qr.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

static void add_url(struct addresses *urls, const char *host, bool is_v6, unsigned port,
                    bool is_lan)
{
    char url[ADDRESSES_URL_SIZE];
    (void)snprintf(url, sizeof url, is_v6 ? "http://[%s]:%u/" : "http://%s:%u/", host, port);
    addresses_add(urls, url, is_lan);
}

/* Link-local IPv6 needs a zone that browsers do not take, so it is left out. */
static void add_interface(struct addresses *urls, const struct ifaddrs *interface, bool with_v6,
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

void startup_urls_add(struct addresses *urls, const struct address *address)
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

void startup_urls_print(const struct addresses *urls, const char *token, bool with_qr, FILE *out)
{
    char url[ADDRESSES_URL_SIZE + 160];
    for (size_t i = 0; i < urls->count; i++) {
        (void)snprintf(url, sizeof url, "%s%s%s", urls->items[i].url, token ? "?token=" : "",
                       token ? token : "");
        bool is_lan = urls->items[i].is_lan;
        (void)fprintf(out, "\n  %s: %s\n", is_lan ? "on your phone" : "on this machine", url);
        if (is_lan && with_qr)
            print_qr(url, out);
    }
    (void)fputc('\n', out);
}
