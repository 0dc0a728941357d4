#include "client.h"

#include "fuzz.h"
#include "net/tls_make.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
    ANSWER_MS = 10, /* for the first byte of an answer */
    QUIET_MS = 2,   /* behind its last */
    END_MS = 40,    /* a poll or a stream of events may stay */
    TRIES = 2000,
};

static const char *folder;
static unsigned ports[2];
static SSL_CTX *context;

void fuzz_client_choose(const char *in)
{
    folder = in;
    for (int i = 0; i < 2; i++) {
        struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        socklen_t size = sizeof at;
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        PROMISE(fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0);
        PROMISE(getsockname(fd, (struct sockaddr *)&at, &size) == 0);
        ports[i] = ntohs(at.sin_port);
        (void)close(fd);
    }
}

unsigned fuzz_client_port(bool is_tls)
{
    return ports[is_tls];
}

void fuzz_client_make_certificate(const char *in)
{
    char tls[128], fingerprint[TLS_FINGERPRINT_SIZE], reason[256];
    bool is_new;
    struct tls_names names = {0};
    (void)snprintf(tls, sizeof tls, "%s/tls", in);
    PROMISE(tls_names_add(&names, "localhost"));
    PROMISE(tls_make(tls, &names, fingerprint, &is_new, reason) == 0);
    context = SSL_CTX_new(TLS_client_method());
    PROMISE(context);
}

/* Each client has an address of its own, so that no limit of a host's is met. */
static int connect_to(enum fuzz_way way)
{
    static uint32_t number;
    struct linger none = {.l_onoff = 1};
    struct sockaddr_in own = {.sin_family = AF_INET};
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                             .sin_port = htons((uint16_t)ports[way >= FUZZ_TLS])};
    number = (number + 1) % 60000;
    own.sin_addr.s_addr = htonl((way == FUZZ_PROXY ? 0x7fff0001 : 0x7f010001) + number);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    PROMISE(fd >= 0);
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    if (bind(fd, (struct sockaddr *)&own, sizeof own) == 0 &&
        connect(fd, (struct sockaddr *)&at, sizeof at) == 0)
        return fd;
    (void)close(fd);
    return -1;
}

static int connect_unix(void)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    (void)snprintf(at.sun_path, sizeof at.sun_path, "%s/h", folder);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    PROMISE(fd >= 0);
    if (connect(fd, (struct sockaddr *)&at, sizeof at) == 0)
        return fd;
    (void)close(fd);
    return -1;
}

void fuzz_client_await(void)
{
    const struct timespec pause = {.tv_nsec = 5000000};
    for (int i = 0; i < TRIES; i++) {
        struct fuzz_client client = {.fd = connect_to(FUZZ_PLAIN)};
        if (client.fd >= 0) {
            fuzz_client_close(&client);
            return;
        }
        (void)nanosleep(&pause, NULL);
    }
    abort(); /* it does not start */
}

void fuzz_client_open(struct fuzz_client *client, enum fuzz_way way)
{
    *client = (struct fuzz_client){.is_raw = way == FUZZ_RAW};
    client->fd = way == FUZZ_UNIX ? connect_unix() : connect_to(way);
    PROMISE(client->fd >= 0);
    if (way != FUZZ_TLS)
        return;
    SSL *tls = SSL_new(context);
    PROMISE(tls && SSL_set_fd(tls, client->fd) == 1 && SSL_connect(tls) == 1);
    client->tls = tls;
}

void fuzz_client_send(struct fuzz_client *client, const uint8_t *bytes, size_t length)
{
    if (length == 0)
        return;
    if (client->tls)
        (void)SSL_write(client->tls, bytes, (int)length);
    else
        (void)send(client->fd, bytes, length, MSG_NOSIGNAL);
}

static ssize_t read_some(struct fuzz_client *client, char *bytes, size_t room)
{
    if (client->tls)
        return SSL_read(client->tls, bytes, room > 65536 ? 65536 : (int)room);
    return read(client->fd, bytes, room); /* recv(2) is that of the loop: net/receive_filter.h */
}

static bool is_ready(struct fuzz_client *client, int wait_ms)
{
    struct pollfd wanted = {.fd = client->fd, .events = POLLIN};
    return (client->tls && SSL_pending(client->tls) > 0) || poll(&wanted, 1, wait_ms) > 0;
}

size_t fuzz_client_hear(struct fuzz_client *client, char *bytes, size_t room, bool to_end)
{
    size_t length = 0;
    int wait_ms = to_end ? END_MS : ANSWER_MS;
    while (length < room && is_ready(client, wait_ms)) {
        ssize_t got = read_some(client, bytes + length, room - length);
        if (got <= 0)
            break;
        length += (size_t)got;
        wait_ms = to_end ? END_MS : QUIET_MS;
    }
    return length;
}

void fuzz_client_end(struct fuzz_client *client)
{
    if (client->tls)
        (void)SSL_shutdown(client->tls);
    else
        (void)shutdown(client->fd, SHUT_WR);
}

void fuzz_client_close(struct fuzz_client *client)
{
    if (client->tls)
        SSL_free(client->tls);
    (void)close(client->fd);
}
