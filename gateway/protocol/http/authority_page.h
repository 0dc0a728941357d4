/* The page /ca, which gives a phone the gateway's own certificate authority, without scripts. Its texts are files of the
 * page: ca/LANGUAGE.html, and ca/LANGUAGE-none.html for where there is no authority. The gateway fills {{name}},
 * {{fingerprint}} and {{valid_until}} in the first. */
#ifndef PROTOCOL_AUTHORITY_PAGE_H
#define PROTOCOL_AUTHORITY_PAGE_H

struct http_exchange;
struct tls_authority;

extern const char authority_page_none[]; /* there is no authority, and what to do */

/* Answers with the page, or with 404 and what to do where `authority` is NULL. Its language is that of ?language= or
 * of Accept-Language; English where there is no file for that. Without a file, as in a folder of somebody's own, a
 * plain text has the fingerprint. */
void authority_page_answer(struct http_exchange *http_exchange,
                           const struct tls_authority *authority);

#endif
