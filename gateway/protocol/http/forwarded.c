#include "protocol/http/forwarded.h"

#include "net/proxy_list.h"
#include "net/stream.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum {
    LINES_MAX = 8, /* of one field */
    HOPS_MAX = 16, /* proxies behind each other */
    NODE_SIZE = 64,
};

struct text {
    const char *at;
    size_t length;
};

/* What one member of `Forwarded`, or the X-Forwarded fields together, say. */
struct hop {
    struct text client, scheme, host;
};

static struct text trim(struct text text)
{
    while (text.length > 0 && (*text.at == ' ' || *text.at == '\t')) {
        text.at++;
        text.length--;
    }
    while (text.length > 0 && strchr(" \t", text.at[text.length - 1]))
        text.length--;
    return text;
}

/* Takes what stands before the next `mark` that is not within quotes. */
static struct text take_until(struct text *rest, char mark)
{
    bool is_quoted = false;
    size_t length = 0;
    for (; length < rest->length && (is_quoted || rest->at[length] != mark); length++)
        if (rest->at[length] == '"')
            is_quoted = !is_quoted;
    struct text taken = {rest->at, length};
    size_t step = length < rest->length ? length + 1 : length;
    rest->at += step;
    rest->length -= step;
    return trim(taken);
}

static struct text unquote(struct text text)
{
    if (text.length >= 2 && text.at[0] == '"' && text.at[text.length - 1] == '"')
        return (struct text){text.at + 1, text.length - 2};
    return text;
}

static bool is_word(struct text text, const char *word)
{
    return strlen(word) == text.length && strncasecmp(text.at, word, text.length) == 0;
}

/* for=192.0.2.60;proto=http;host=x (RFC 7239 §4) */
static struct hop read_member(struct text member)
{
    struct hop hop = {0};
    while (member.length > 0) {
        struct text pair = take_until(&member, ';');
        struct text name = take_until(&pair, '=');
        struct text value = unquote(trim(pair));
        if (is_word(name, "for"))
            hop.client = value;
        else if (is_word(name, "proto"))
            hop.scheme = value;
        else if (is_word(name, "host"))
            hop.host = value;
    }
    return hop;
}

/* The members of a field's lines, which are one list (RFC 9110 §5.3). */
static size_t read_list(const struct http_exchange *http_exchange, const char *name,
                        struct text *members, size_t max)
{
    const char *lines[LINES_MAX];
    size_t line_count = http_exchange->headers_all(http_exchange, name, lines, LINES_MAX);
    size_t count = 0;
    for (size_t i = 0; i < line_count; i++) {
        struct text rest = {lines[i], strlen(lines[i])};
        while (rest.length > 0 && count < max) {
            struct text member = take_until(&rest, ',');
            if (member.length > 0)
                members[count++] = member;
        }
    }
    return count;
}

static struct text last_of(const struct http_exchange *http_exchange, const char *name)
{
    struct text members[HOPS_MAX];
    size_t count = read_list(http_exchange, name, members, HOPS_MAX);
    return count > 0 ? members[count - 1] : (struct text){0};
}

bool forwarded_parse_node(const char *text, size_t length, struct address *ret_address)
{
    char node[NODE_SIZE];
    char full[NODE_SIZE + 4];
    if (length == 0 || length >= sizeof node)
        return false;
    memcpy(node, text, length);
    node[length] = '\0';
    const char *end = strchr(node, ']');
    const char *colon = strchr(node, ':');
    bool is_bare_v6 = node[0] != '[' && colon && strchr(colon + 1, ':');
    if (is_bare_v6)
        (void)snprintf(full, sizeof full, "[%s]:0", node);
    else if (node[0] == '[')
        (void)snprintf(full, sizeof full, "%.*s:0", end ? (int)(end - node + 1) : 0, node);
    else
        (void)snprintf(full, sizeof full, "%.*s:0", (int)strcspn(node, ":"), node);
    struct address address;
    if (strchr(full, '%') || address_parse(full, "", &address, NULL) || address.kind != ADDRESS_TCP)
        return false;
    *ret_address = address;
    return true;
}

/* Each proxy adds the peer that it sees on the right. The client is the first from there that is no proxy of
 * ours; what stands to its left anybody may have written. */
