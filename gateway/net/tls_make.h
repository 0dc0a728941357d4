/* Certificates for a network without a certificate authority of its own: a small one that signs the gateway's. Keys are
 * ECDSA P-256. */
#ifndef NET_TLS_MAKE_H
#define NET_TLS_MAKE_H

#include "net/tls_authority.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    TLS_NAMES_MAX = 64,
    TLS_NAME_SIZE = 254,
    TLS_CA_DAYS = 3650,
    TLS_LEAF_DAYS = 397, /* browsers and phones take no longer ones (Apple: 398) */
};

/* Names of hosts and literal addresses that the certificate is for. */
struct tls_names {
    size_t count;
    char items[TLS_NAMES_MAX][TLS_NAME_SIZE];
};

/* Adds one that is not there yet. False when there is no room, or it is neither a host's name nor an address. */
bool tls_names_add(struct tls_names *names, const char *name);

/* localhost, the machine's name with and without ".local", and its addresses (getifaddrs(3)). */
void tls_names_add_own(struct tls_names *names);

/* Writes ca.pem and ca.key where they are missing, then certificate.pem (with the authority's behind it) and key.pem
 * anew, into `folder` (made with mode 0700; keys have 0600). 0, or -1 with a sentence in `reason` (256 bytes). The
 * authority's fingerprint is for comparing by eye. */
int tls_make(const char *folder, const struct tls_names *names,
             char ret_fingerprint[TLS_FINGERPRINT_SIZE], bool *ret_is_new_authority,
             char reason[256]);

#endif
