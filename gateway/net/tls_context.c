#include "net/tls_context.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/owner.h"
#include "net/tls_authority.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct tls_context {
    SSL_CTX *ssl; /* owned; connections hold it as long as they need it */
    char certificate[PATH_MAX], key[PATH_MAX];
    bool is_own;                    /* both stand in the state folder, where nothing is a link */
    struct tls_authority authority; /* at the end of its chain */
    struct stat seen[2];            /* the files as they were read or refused last */
    int64_t checked_ns;
};

/* Browsers open WebSockets with http/1.1; h2 is not spoken here (RFC 7301). */
static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_length,
                           const unsigned char *in, unsigned in_length, void *context)
{
    static const unsigned char ours[] = "\x08http/1.1";
    (void)ssl;
    (void)context;
    unsigned char *chosen;
    if (SSL_select_next_proto(&chosen, out_length, ours, sizeof ours - 1, in, in_length) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

static int fail(char reason[TLS_REASON_SIZE], const char *path, const char *what)
{
    unsigned long code = ERR_peek_last_error();
    const char *detail = code ? ERR_reason_error_string(code) : NULL;
    (void)snprintf(reason, TLS_REASON_SIZE, "%.150s: %s%s%s", path, what, detail ? ": " : "",
                   detail ? detail : "");
    ERR_clear_error();
    return -EBADMSG;
}

/* The library would wait for a FIFO, and for ever. What cannot be opened it tells itself. */
static int check_file(const struct tls_context *context, const char *path, bool is_secret,
                      char reason[TLS_REASON_SIZE])
{
    struct stat status;
    AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY |
                                (context->is_own ? O_NOFOLLOW : 0));
    int error = 0;
    if (fd < 0)
        error = errno == ELOOP ? -ELOOP : 0;
    else
        error = file_check_private(fd, path, &status);
    return error == -EBADMSG || error == -ELOOP || (error && (is_secret || context->is_own))
               ? fail(reason, path, file_error_text(error))
               : 0;
}

static int load_files(SSL_CTX *ssl, const struct tls_context *context, char reason[TLS_REASON_SIZE])
{
    ERR_clear_error();
    if (check_file(context, context->certificate, false, reason) ||
        check_file(context, context->key, true, reason))
        return -EBADMSG;
    if (SSL_CTX_use_certificate_chain_file(ssl, context->certificate) != 1)
        return fail(reason, context->certificate, "no certificate can be read");
    if (SSL_CTX_use_PrivateKey_file(ssl, context->key, SSL_FILETYPE_PEM) != 1)
        return fail(reason, context->key, "no key that fits the certificate can be read");
    if (SSL_CTX_check_private_key(ssl) != 1)
        return fail(reason, context->key, "the key does not belong to the certificate");
    return 0;
}

static void note_files(struct tls_context *context)
{
    memset(context->seen, 0, sizeof context->seen);
    (void)stat(context->certificate, &context->seen[0]);
    (void)stat(context->key, &context->seen[1]);
}

int tls_context_reload(struct tls_context *context, char reason[TLS_REASON_SIZE])
{
    reason[0] = '\0';
    note_files(context);
    SSL_CTX *ssl = SSL_CTX_new(TLS_server_method());
    if (!ssl)
        return -ENOMEM;
    SSL_CTX_set_min_proto_version(ssl, TLS1_2_VERSION);
    SSL_CTX_set_options(ssl, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                 SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                              SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    /* Forward secrecy for 1.2, too; what 1.3 has is good as it is. */
    (void)SSL_CTX_set_cipher_list(ssl, "ECDHE+AESGCM:ECDHE+CHACHA20");
    SSL_CTX_set_alpn_select_cb(ssl, choose_protocol, NULL);
    int error = load_files(ssl, context, reason);
    if (error) {
        SSL_CTX_free(ssl);
        return error;
    }
    SSL_CTX_free(context->ssl);
    context->ssl = ssl;
    tls_authority_done(&context->authority);
    tls_authority_init(&context->authority, ssl);
    return 0;
}

int tls_context_new(const char *certificate, const char *key, bool is_own,
                    struct tls_context **ret_context, char reason[TLS_REASON_SIZE])
{
    struct tls_context *context = calloc(1, sizeof *context);
    if (!context)
        return -ENOMEM;
    context->is_own = is_own;
    (void)snprintf(context->certificate, sizeof context->certificate, "%s", certificate);
    (void)snprintf(context->key, sizeof context->key, "%s", key);
    int error = tls_context_reload(context, reason);
    if (error) {
        tls_context_free(context);
        return error;
    }
    *ret_context = context;
    return 0;
}

static bool is_same_file(const char *path, const struct stat *seen)
{
    struct stat now = {0};
    (void)stat(path, &now);
    return now.st_ino == seen->st_ino && now.st_size == seen->st_size &&
           now.st_mtim.tv_sec == seen->st_mtim.tv_sec &&
           now.st_mtim.tv_nsec == seen->st_mtim.tv_nsec;
}

bool tls_context_refresh(struct tls_context *context, int64_t now_ns, char reason[TLS_REASON_SIZE])
{
    if (now_ns - context->checked_ns < CLOCK_NS_PER_SECOND && context->checked_ns != 0)
        return false;
    context->checked_ns = now_ns;
    if (is_same_file(context->certificate, &context->seen[0]) &&
        is_same_file(context->key, &context->seen[1]))
        return false;
    (void)tls_context_reload(context, reason);
    return true;
}

struct tls_context *tls_context_free(struct tls_context *context)
{
    if (context) {
        SSL_CTX_free(context->ssl);
        tls_authority_done(&context->authority);
    }
    free(context);
    return NULL;
}

const struct tls_authority *tls_context_authority(const struct tls_context *context)
{
    return context->authority.der ? &context->authority : NULL;
}

SSL_CTX *tls_context_ssl(const struct tls_context *context)
{
    return context->ssl;
}
