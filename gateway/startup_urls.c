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

/* Link-local IPv6 addresses are left out: they need a zone, which browsers do not accept. */
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

/* Two rows of modules a text row, dark on light whatever the terminal's colours. A quiet zone of two modules:
 * ISO/IEC 18004 demands four, cameras read two, and so the code fits into 24 rows with the links. */
static void print_qr(const char *text, FILE *out)
{
    enum { QUIET = 2 };
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

enum { LINKS_SHOWN_MAX = 4, URL_SIZE = ADDRESSES_URL_SIZE + 80 };

static void make_url(const struct addresses *urls, size_t index, const char *token,
                     char url[URL_SIZE])
{
    (void)snprintf(url, URL_SIZE, "%s%s%s", urls->items[index].url, token ? "?token=" : "",
                   token ? token : "");
}

/* Up to `max` links, those of this machine or of the network; each on a line of its own, unbroken. Returns the
 * index of the first, or the count of urls where there is none. */
static size_t print_links(const struct addresses *urls, bool is_lan, const char *token, FILE *out)
{
    size_t first = urls->count;
    size_t shown = 0;
    for (size_t i = 0; i < urls->count; i++) {
        char url[URL_SIZE];
        if (urls->items[i].is_lan != is_lan)
            continue;
        if (first == urls->count)
            first = i;
        make_url(urls, i, token, url);
        if (shown++ < LINKS_SHOWN_MAX)
            (void)fprintf(out, "%s %s\n", is_lan ? "on your phone:  " : "on this machine:", url);
    }
    if (shown > LINKS_SHOWN_MAX)
        (void)fprintf(out, "and %zu more: gpio-gateway token show\n", shown - LINKS_SHOWN_MAX);
    return first;
}

void startup_urls_print(const struct addresses *urls, const char *token, bool with_qr, FILE *out)
{
    size_t phone = print_links(urls, true, token, out);
    if (phone < urls->count && with_qr) {
        char url[URL_SIZE];
        make_url(urls, phone, token, url);
        print_qr(url, out);
    }
    (void)print_links(urls, false, token, out);
}
