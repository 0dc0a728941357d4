#include "protocol/http/authority_page.h"

#include "base/clock.h"
#include "net/tls_authority.h"
#include "protocol/http/http_exchange.h"
#include "protocol/http/page_files.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum {
    FINGERPRINT_LINE = 24, /* "AB:" eight times: 32 bytes are four lines, which a person compares */
    DATE_LENGTH = 10,      /* of RFC 3339: "2036-11-24" */
    LANGUAGE_LENGTH = 2,   /* of "ko" and of "ko-KR" */
};

const char authority_page_none[] = "This gateway has no certificate authority of its own: "
                                   "`gpio-gateway tls new` makes one, listen.https uses it.";

/* The name comes out of a certificate, which may have any. */
static void write_escaped(struct buffer *out, const char *text)
{
    for (; *text; text++)
        if (strchr("<>&\"'", *text))
            (void)buffer_printf(out, "&#%d;", *text);
        else
            (void)buffer_append(out, text, 1);
}

static void write_name(struct buffer *out, const struct tls_authority *authority)
{
    write_escaped(out, authority->name);
}

static void write_fingerprint(struct buffer *out, const struct tls_authority *authority)
{
    for (const char *at = authority->fingerprint; *at; at += strnlen(at, FINGERPRINT_LINE))
        (void)buffer_printf(out, "%.*s\n", FINGERPRINT_LINE, at);
}

static void write_end(struct buffer *out, const struct tls_authority *authority)
{
    char time[CLOCK_TEXT_SIZE];
    (void)clock_format(authority->ends_s * CLOCK_NS_PER_SECOND, time);
    (void)buffer_append(out, time, DATE_LENGTH);
}

/* What a file may leave to the gateway. */
static const struct {
    const char *mark;
    void (*write)(struct buffer *out, const struct tls_authority *authority);
} marks[] = {
    {"{{name}}", write_name},
    {"{{fingerprint}}", write_fingerprint},
    {"{{valid_until}}", write_end},
};

/* Writes the mark at the begin of `text`. Returns its length, 0 where there is none. */
static size_t fill_mark(struct buffer *out, const char *text, size_t length,
                        const struct tls_authority *authority)
{
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        size_t mark_length = strlen(marks[i].mark);
        if (length >= mark_length && memcmp(text, marks[i].mark, mark_length) == 0) {
            marks[i].write(out, authority);
            return mark_length;
        }
    }
    return 0;
}

static void fill(struct buffer *out, const char *text, size_t length,
                 const struct tls_authority *authority)
{
    while (length > 0) {
        size_t taken = authority ? fill_mark(out, text, length, authority) : 0;
        if (taken == 0) {
            const char *next = memchr(text + 1, '{', length - 1);
            taken = next ? (size_t)(next - text) : length;
            (void)buffer_append(out, text, taken);
        }
        text += taken;
        length -= taken;
    }
}

static struct page_file *find_file(const struct http_exchange *http_exchange, const char *language,
                                   bool has_authority)
{
    char path[PAGE_NAME_SIZE];
    (void)snprintf(path, sizeof path, "/ca/%c%c%s.html", tolower((unsigned char)language[0]),
                   tolower((unsigned char)language[1]), has_authority ? "" : "-none");
    return page_files_find(http_exchange->pages, path);
}

/* The file in the language of the query or the browser; else the English one, or NULL. */
static struct page_file *choose_file(const struct http_exchange *http_exchange, bool has_authority)
{
    const char *wanted = http_exchange->query(http_exchange, "language");
    struct page_file *file = NULL;
    if (!wanted)
        wanted = http_exchange->header(http_exchange, "Accept-Language");
    if (wanted && strlen(wanted) >= LANGUAGE_LENGTH)
        file = find_file(http_exchange, wanted, has_authority);
    return file ? file : find_file(http_exchange, "en", has_authority);
}

/* What must be said without any file. */
static void write_bare(struct buffer *out, const struct tls_authority *authority)
{
    (void)buffer_append_text(out, "The gateway's own certificate authority: /ca.crt\n");
    write_fingerprint(out, authority);
    (void)buffer_printf(out, "%s, SHA-256, valid until ", authority->name);
    write_end(out, authority);
    (void)buffer_append_text(out, "\n\nThe page's folder has no ca/en.html.\n");
}

void authority_page_answer(struct http_exchange *http_exchange,
                           const struct tls_authority *authority)
{
    struct page_file *file = choose_file(http_exchange, authority != NULL);
    const char *text = file ? page_file_plain(file) : NULL;
    if (!text && !authority) {
        http_exchange_refuse(http_exchange, PROBLEM_NOT_FOUND, "%s", authority_page_none);
        return;
    }
    if (text)
        fill(&http_exchange->answer, text, file->length, authority);
    else
        write_bare(&http_exchange->answer, authority);
    http_exchange->status = authority ? 200 : 404;
    http_exchange->media_type = text ? "text/html; charset=utf-8" : "text/plain; charset=utf-8";
    http_exchange_add_header(http_exchange, "Content-Security-Policy",
                             "default-src 'none'; style-src 'self'; frame-ancestors 'none'");
    http_exchange_add_header(http_exchange, "Vary", "Accept-Language");
}
