/* The addresses of the page: one for each network that the gateway listens on, with its token, and a QR code
 * on a terminal. */
#ifndef STARTUP_URLS_H
#define STARTUP_URLS_H

#include "net/address.h"
#include "state/addresses.h"

#include <stdbool.h>
#include <stdio.h>

/* Adds the URLs of a listener's address: one that is bound to all addresses becomes one for each address of
 * this machine (getifaddrs(3)), network addresses first. */
void startup_urls_add(struct addresses *urls, const struct address *address);

/* Prints the addresses to open, this machine's first, in a few lines that fit a terminal of 80 columns. With a
 * token (NULL for none) it is part of each address; `with_qr` draws the QR code of the first network address. */
void startup_urls_print(const struct addresses *urls, const char *token, bool with_qr, FILE *out);

#endif
