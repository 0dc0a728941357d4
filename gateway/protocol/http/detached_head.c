#include "protocol/http/detached_head.h"

#include "base/buffer.h"

void detached_head_write(struct buffer *out, const char *status, const char *origin)
{
    (void)buffer_printf(out,
                        "HTTP/1.1 %s\r\n"
                        "Cache-Control: no-store\r\n"
                        "X-Content-Type-Options: nosniff\r\n"
                        "Referrer-Policy: no-referrer\r\n"
                        "Cross-Origin-Resource-Policy: same-origin\r\n"
                        "X-Frame-Options: DENY\r\n"
                        "Connection: close\r\n",
                        status);
    if (*origin)
        (void)buffer_printf(out,
                            "Access-Control-Allow-Origin: %s\r\n"
                            "Access-Control-Allow-Credentials: true\r\n"
                            "Access-Control-Expose-Headers: Last-Event-ID\r\n"
                            "Vary: Origin\r\n",
                            origin);
}
