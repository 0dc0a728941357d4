#include "net/register.h"

#include "base/clock.h"
#include "base/owner.h"
#include "net/socket_entry.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct kept_call {
    uint64_t number;
    int64_t time_ns;
    const char *name;
    char *text; /* owned */
    int result;
};

struct socket_register {
    struct list sockets; /* by id */
    struct list listeners;
    uint32_t last_id;
    uint64_t next; /* number of the next call */
    struct socket_call ring[REGISTER_CALLS_MAX];
};

int register_new(struct socket_register **ret_register)
{
    struct socket_register *reg = calloc(1, sizeof *reg);
    if (!reg)
        return -ENOMEM;
    list_init(&reg->sockets);
    list_init(&reg->listeners);
    reg->next = 1;
    *ret_register = reg;
    return 0;
}

struct socket_register *register_free(struct socket_register *reg)
{
    if (!reg)
        return NULL;
    assert(list_is_empty(&reg->sockets));
    LIST_FOR_EACH (member, &reg->listeners)
        list_remove(member);
    free(reg);
    return NULL;
}

void register_listen(struct socket_register *reg, struct register_listener *listener)
{
    list_append(&reg->listeners, &listener->in_register);
}

void register_unlisten(struct register_listener *listener)
{
    list_remove(&listener->in_register);
}

uint64_t register_next(const struct socket_register *reg)
{
    return reg->next;
}

size_t register_calls(const struct socket_register *reg, uint64_t since, struct socket_call *calls,
                      size_t max, uint64_t *ret_next, uint64_t *ret_lost)
{
    uint64_t oldest = reg->next > REGISTER_CALLS_MAX ? reg->next - REGISTER_CALLS_MAX : 1;
    uint64_t first = since > reg->next ? reg->next : since;
    uint64_t lost = first > 0 && first < oldest ? oldest - first : 0;
    if (first < oldest)
        first = oldest;
    size_t count = 0;
    while (count < max && first + count < reg->next) {
        calls[count] = reg->ring[(first + count) % REGISTER_CALLS_MAX];
        count++;
    }
    *ret_next = first + count;
    if (ret_lost)
        *ret_lost = lost;
    return count;
}

const struct socket *register_find(const struct socket_register *reg, uint32_t id)
{
    LIST_FOR_EACH (member, &reg->sockets) {
        const struct socket *socket = CONTAINER_OF(member, struct socket, in_register);
        if (socket->id == id)
            return socket;
    }
    return NULL;
}

size_t register_ids(const struct socket_register *reg, uint32_t *ids, size_t max)
{
    size_t count = 0;
    LIST_FOR_EACH (member, &reg->sockets) {
        if (count < max)
            ids[count] = CONTAINER_OF(member, struct socket, in_register)->id;
        count++;
    }
    return count;
}

void register_each(const struct socket_register *reg,
                   void (*each)(void *context, const struct socket *socket), void *context)
{
    LIST_FOR_EACH (member, &reg->sockets)
        each(context, CONTAINER_OF(member, struct socket, in_register));
}

int register_socket_calls(const struct socket_register *reg, uint32_t id,
                          struct socket_call calls[REGISTER_KEPT_MAX], uint32_t *ret_dropped)
{
    const struct socket *socket = register_find(reg, id);
    if (!socket)
        return -ENOENT;
    for (unsigned i = 0; i < socket->kept_count; i++) {
        const struct kept_call *kept = &socket->kept[i];
        calls[i] = (struct socket_call){.number = kept->number,
                                        .time_ns = kept->time_ns,
                                        .socket = id,
                                        .result = kept->result,
                                        .name = kept->name};
        (void)snprintf(calls[i].text, sizeof calls[i].text, "%s", kept->text);
    }
    if (ret_dropped)
        *ret_dropped = socket->kept_dropped;
    return socket->kept_count;
}

void register_enter(struct socket_register *reg, struct socket *socket)
{
    socket->reg = reg;
    socket->id = ++reg->last_id;
    socket->opened_ns = clock_monotonic_ns();
    list_append(&reg->sockets, &socket->in_register);
}

