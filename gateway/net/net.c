#include "net/net.h"

#include "base/list.h"
#include "net/proxy_list.h"
#include "net/quota.h"
#include "net/register.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

struct net {
    struct loop *loop; /* borrowed */
    struct socket_register *reg;
    struct quota *quota;
    struct list unauthenticated;
    struct proxy_list proxies;
    struct lingering *lingering; /* owned; NULL until the first stream lingers */
    struct lingering *(*free_lingering)(struct lingering *lingering);
    unsigned backlog;
    int spare_fd;
};

int net_new(struct loop *loop, const struct net_limits *limits, struct net **ret_net)
{
    struct net *net = calloc(1, sizeof *net);
    if (!net)
        return -ENOMEM;
    net->loop = loop;
    net->backlog = limits->backlog;
    list_init(&net->unauthenticated);
    net->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int error = net->spare_fd < 0 ? -errno : 0;
    if (!error)
        error = register_new(&net->reg);
    if (!error)
        error = quota_new(limits, &net->quota);
    if (error) {
        net_free(net);
        return error;
    }
    *ret_net = net;
    return 0;
}

struct net *net_free(struct net *net)
{
    if (!net)
        return NULL;
    if (net->lingering)
        net->lingering = net->free_lingering(net->lingering);
    net->quota = quota_free(net->quota);
    net->reg = register_free(net->reg);
    if (net->spare_fd >= 0)
        (void)close(net->spare_fd);
    free(net);
    return NULL;
}

struct socket_register *net_register(struct net *net)
{
    return net->reg;
}

unsigned net_connections(const struct net *net)
{
    return quota_used(net->quota);
}

struct loop *net_loop(struct net *net)
{
    return net->loop;
}

void net_set_proxies(struct net *net, const struct proxy_list *proxies)
{
    net->proxies = *proxies;
}

const struct proxy_list *net_proxies(const struct net *net)
{
    return &net->proxies;
}

struct list *net_unauthenticated(struct net *net)
{
    return &net->unauthenticated;
}

struct quota *net_quota(struct net *net)
{
    return net->quota;
}

struct lingering *net_lingering(struct net *net)
{
    return net->lingering;
}

void net_set_lingering(struct net *net, struct lingering *lingering,
                       struct lingering *(*free)(struct lingering *lingering))
{
    net->lingering = lingering;
    net->free_lingering = free;
}

unsigned net_backlog(const struct net *net)
{
    return net->backlog;
}

bool net_release_spare(struct net *net)
{
    if (net->spare_fd < 0)
        return false;
    (void)close(net->spare_fd);
    net->spare_fd = -1;
    return true;
}

void net_restore_spare(struct net *net)
{
    if (net->spare_fd < 0)
        net->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}