static bool find_client(const struct proxy_list *proxies, const struct hop *hops, size_t count,
                        struct address *ret_client, size_t *ret_index)
{
    for (size_t i = count; i-- > 0;) {
        struct address client;
        if (!forwarded_parse_node(hops[i].client.at ? hops[i].client.at : "", hops[i].client.length,
                                  &client))
            return false;
        *ret_client = client;
        *ret_index = i;
        if (!proxy_list_has(proxies, &client))
            return true;
    }
    return count > 0; /* a program beside the proxy asked through it */
}

static bool refuse(struct http_exchange *http_exchange, const char *detail)
{
    http_exchange_refuse(http_exchange, PROBLEM_BAD_REQUEST, "%s", detail);
    return false;
}

static bool take_scheme_and_host(struct http_exchange *http_exchange, const struct hop *hop)
{
    if (hop->scheme.length > 0) {
        http_exchange->is_secure = is_word(hop->scheme, "https") || is_word(hop->scheme, "wss");
        http_exchange->is_scheme_known = true;
        if (!http_exchange->is_secure && !is_word(hop->scheme, "http") &&
            !is_word(hop->scheme, "ws"))
            return refuse(http_exchange,
                          "The proxy's scheme is http or https (X-Forwarded-Proto).");
    }
    if (hop->host.length == 0)
        return true;
    if (hop->host.length >= sizeof http_exchange->forwarded_host)
        return refuse(http_exchange, "The proxy's Host is too long (X-Forwarded-Host).");
    memcpy(http_exchange->forwarded_host, hop->host.at, hop->host.length);
    http_exchange->forwarded_host[hop->host.length] = '\0';
    http_exchange->host = http_exchange->forwarded_host;
    return true;
}

static size_t read_forwarded(const struct http_exchange *http_exchange, struct hop hops[HOPS_MAX])
{
    struct text members[HOPS_MAX];
    size_t count = read_list(http_exchange, "Forwarded", members, HOPS_MAX);
    for (size_t i = 0; i < count; i++)
        hops[i] = read_member(members[i]);
    return count;
}

static size_t read_x_forwarded(const struct http_exchange *http_exchange, struct hop hops[HOPS_MAX])
{
    struct text members[HOPS_MAX];
    size_t count = read_list(http_exchange, "X-Forwarded-For", members, HOPS_MAX);
    for (size_t i = 0; i < count; i++)
        hops[i] = (struct hop){.client = unquote(members[i]),
                               .scheme = last_of(http_exchange, "X-Forwarded-Proto"),
                               .host = last_of(http_exchange, "X-Forwarded-Host")};
    return count;
}

/* A proxy sets one kind of fields and may pass the other on as a client sent it: both are believed only where
 * they agree. */
static bool read_hops(struct http_exchange *http_exchange, const struct proxy_list *proxies)
{
    struct hop hops[HOPS_MAX];
    struct hop others[HOPS_MAX];
    struct address client, other;
    size_t index = 0, other_index = 0;
    size_t count = read_forwarded(http_exchange, hops);
    size_t other_count = read_x_forwarded(http_exchange, others);
    if (count == 0 && other_count == 0)
        return true;
    if (count > 0 && !find_client(proxies, hops, count, &client, &index))
        return refuse(http_exchange, "Forwarded: for=ADDRESS is needed (RFC 7239).");
    if (other_count > 0 && !find_client(proxies, others, other_count, &other, &other_index))
        return refuse(http_exchange, "X-Forwarded-For: a list of addresses is needed.");
    if (count > 0 && other_count > 0 && !address_equals(&client, &other))
        return refuse(
            http_exchange,
            "Forwarded and X-Forwarded-For name different clients: have the proxy set one of "
            "them and remove the other.");
    http_exchange->client = count > 0 ? client : other;
    char text[ADDRESS_TEXT_SIZE];
    (void)snprintf(http_exchange->client_source, sizeof http_exchange->client_source, "http:%.71s",
                   address_host(&http_exchange->client, text));
    http_exchange->caller.source = http_exchange->client_source;
    return take_scheme_and_host(http_exchange, count > 0 ? &hops[index] : &others[other_index]);
}

bool forwarded_read(struct http_exchange *http_exchange, const struct proxy_list *proxies)
{
    http_exchange->host = http_exchange->header(http_exchange, "Host");
    if (!http_exchange->stream)
        return true;
    http_exchange->client = *stream_peer(http_exchange->stream);
    return !proxies || !proxy_list_has(proxies, &http_exchange->client) ||
           read_hops(http_exchange, proxies);
}
