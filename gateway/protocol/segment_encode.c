#include "protocol/segment_encode.h"

#include "base/json_writer.h"
#include "net/call.h"
#include "net/segment.h"

#include <errno.h>
#include <stdio.h>

void segment_encode_available(struct json_writer *writer, int error, const char *failed)
{
    bool is_forbidden = error == -EPERM || error == -EACCES;
    char reason[256];
    json_write_bool(writer, "available", error == 0);
    if (error == 0)
        return;
    (void)snprintf(reason, sizeof reason, "%s: %s%s", failed, call_errno_name(error),
                   is_forbidden
                       ? ". Packets need CAP_NET_RAW: sudo setcap cap_net_raw+ep "
                         "build/gpio-gateway, or AmbientCapabilities=CAP_NET_RAW in the service."
                       : "");
    if (is_forbidden)
        json_write_text(writer, "reason_key", "capture.permission");
    json_write_text(writer, "reason", reason);
}

void segment_encode_flags(struct json_writer *writer, uint8_t flags)
{
    json_write_list(writer, "flags");
    for (unsigned bit = 0; bit < 8; bit++) {
        char name[SEGMENT_FLAGS_SIZE];
        if (flags & (1U << bit))
            json_write_text(writer, NULL, segment_flags((uint8_t)(1U << bit), name));
    }
    json_write_list_end(writer);
}
