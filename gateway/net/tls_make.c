#include "net/tls_make.h"

#include "base/file.h"
#include "base/owner.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { REASON_SIZE = 256, SAN_SIZE = TLS_NAMES_MAX * (TLS_NAME_SIZE + 5) };

struct pair {
    X509 *certificate;
    EVP_PKEY *key;
};

static void pair_done(struct pair *pair)
{
    X509_free(pair->certificate);
    EVP_PKEY_free(pair->key);
    *pair = (struct pair){0};
}

/* ---- names ---- */

static bool is_address(const char *name)
{
    unsigned char bytes[16];
    return inet_pton(AF_INET, name, bytes) == 1 || inet_pton(AF_INET6, name, bytes) == 1;
}

static bool is_host(const char *name)
{
    size_t length = strlen(name);
    if (length == 0 || length >= TLS_NAME_SIZE || name[0] == '-' || name[0] == '.')
        return false;
    for (; *name; name++)
        if (!isalnum((unsigned char)*name) && *name != '-' && *name != '.')
            return false;
    return true;
}

bool tls_names_add(struct tls_names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->items[i], name) == 0)
            return true;
    if (names->count == TLS_NAMES_MAX || (!is_address(name) && !is_host(name)))
        return false;
    (void)snprintf(names->items[names->count++], TLS_NAME_SIZE, "%s", name);
    return true;
}

static void add_interface(struct tls_names *names, const struct ifaddrs *interface)
{
    char text[INET6_ADDRSTRLEN];
    const void *bytes = NULL;
    const struct sockaddr *address = interface->ifa_addr;
    if (!address)
        return;
    if (address->sa_family == AF_INET)
        bytes = &((const struct sockaddr_in *)(const void *)address)->sin_addr;
    else if (address->sa_family == AF_INET6)
        bytes = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
    /* A link-local address needs its interface, which no certificate can name. */
    if (!bytes ||
        (address->sa_family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL((const struct in6_addr *)bytes)))
        return;
    if (inet_ntop(address->sa_family, bytes, text, sizeof text))
        (void)tls_names_add(names, text);
}

void tls_names_add_own(struct tls_names *names)
{
    char host[HOST_NAME_MAX + 1] = "";
    char local[HOST_NAME_MAX + 8];
    struct ifaddrs *all = NULL;
    (void)tls_names_add(names, "localhost");
    if (gethostname(host, sizeof host - 1) == 0) {
        (void)tls_names_add(names, host);
        (void)snprintf(local, sizeof local, "%.*s.local", (int)strcspn(host, "."), host);
        (void)tls_names_add(names, local);
    }
    if (getifaddrs(&all) == 0)
        for (const struct ifaddrs *at = all; at; at = at->ifa_next)
            add_interface(names, at);
    if (all)
        freeifaddrs(all);
}

/* ---- certificates ---- */

static bool add_extension(X509 *certificate, X509 *issuer, int kind, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, kind, value);
    bool is_added = extension && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return is_added;
}

static bool set_serial(X509 *certificate)
{
    unsigned char bytes[16];
    if (RAND_bytes(bytes, sizeof bytes) != 1)
        return false;
    bytes[0] &= 0x7f; /* positive (RFC 5280 §4.1.2.2) */
    BIGNUM *number = BN_bin2bn(bytes, sizeof bytes, NULL);
    bool is_set = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL;
    BN_free(number);
    return is_set;
}

