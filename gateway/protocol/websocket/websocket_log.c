#include "protocol/websocket/websocket_log.h"

#include "base/log.h"

#include <libwebsockets.h>
#include <string.h>

/* The library's log has no context, so this is one of the few mutable globals. */
static bool has_failed;

static void on_line(int level, const char *line)
{
    /* Said by 4.1.6 at each adoption with bytes read ahead, and no error. */
    if (strstr(line, "calling service"))
        return;
    has_failed = has_failed || level & LLL_ERR;
    log_write(level & LLL_ERR ? LOG_LEVEL_WARNING : LOG_LEVEL_DEBUG, "libwebsockets: %.*s",
              (int)strcspn(line, "\n"), line);
}

void websocket_log_begin(void)
{
    has_failed = false;
    lws_set_log_level(LLL_ERR | LLL_WARN, on_line);
}

bool websocket_log_has_failed(void)
{
    return has_failed;
}
