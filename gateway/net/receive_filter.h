/* Looks at what a library reads from a socket before the library does. libmicrohttpd and libwebsockets call
 * recv(2) themselves and have no hook for it; this program defines a recv() of its own, which the dynamic
 * linker prefers (ld.so(8), symbol interposition) and which does the system call and then asks the
 * descriptor's filter. Descriptors without a filter are as ever. For the thread of the loop only. */
#ifndef NET_RECEIVE_FILTER_H
#define NET_RECEIVE_FILTER_H

#include <stddef.h>
#include <stdint.h>

#define RECEIVE_END SIZE_MAX /* the library reads the end of the stream */

struct receive_filter {
    /* What came, at least one byte. Returns how many bytes of it, counted from the first, the library may
     * see; the rest is dropped. With 0 recv() fails with EAGAIN. Or RECEIVE_END. */
    size_t (*check)(void *context, const unsigned char *bytes, size_t length);
    void *context;
    /* What was read from the connection earlier, by another descriptor: recv() returns it before what the
     * kernel has. Borrowed; recv() moves both on. */
    const unsigned char *earlier;
    size_t earlier_length;
};

/* Has `filter` (borrowed, until it is unset) check what recv(2) reads from `fd`; NULL unsets. 0 or
 * -ENOMEM. */
int receive_filter_set(int fd, struct receive_filter *filter);

/* Reads and drops what has come for `fd`, past its filter; at most 64 kB. */
void receive_drop(int fd);

#endif
