#include "net/tls_authority.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

void tls_fingerprint_print(const X509 *certificate, char text[TLS_FINGERPRINT_SIZE])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    text[0] = '\0';
    (void)X509_digest(certificate, EVP_sha256(), digest, &length);
    for (unsigned i = 0; i < length && i < 32; i++)
        (void)snprintf(text + i * 3, 4, "%02X%s", digest[i], i + 1 < length ? ":" : "");
}

static bool is_authority(X509 *certificate)
{
    return X509_check_ca(certificate) == 1 &&
           X509_check_issued(certificate, certificate) == X509_V_OK;
}

static void copy_name(X509 *certificate, char name[TLS_AUTHORITY_NAME_SIZE])
{
    X509_NAME *subject = X509_get_subject_name(certificate);
    int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    const X509_NAME_ENTRY *entry = at < 0 ? NULL : X509_NAME_get_entry(subject, at);
    unsigned char *text = NULL;
    int length = entry ? ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry)) : -1;
    if (length >= 0 && length < TLS_AUTHORITY_NAME_SIZE && strlen((char *)text) == (size_t)length)
        memcpy(name, text, (size_t)length + 1);
    OPENSSL_free(text);
}

static void read_authority(X509 *certificate, struct tls_authority *authority)
{
    struct tm ends = {0};
    int length = i2d_X509(certificate, &authority->der);
    if (length <= 0)
        return;
    authority->der_length = (size_t)length;
    copy_name(certificate, authority->name);
    tls_fingerprint_print(certificate, authority->fingerprint);
    if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &ends) == 1)
        authority->ends_s = timegm(&ends);
}

void tls_authority_init(struct tls_authority *ret_authority, SSL_CTX *ssl)
{
    STACK_OF(X509) *chain = NULL;
    *ret_authority = (struct tls_authority){0};
    if (SSL_CTX_get0_chain_certs(ssl, &chain) != 1)
        chain = NULL;
    for (int i = 0; chain && !ret_authority->der && i < sk_X509_num(chain); i++)
        if (is_authority(sk_X509_value(chain, i)))
            read_authority(sk_X509_value(chain, i), ret_authority);
    ERR_clear_error();
}

void tls_authority_done(struct tls_authority *authority)
{
    OPENSSL_free(authority->der);
    *authority = (struct tls_authority){0};
}
