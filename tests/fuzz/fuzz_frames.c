/* Heads of WebSocket frames: the verdict does not depend on how the bytes are cut, and nothing passes behind it. */
#include "fuzz.h"

#include "protocol/websocket/frame_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct frame_check whole, pieces;
    if (length == 0)
        return 0;
    size_t step = bytes[0] % 17 + 1;
    frame_check_init(&whole, 65536);
    frame_check_init(&pieces, 65536);
    size_t seen = frame_check_read(&whole, bytes + 1, length - 1);
    PROMISE(seen <= length - 1);
    PROMISE(whole.code == 0 || (whole.reason && strlen(whole.reason) <= 60));
    size_t seen_in_pieces = 0;
    for (size_t at = 1; at < length; at += step) {
        size_t size = length - at < step ? length - at : step;
        size_t now = frame_check_read(&pieces, bytes + at, size);
        PROMISE(now <= size);
        seen_in_pieces += now;
    }
    PROMISE(whole.code == pieces.code && whole.is_over == pieces.is_over);
    PROMISE(whole.code ? seen_in_pieces >= seen && seen_in_pieces <= seen + FRAME_HEAD_MAX_BYTES
                       : seen_in_pieces == seen);
    PROMISE(!whole.is_over || frame_check_read(&whole, bytes, 1) == 0);
    return 0;
}
