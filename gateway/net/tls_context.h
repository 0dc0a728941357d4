/* The certificate and the key of a TLS server, from two PEM files (OpenSSL). They are read again when the files
 * change; a pair that cannot be used leaves the one before in service. */
#ifndef NET_TLS_CONTEXT_H
#define NET_TLS_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tls_authority;
struct tls_context;
struct ssl_ctx_st;

enum { TLS_REASON_SIZE = 256 };

/* Reads both files (paths are copied). `is_own`: they stand in the state folder, where nothing is a link and nobody else
 * writes. A key that others may write is never taken. 0; -EBADMSG with a sentence in `reason`; -ENOMEM. TLS 1.2 and 1.3. */
int tls_context_new(const char *certificate, const char *key, bool is_own,
                    struct tls_context **ret_context, char reason[TLS_REASON_SIZE]);
struct tls_context *tls_context_free(struct tls_context *context);

/* Reads both files now. 0, or -EBADMSG with a sentence; then all stays as it is. */
int tls_context_reload(struct tls_context *context, char reason[TLS_REASON_SIZE]);

/* Reads them if their times or sizes have changed, checking at most once a second. True when there is something to
 * log: `reason` is empty for a new certificate, else it says why the new files are not used. */
bool tls_context_refresh(struct tls_context *context, int64_t now_ns, char reason[TLS_REASON_SIZE]);

/* The authority of one's own at the end of the certificate's chain; NULL for none. Borrowed, until the files are read
 * again. */
const struct tls_authority *tls_context_authority(const struct tls_context *context);

/* For net/tls_relay.c: the library's context, borrowed. */
struct ssl_ctx_st *tls_context_ssl(const struct tls_context *context);

#endif
