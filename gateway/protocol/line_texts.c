#include "protocol/line_texts.h"

#include "base/buffer.h"
#include "circuit/circuit.h"
#include "protocol/json_encode.h"

#include <errno.h>
#include <stdlib.h>

/* A title in every language and a long reason of a lock; a line that needs more is not kept. */
enum { TEXT_MAX_BYTES = 4 * 1024 };

struct line_texts {
    struct circuit *circuit;
    struct {
        uint64_t seq;       /* the line's when the text was made */
        struct buffer text; /* empty for none */
    } lines[CIRCUIT_LINES_MAX];
};

int line_texts_new(struct circuit *circuit, struct line_texts **ret_texts)
{
    struct line_texts *texts = calloc(1, sizeof *texts);
    if (!texts)
        return -ENOMEM;
    texts->circuit = circuit;
    for (size_t i = 0; i < CIRCUIT_LINES_MAX; i++)
        buffer_init(&texts->lines[i].text, TEXT_MAX_BYTES);
    *ret_texts = texts;
    return 0;
}

struct line_texts *line_texts_free(struct line_texts *texts)
{
    if (!texts)
        return NULL;
    line_texts_renew(texts);
    free(texts);
    return NULL;
}

struct circuit *line_texts_circuit(const struct line_texts *texts)
{
    return texts->circuit;
}

void line_texts_renew(struct line_texts *texts)
{
    for (size_t i = 0; i < CIRCUIT_LINES_MAX; i++)
        buffer_done(&texts->lines[i].text);
}

static bool depends_on_moment(const struct line_state *state)
{
    return state->options->gpio.direction == GPIO_DIRECTION_INPUT || state->leased ||
           state->action != CIRCUIT_ACTION_NONE;
}

void line_texts_write(struct line_texts *texts, struct json_writer *writer, size_t line,
                      const struct timestamps *now)
{
    struct buffer *text = &texts->lines[line].text;
    struct line_state state;
    circuit_line(texts->circuit, line, now, &state);
    if (depends_on_moment(&state)) {
        json_encode_line(writer, &state);
        return;
    }
    if (text->length == 0 || texts->lines[line].seq != state.seq) {
        buffer_clear(text);
        struct json_writer kept = json_writer_begin(text);
        json_encode_line(&kept, &state);
        texts->lines[line].seq = state.seq;
    }
    if (text->error) { /* too long, or no memory */
        buffer_done(text);
        json_encode_line(writer, &state);
        return;
    }
    json_write_raw(writer, NULL, text->data, text->length);
}
