/* Every method of the gateway, in process: JSON-RPC and the words of the text protocol against a circuit of simulated
 * pins. The first byte chooses who asks and how. Every answer is valid UTF-8, and JSON where it is JSON-RPC. */
#include "fuzz.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/utf8.h"
#include "protocol/method/rpc.h"
#include "protocol/text/text_command.h"
#include "protocol_rig.h"

static void call_json(struct protocol_rig *rig, const struct caller *caller, const char *text,
                      size_t length)
{
    struct buffer reply;
    buffer_init(&reply, RPC_REPLY_MAX_BYTES);
    if (rpc_answer(&rig->service, caller, text, length, &reply) == 0 && reply.length > 0) {
        struct json *read = NULL;
        PROMISE(utf8_is_valid(buffer_text(&reply), reply.length));
        PROMISE(json_parse(buffer_text(&reply), reply.length, &read, NULL) == 0);
        json_free(read);
    }
    buffer_done(&reply);
}

static void call_words(struct protocol_rig *rig, const struct caller *caller, const char *text,
                       size_t length)
{
    struct buffer reply;
    struct text_command command;
    struct problem problem;
    buffer_init(&reply, RPC_REPLY_MAX_BYTES);
    if (text_command_parse(text, length, &command, &problem))
        (void)text_command_fail(&command, &problem, &reply);
    else if (command.kind == TEXT_METHOD)
        (void)text_command_call(&rig->service, caller, &command, &reply);
    text_command_done(&command);
    PROMISE(utf8_is_valid(buffer_text(&reply), reply.length));
    PROMISE(reply.length == 0 || buffer_text(&reply)[reply.length - 1] == '\n');
    buffer_done(&reply);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static void *state;
    if (!state)
        PROMISE(protocol_rig_setup(&state) == 0);
    struct protocol_rig *rig = state;
    if (length == 0)
        return 0;
    char *text = fuzz_text(bytes + 1, length - 1);
    const struct caller *callers[] = {&rig->operator, & rig->viewer, &rig->stranger};
    const struct caller *caller = callers[bytes[0] / 2 % 3];
    if (bytes[0] % 2)
        call_words(rig, caller, text, length - 1);
    else
        call_json(rig, caller, text, length - 1);
    free(text);
    return 0;
}
