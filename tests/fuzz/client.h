/* The client's side of fuzz_http.c: connections to a gateway in the same process. */
#ifndef FUZZ_CLIENT_H
#define FUZZ_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fuzz_way {
    FUZZ_PLAIN,
    FUZZ_PROXY, /* from an address of proxy.from */
    FUZZ_UNIX,  /* the same by AF_UNIX */
    FUZZ_TLS,   /* behind a handshake */
    FUZZ_RAW,   /* bytes where a handshake should be */
    FUZZ_WAYS
};

struct fuzz_client {
    int fd;
    void *tls; /* of FUZZ_TLS */
    bool is_raw;
};

/* Finds free ports; sockets of AF_UNIX stand in `folder` (borrowed). */
void fuzz_client_choose(const char *folder);
unsigned fuzz_client_port(bool is_tls);
void fuzz_client_make_certificate(const char *folder);

/* Until somebody listens. */
void fuzz_client_await(void);

void fuzz_client_open(struct fuzz_client *client, enum fuzz_way way);
void fuzz_client_send(struct fuzz_client *client, const uint8_t *bytes, size_t length);

/* Reads what comes: until it is quiet, or (`to_end`) the connection ends. */
size_t fuzz_client_hear(struct fuzz_client *client, char *bytes, size_t room, bool to_end);

/* Ends the sending side. */
void fuzz_client_end(struct fuzz_client *client);
void fuzz_client_close(struct fuzz_client *client);

#endif
