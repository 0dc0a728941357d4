/* `gpio-gateway tls new [NAME]...`: makes the certificate of listen.https. */
#ifndef TLS_COMMAND_H
#define TLS_COMMAND_H

#include <stddef.h>

/* An exit code; -1 for words that it does not know. */
int tls_command(int argc, char **argv);

/* The path of a file of the pair in the state folder, as the gateway reads it ("certificate.pem", "key.pem"). 0, or a
 * negative errno without a state folder. */
int tls_default_path(const char *name, char *path, size_t size);

#endif
