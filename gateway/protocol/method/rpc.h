/* JSON-RPC 2.0, batches included, over whatever carries texts: REST, WebSocket, lines, datagrams. */
#ifndef PROTOCOL_RPC_H
#define PROTOCOL_RPC_H

#include "base/buffer.h"
#include "protocol/service.h"

struct json;
struct json_writer;
struct problem;

enum {
    RPC_REPLY_MAX_BYTES =
        4 * 1024 * 1024, /* four of the largest histories; 256 lines take 200 kB */
    RPC_BATCH_MAX = 64,  /* calls of one batch */
};

/* Answers one text. A batch ends where its answers pass RPC_REPLY_MAX_BYTES: what stands before is done
 * then, and the whole is -ENOBUFS. `reply` is empty afterwards when nothing is to be answered (notifications).
 * A call that fails is an answer, too. 0, or -ENOBUFS / -ENOMEM when the answer does not fit. */
int rpc_answer(struct service *service, const struct caller *caller, const char *text,
               size_t length, struct buffer *reply);

/* Writes an answer that is an error; `id` is NULL where the request has none that can be repeated. */
void rpc_fail(struct json_writer *writer, const struct json *id, const struct problem *problem);

#endif
