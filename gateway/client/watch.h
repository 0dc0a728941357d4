/* `gpio-gateway watch [LINE]...`: prints every event until a signal, or until the gateway ends. */
#ifndef CLIENT_WATCH_H
#define CLIENT_WATCH_H

#include "base/buffer.h"
#include "client/link.h"
#include "client/options.h"

/* `answer` is memory to work with. An exit code: 0 when standard output was closed, 69 when the
 * gateway ended, 1 and 77 when it refused. */
int watch_run(struct link *link, const struct address *address,
              const struct client_options *options, struct buffer *answer);

#endif
