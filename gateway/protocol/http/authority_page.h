/* The page /ca, which gives a phone the gateway's own certificate authority: in English or Korean, without scripts. */
#ifndef PROTOCOL_AUTHORITY_PAGE_H
#define PROTOCOL_AUTHORITY_PAGE_H

struct http_exchange;
struct tls_authority;

/* Answers with the page, or with 404 and what to do where `authority` is NULL. Its language is that of ?language= or
 * of Accept-Language. */
void authority_page_answer(struct http_exchange *http_exchange,
                           const struct tls_authority *authority);

#endif