/* A certificate without extensions and signature; `issuer` NULL: its own. */
static bool begin_certificate(struct pair *pair, const char *name, X509 *issuer, int days)
{
    pair->key = EVP_EC_gen("P-256");
    pair->certificate = X509_new();
    if (!pair->key || !pair->certificate)
        return false;
    X509_NAME *subject = X509_get_subject_name(pair->certificate);
    return X509_set_version(pair->certificate, X509_VERSION_3) == 1 &&
           set_serial(pair->certificate) &&
           X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1,
                                      -1, 0) == 1 &&
           X509_set_issuer_name(pair->certificate,
                                issuer ? X509_get_subject_name(issuer) : subject) == 1 &&
           /* A clock that is behind does not make it invalid. */
           X509_gmtime_adj(X509_getm_notBefore(pair->certificate), -24L * 3600) &&
           X509_time_adj_ex(X509_getm_notAfter(pair->certificate), days, 0, NULL) &&
           X509_set_pubkey(pair->certificate, pair->key) == 1;
}

static bool make_authority(struct pair *pair)
{
    char host[HOST_NAME_MAX + 1] = "gateway";
    char name[64];
    (void)gethostname(host, sizeof host - 1);
    (void)snprintf(name, sizeof name, "gpio-gateway CA of %.40s", host);
    return begin_certificate(pair, name, NULL, TLS_CA_DAYS) &&
           add_extension(pair->certificate, pair->certificate, NID_basic_constraints,
                         "critical,CA:TRUE,pathlen:0") &&
           add_extension(pair->certificate, pair->certificate, NID_key_usage,
                         "critical,keyCertSign,cRLSign") &&
           add_extension(pair->certificate, pair->certificate, NID_subject_key_identifier,
                         "hash") &&
           X509_sign(pair->certificate, pair->key, EVP_sha256()) > 0;
}

static void list_names(const struct tls_names *names, char text[SAN_SIZE])
{
    size_t used = 0;
    for (size_t i = 0; i < names->count; i++)
        used += (size_t)snprintf(text + used, SAN_SIZE - used, "%s%s:%s", i > 0 ? "," : "",
                                 is_address(names->items[i]) ? "IP" : "DNS", names->items[i]);
}

static bool make_leaf(struct pair *leaf, const struct pair *authority,
                      const struct tls_names *names)
{
    char alternatives[SAN_SIZE] = "";
    list_names(names, alternatives);
    return begin_certificate(leaf, "gpio-gateway", authority->certificate, TLS_LEAF_DAYS) &&
           add_extension(leaf->certificate, authority->certificate, NID_basic_constraints,
                         "critical,CA:FALSE") &&
           add_extension(leaf->certificate, authority->certificate, NID_key_usage,
                         "critical,digitalSignature") &&
           add_extension(leaf->certificate, authority->certificate, NID_ext_key_usage,
                         "serverAuth") &&
           add_extension(leaf->certificate, authority->certificate, NID_subject_alt_name,
                         alternatives) &&
           add_extension(leaf->certificate, authority->certificate, NID_authority_key_identifier,
                         "keyid") &&
           X509_sign(leaf->certificate, authority->key, EVP_sha256()) > 0;
}

/* ---- files ---- */

static int fail(char reason[REASON_SIZE], const char *path, const char *what)
{
    (void)snprintf(reason, REASON_SIZE, "%.180s: %s", path, what);
    ERR_clear_error();
    return -1;
}

static FILE *open_new(const char *path, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    if (!file && fd >= 0)
        (void)close(fd);
    return file;
}

/* Beside the old file, then over it: a gateway that reads meanwhile finds one or the other. */
static int write_pem(const char *path, const struct pair *pair, const X509 *issuer, bool is_key,
                     char reason[REASON_SIZE])
{
    char fresh[PATH_MAX + 8];
    (void)snprintf(fresh, sizeof fresh, "%s.new", path);
    (void)unlink(fresh);
    FILE *file = open_new(fresh, is_key ? 0600 : 0644);
    if (!file)
        return fail(reason, fresh, strerror(errno));
    bool is_written = is_key ? PEM_write_PrivateKey(file, pair->key, NULL, NULL, 0, NULL, NULL) == 1
                             : PEM_write_X509(file, pair->certificate) == 1 &&
                                   (!issuer || PEM_write_X509(file, issuer) == 1);
    is_written = is_written && fflush(file) == 0 && fsync(fileno(file)) == 0;
    is_written = fclose(file) == 0 && is_written;
    if (!is_written || rename(fresh, path) < 0) {
        (void)unlink(fresh);
        return fail(reason, path, strerror(errno));
    }
    return 0;
}

