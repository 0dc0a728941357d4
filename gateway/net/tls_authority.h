/* The certificate authority of one's own that stands at the end of a certificate's chain (OpenSSL): what phones and
 * browsers install to trust the certificate. */
#ifndef NET_TLS_AUTHORITY_H
#define NET_TLS_AUTHORITY_H

#include <stddef.h>
#include <stdint.h>

struct ssl_ctx_st;
struct x509_st;

enum {
    TLS_FINGERPRINT_SIZE = 96, /* "AB:CD:…" of SHA-256, and a NUL */
    TLS_AUTHORITY_NAME_SIZE = 128,
};

struct tls_authority {
    unsigned char *der; /* the certificate (X.690); owned */
    size_t der_length;
    char name[TLS_AUTHORITY_NAME_SIZE]; /* its common name, UTF-8 */
    char fingerprint[TLS_FINGERPRINT_SIZE];
    int64_t ends_s; /* of its validity, Unix time */
};

/* Finds the authority among the certificates that are sent along; `*ret_authority` is empty (der NULL) where none of
 * them has signed itself, as with a certificate that everybody trusts. */
void tls_authority_init(struct tls_authority *ret_authority, struct ssl_ctx_st *ssl);
void tls_authority_done(struct tls_authority *authority);

/* Writes the SHA-256 of a certificate as OpenSSL and phones show it. */
void tls_fingerprint_print(const struct x509_st *certificate, char text[TLS_FINGERPRINT_SIZE]);

#endif
