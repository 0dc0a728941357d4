/* An accepted (or connected) stream: one connection's descriptor and its entry in the register. It
 * counts against the limits until it is closed or forgotten, whichever library uses its descriptor. */
#ifndef NET_STREAM_H
#define NET_STREAM_H

#include "net/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct net;
struct socket;
struct stream;

enum { STREAM_SOURCE_SIZE = 72 }; /* "[fe80::…%interface-name]:51514" */

/* The peer of an AF_UNIX stream (SO_PEERCRED, unix(7)). */
struct stream_credentials {
    pid_t pid;
    uid_t uid;
    gid_t gid;
};

int stream_fd(const struct stream *stream);
uint32_t stream_id(const struct stream *stream); /* the register's id; never used again */
const struct address *stream_peer(const struct stream *stream);
const struct address *stream_local(const struct stream *stream);

/* The peer as text, for `source` and logs: "192.168.1.7:51514", "unix:pid=812". Borrowed. */
const char *stream_source(const struct stream *stream);

/* 0, or -ENOTSUP when the stream is not AF_UNIX. */
int stream_get_credentials(const struct stream *stream, struct stream_credentials *ret);

/* socketpair(2) of AF_UNIX streams: one end is a stream that is not counted against the limits, the
 * other is `*ret_fd`, owned by the caller, close-on-exec and blocking, for a child process. 0, -ENOMEM, or a negative
 * errno. */
int stream_open_pair(struct net *net, const char *owner, struct stream **ret_stream, int *ret_fd);

/* Notes the new owner of the stream ("websocket", "events"); a literal. */
void stream_hand_over(struct stream *stream, const char *owner);

/* Opens a second descriptor of the same connection (fcntl(2) F_DUPFD_CLOEXEC), which stream_fd() then
 * returns; the owner of the first one closes it. 0 or a negative errno. */
int stream_duplicate(struct stream *stream);

/* recv(2) and send(2) with MSG_NOSIGNAL: bytes, 0 at the end of the stream (read), -EAGAIN, or
 * another negative errno. */
ssize_t stream_read(struct stream *stream, void *bytes, size_t size);
ssize_t stream_write(struct stream *stream, const void *bytes, size_t length);

/* True when the peer has ended the stream and nothing is left to read. */
bool stream_has_ended(const struct stream *stream);

/* Shuts the reading side: a library that uses the descriptor wakes up, reads the end, and can still write
 * its pending answers. */
void stream_shut_read(struct stream *stream);

/* Shuts the writing side: the peer reads the end behind what was written. */
void stream_shut_write(struct stream *stream);

/* Shuts the connection in both directions without closing the descriptor, which a library may use: it then
 * reads the end of the stream and closes. */
void stream_shut(struct stream *stream);

/* Closes the descriptor, removes the entry, frees. NULL is legal; returns NULL. */
struct stream *stream_close(struct stream *stream);

/* The same when a library has closed the descriptor itself. */
struct stream *stream_forget(struct stream *stream);

/* Makes the kernel probe a silent peer (tcp(7) SO_KEEPALIVE) after `idle_s`, and end the connection when
 * no answer arrives within `wait_s`. The process does not wake up for it. -ENOTSUP for AF_UNIX, where the
 * kernel reports the end of a peer at once. */
int stream_keep_alive(struct stream *stream, unsigned idle_s, unsigned wait_s);

/* The plain side of `outer`, whose bytes are encrypted: a stream of a socketpair(2) with the addresses and the place in
 * the limits of `outer`. The other end is `*ret_fd`, owned by the caller, close-on-exec and non-blocking. 0, -ENOMEM, or
 * a negative errno. */
int stream_open_plain(struct stream *outer, const char *owner, struct stream **ret_stream,
                      int *ret_fd);

/* True for a stream of stream_open_plain(). */
bool stream_is_secure(const struct stream *stream);

/* Counts a stream that stays open for `client` (copied), on whose behalf a proxy made it, instead of for the proxy.
 * NULL, or one sentence that names the limit that is reached; then all stays as it was. */
const char *stream_count_for(struct stream *stream, const struct address *client);

/* The peer has authenticated; NULL is legal. At the limit of connections the oldest stream that has not, for at
 * least a second, is shut in favour of a new one. */
void stream_set_authenticated(struct stream *stream);

/* Sets how many bytes of answers wait for the peer. */
void stream_set_waiting(struct stream *stream, size_t bytes);

/* False while too many bytes wait, for this peer or for all together: refuse, or stop reading requests. */
bool stream_may_answer(const struct stream *stream);

/* ---- for the rest of net/ ---- */

/* accept4(2) of one stream, not counted. 0, -EAGAIN, -ENOMEM, or another negative errno. */
int stream_accept(struct net *net, struct socket *listener, struct stream **ret_stream);

/* Counts it against the limits. NULL, or one sentence that names the limit that is reached. */
const char *stream_count(struct stream *stream);

/* The context that the stream was accepted in. Borrowed. */
struct net *stream_net(const struct stream *stream);
struct socket *stream_socket(struct stream *stream);

#endif