/* What is there as a file, and not behind a link or in a FIFO. */
static FILE *open_old(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
    if (!file && fd >= 0)
        (void)close(fd);
    return file;
}

/* 0 for a file of this user alone, and for none. */
static int check_old(const char *path, char reason[REASON_SIZE])
{
    struct stat status;
    AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
    int error = fd < 0 ? -errno : file_check_private(fd, path, &status);
    return error && error != -ENOENT ? fail(reason, path, file_error_text(error)) : 0;
}

static bool read_pair(const char *certificate, const char *key, struct pair *pair)
{
    FILE *file = open_old(certificate);
    pair->certificate = file ? PEM_read_X509(file, NULL, NULL, NULL) : NULL;
    if (file)
        (void)fclose(file);
    file = open_old(key);
    pair->key = file ? PEM_read_PrivateKey(file, NULL, NULL, NULL) : NULL;
    if (file)
        (void)fclose(file);
    bool is_good =
        pair->certificate && pair->key && X509_check_private_key(pair->certificate, pair->key) == 1;
    if (!is_good)
        pair_done(pair);
    ERR_clear_error();
    return is_good;
}

/* The authority of the folder, or a new one. */
static int find_authority(const char *folder, struct pair *authority, bool *ret_is_new,
                          char reason[REASON_SIZE])
{
    char certificate[PATH_MAX], key[PATH_MAX];
    (void)snprintf(certificate, sizeof certificate, "%.4000s/ca.pem", folder);
    (void)snprintf(key, sizeof key, "%.4000s/ca.key", folder);
    *ret_is_new = false;
    if (check_old(certificate, reason) || check_old(key, reason))
        return -1;
    if (read_pair(certificate, key, authority))
        return 0;
    /* Phones may have taken it: what is there is not thrown away. */
    if (access(certificate, F_OK) == 0 && access(key, F_OK) == 0)
        return fail(reason, certificate, "it and ca.key do not belong together; remove both");
    *ret_is_new = true;
    if (!make_authority(authority))
        return fail(reason, certificate, "OpenSSL could not make it");
    int error = write_pem(key, authority, NULL, true, reason);
    return error ? error : write_pem(certificate, authority, NULL, false, reason);
}

int tls_make(const char *folder, const struct tls_names *names,
             char ret_fingerprint[TLS_FINGERPRINT_SIZE], bool *ret_is_new_authority,
             char reason[REASON_SIZE])
{
    char certificate[PATH_MAX], key[PATH_MAX];
    struct pair authority = {0}, leaf = {0};
    struct stat status;
    if (mkdir(folder, 0700) < 0 && errno != EEXIST)
        return fail(reason, folder, strerror(errno));
    if (lstat(folder, &status) < 0 || !S_ISDIR(status.st_mode))
        return fail(reason, folder, file_error_text(-ENOTDIR));
    (void)snprintf(certificate, sizeof certificate, "%.4000s/certificate.pem", folder);
    (void)snprintf(key, sizeof key, "%.4000s/key.pem", folder);
    int error = find_authority(folder, &authority, ret_is_new_authority, reason);
    if (!error && !make_leaf(&leaf, &authority, names))
        error = fail(reason, certificate, "OpenSSL could not make it");
    if (!error)
        error = write_pem(key, &leaf, NULL, true, reason);
    if (!error)
        error = write_pem(certificate, &leaf, authority.certificate, false, reason);
    if (!error)
        tls_fingerprint_print(authority.certificate, ret_fingerprint);
    pair_done(&authority);
    pair_done(&leaf);
    return error;
}
