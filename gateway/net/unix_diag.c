#include "net/unix_diag.h"

#include "base/owner.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

enum { ANSWER_BYTES = 1024 };

struct request {
    struct nlmsghdr head;
    struct unix_diag_req body;
};

static int ask(int netlink, ino_t inode)
{
    struct request request = {
        .head = {.nlmsg_len = sizeof request,
                 .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                 .nlmsg_flags = NLM_F_REQUEST},
        .body = {.sdiag_family = AF_UNIX,
                 .udiag_states = UINT32_MAX,
                 .udiag_ino = (uint32_t)inode,
                 .udiag_show = UDIAG_SHOW_RQLEN,
                 .udiag_cookie = {UINT32_MAX, UINT32_MAX}},
    };
    return send(netlink, &request, sizeof request, MSG_DONTWAIT) < 0 ? -errno : 0;
}

static int read_answer(const struct nlmsghdr *head, size_t length, uint32_t *ret_now,
                       uint32_t *ret_max)
{
    if (length < NLMSG_LENGTH(sizeof(struct unix_diag_msg)) ||
        head->nlmsg_type != SOCK_DIAG_BY_FAMILY || head->nlmsg_len > length)
        return -ENOENT;
    size_t offset = NLMSG_LENGTH(sizeof(struct unix_diag_msg));
    while (offset + sizeof(struct rtattr) <= head->nlmsg_len) {
        struct rtattr part;
        struct unix_diag_rqlen queue;
        memcpy(&part, (const char *)head + offset, sizeof part);
        if (part.rta_len < sizeof part || offset + part.rta_len > head->nlmsg_len)
            break;
        if (part.rta_type == UNIX_DIAG_RQLEN && part.rta_len >= RTA_LENGTH(sizeof queue)) {
            memcpy(&queue, (const char *)head + offset + RTA_LENGTH(0), sizeof queue);
            *ret_now = queue.udiag_rqueue;
            *ret_max = queue.udiag_wqueue;
            return 0;
        }
        offset += RTA_ALIGN(part.rta_len);
    }
    return -ENOENT;
}

int unix_diag_queue(int fd, uint32_t *ret_now, uint32_t *ret_max)
{
    struct stat status;
    if (fstat(fd, &status) < 0)
        return -errno;
    AUTO_FD netlink =
        socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG);
    if (netlink < 0)
        return -errno;
    int error = ask(netlink, status.st_ino);
    if (error)
        return error;
    union {
        struct nlmsghdr head;
        char bytes[ANSWER_BYTES];
    } answer;
    ssize_t received = recv(netlink, &answer, sizeof answer, MSG_DONTWAIT);
    if (received < 0)
        return -errno;
    return read_answer(&answer.head, (size_t)received, ret_now, ret_max);
}