void register_leave(struct socket *socket)
{
    list_remove(&socket->in_register);
    for (unsigned i = 0; i < socket->kept_count; i++)
        free(socket->kept[i].text);
    free(socket->kept);
    socket->kept = NULL;
    socket->kept_count = socket->kept_capacity = 0;
}

/* Adds a slot for one more call at the end; NULL without memory. */
static struct kept_call *keep_slot(struct socket *socket)
{
    if (socket->kept_count == REGISTER_KEPT_MAX) {
        struct kept_call *drop = &socket->kept[REGISTER_KEPT_FIRST];
        free(drop->text);
        memmove(drop, drop + 1, (REGISTER_KEPT_LAST - 1) * sizeof *drop);
        socket->kept_count--;
        socket->kept_dropped++;
    }
    if (socket->kept_count == socket->kept_capacity) {
        unsigned capacity = socket->kept_capacity ? socket->kept_capacity * 2U : 4;
        if (capacity > REGISTER_KEPT_MAX)
            capacity = REGISTER_KEPT_MAX;
        struct kept_call *kept = reallocarray(socket->kept, capacity, sizeof *kept);
        if (!kept)
            return NULL;
        socket->kept = kept;
        socket->kept_capacity = (uint8_t)capacity;
    }
    return &socket->kept[socket->kept_count];
}

static void keep_call(struct socket *socket, const struct socket_call *call)
{
    char *text = strdup(call->text);
    struct kept_call *slot = text ? keep_slot(socket) : NULL;
    if (!slot) {
        free(text);
        socket->kept_dropped++;
        return;
    }
    *slot = (struct kept_call){.number = call->number,
                               .time_ns = call->time_ns,
                               .name = call->name,
                               .text = text,
                               .result = call->result};
    socket->kept_count++;
}

static struct socket_call *begin_call(struct socket *socket, const char *name, int result)
{
    struct socket_register *reg = socket->reg;
    struct socket_call *call = &reg->ring[reg->next % REGISTER_CALLS_MAX];
    call->number = reg->next++;
    call->time_ns = clock_wall_ns();
    call->socket = socket->id;
    call->result = result;
    call->name = name;
    return call;
}

static void finish_call(struct socket *socket, enum register_keep keep,
                        const struct socket_call *call)
{
    if (keep == REGISTER_KEPT)
        keep_call(socket, call);
    LIST_FOR_EACH (member, &socket->reg->listeners) {
        const struct register_listener *listener =
            CONTAINER_OF(member, struct register_listener, in_register);
        listener->added(listener->context, call);
    }
}

void register_note(struct socket *socket, enum register_keep keep, const char *name, int result,
                   const char *format, ...)
{
    struct socket_call *call = begin_call(socket, name, result);
    va_list arguments;
    va_start(arguments, format);
    int used = vsnprintf(call->text, sizeof call->text, format, arguments);
    va_end(arguments);
    assert(used >= 0 && (size_t)used < sizeof call->text);
    size_t left = sizeof call->text - (size_t)used;
    if (result < 0)
        (void)snprintf(call->text + used, left, " = %s", call_errno_name(result));
    else
        (void)snprintf(call->text + used, left, " = %d", result);
    finish_call(socket, keep, call);
}

void register_note_text(struct socket *socket, enum register_keep keep, const char *name,
                        int result, const char *format, ...)
{
    struct socket_call *call = begin_call(socket, name, result);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(call->text, sizeof call->text, format, arguments);
    va_end(arguments);
    finish_call(socket, keep, call);
}

bool register_data_due(struct socket *socket)
{
    int64_t second = clock_monotonic_ns() / CLOCK_NS_PER_SECOND;
    if (second != socket->data_second) {
        socket->data_second = second;
        socket->data_listed = 0;
    }
    if (socket->data_listed == REGISTER_DATA_PER_SECOND) {
        socket->data_unlisted++;
        return false;
    }
    socket->data_listed++;
    return true;
}
