#include "config/keys.h"

#include "config/config.h"
#include "config/reader.h"

#include "base/buffer.h"
#include "base/json.h"

#include <stdio.h>

enum { RISES = 1 << 0, FALLS = 1 << 1, LOOP_TEXT_SIZE = 300 };

/* What a rule may do to each line, by itself or by what follows from it. */
struct moves {
    uint8_t lines[CIRCUIT_LINES_MAX];
};

/* Which rule may set off which. */
struct graph {
    size_t count;
    bool next[CIRCUIT_RULES_MAX][CIRCUIT_RULES_MAX];
    bool reaches[CIRCUIT_RULES_MAX][CIRCUIT_RULES_MAX];
};

static uint8_t move_to(int value)
{
    return value ? RISES : FALLS;
}

static uint8_t move_to_safe(const struct circuit_line_options *line)
{
    return line->safe == CIRCUIT_SAFE_HOLD ? 0 : move_to(line->safe == CIRCUIT_SAFE_1);
}

static void move_scene(const struct circuit_options *circuit, const struct command *command,
                       struct moves *moves)
{
    const struct circuit_scene_options *scene = &circuit->scenes[command->line];
    for (size_t i = 0; i < scene->count; i++)
        moves->lines[scene->steps[i].line] |= move_to(scene->steps[i].value);
}

static void move_off(const struct circuit_options *circuit, struct moves *moves)
{
    for (size_t i = 0; i < circuit->line_count; i++)
        if (circuit->lines[i].gpio.direction == GPIO_DIRECTION_OUTPUT)
            moves->lines[i] |= move_to_safe(&circuit->lines[i]);
}

static void move_directly(const struct circuit_options *circuit, const struct command *command,
                          struct moves *moves)
{
    switch (command->verb) {
    case COMMAND_SET:
        moves->lines[command->line] = command->for_ms ? RISES | FALLS : move_to(command->value);
        break;
    case COMMAND_TOGGLE:
    case COMMAND_PULSE:
    case COMMAND_BLINK:
    case COMMAND_PWM:
        moves->lines[command->line] = RISES | FALLS;
        break;
    case COMMAND_SCENE:
        move_scene(circuit, command, moves);
        break;
    case COMMAND_OFF:
        move_off(circuit, moves);
        break;
    case COMMAND_STOP:
    case COMMAND_LOCK:
    case COMMAND_UNLOCK:
        break;
    }
}

/* A member that comes on switches the others off. */
static void give_way(const struct circuit_interlock_options *interlock, struct moves *moves)
{
    size_t rising = 0;
    for (size_t i = 0; i < interlock->count; i++)
        rising += (moves->lines[interlock->lines[i]] & RISES) != 0;
    for (size_t i = 0; i < interlock->count; i++) {
        uint8_t *move = &moves->lines[interlock->lines[i]];
        if (rising > (size_t)((*move & RISES) != 0))
            *move |= FALLS;
    }
}

/* A line that comes on goes off by its own limits, and makes others of an interlock give way. */
static void move_further(const struct circuit_options *circuit, const struct command *command,
                         struct moves *moves)
{
    for (size_t i = 0; i < circuit->line_count; i++) {
        const struct circuit_line_options *line = &circuit->lines[i];
        if (!(moves->lines[i] & RISES))
            continue;
        if (line->max_on_ms > 0)
            moves->lines[i] |= FALLS;
        if (line->lease_ms > 0 || command->lease_ms > 0)
            moves->lines[i] |= move_to_safe(line);
    }
    for (size_t i = 0; i < circuit->interlock_count; i++)
        if (circuit->interlocks[i].mode == CIRCUIT_INTERLOCK_BREAK)
            give_way(&circuit->interlocks[i], moves);
}

static bool sets_off(const struct moves *moves, const struct circuit_rule_options *rule)
{
    if (rule->line == RULE_LINE_UNKNOWN)
        return false;
    uint8_t move = moves->lines[rule->line];
    if (rule->trigger == CIRCUIT_TRIGGER_BOTH)
        return move != 0;
    return move & (rule->trigger == CIRCUIT_TRIGGER_FALLING ? FALLS : RISES);
}

static void fill_graph(const struct circuit_options *circuit, struct graph *graph)
{
    graph->count = circuit->rule_count;
    for (size_t i = 0; i < graph->count; i++) {
        const struct circuit_rule_options *rule = &circuit->rules[i];
        struct moves moves = {{0}};
        if (rule->line == RULE_LINE_UNKNOWN)
            continue;
        move_directly(circuit, &rule->command, &moves);
        move_further(circuit, &rule->command, &moves);
        for (size_t j = 0; j < graph->count; j++)
            graph->next[i][j] = graph->reaches[i][j] = sets_off(&moves, &circuit->rules[j]);
    }
    /* Warshall: paths by way of k. */
    for (size_t k = 0; k < graph->count; k++)
        for (size_t i = 0; i < graph->count; i++)
            for (size_t j = 0; graph->reaches[i][k] && j < graph->count; j++)
                graph->reaches[i][j] |= graph->reaches[k][j];
}

/* The shortest way from `start` back to it, breadth first: `before[i]` is the rule that sets off i on
 * it. The last rule of the way is returned. */
static size_t find_way(const struct graph *graph, size_t start, size_t before[CIRCUIT_RULES_MAX])
{
    bool seen[CIRCUIT_RULES_MAX] = {false};
    size_t queue[CIRCUIT_RULES_MAX];
    size_t count = 0;
    queue[count++] = start;
    seen[start] = true;
    for (size_t i = 0; i < count; i++) {
        size_t at = queue[i];
        if (graph->next[at][start])
            return at;
        for (size_t j = 0; j < graph->count; j++) {
            if (!graph->next[at][j] || seen[j])
                continue;
            seen[j] = true;
            before[j] = at;
            queue[count++] = j;
        }
    }
    return start;
}

/* "a → b → a" */
static void write_loop(const struct circuit_options *circuit, const struct graph *graph,
                       size_t start, char text[LOOP_TEXT_SIZE])
{
    size_t before[CIRCUIT_RULES_MAX] = {0};
    size_t way[CIRCUIT_RULES_MAX];
    size_t length = 0;
    for (size_t at = find_way(graph, start, before); at != start; at = before[at])
        way[length++] = at;
    struct buffer loop;
    buffer_init(&loop, LOOP_TEXT_SIZE - 1);
    (void)buffer_append_text(&loop, circuit->rules[start].name);
    while (length > 0)
        (void)buffer_printf(&loop, " → %s", circuit->rules[way[--length]].name);
    (void)buffer_printf(&loop, " → %s", circuit->rules[start].name);
    (void)snprintf(text, LOOP_TEXT_SIZE, "%s", buffer_text(&loop));
    buffer_done(&loop);
}

/* A loop is told once, at the first of its rules. */
static bool is_first_of_loop(const struct graph *graph, size_t rule)
{
    if (!graph->reaches[rule][rule])
        return false;
    for (size_t i = 0; i < rule; i++)
        if (graph->reaches[i][rule] && graph->reaches[rule][i])
            return false;
    return true;
}

void rule_loops_check(struct reader *reader, const struct json *rules)
{
    const struct circuit_options *circuit = &reader_config(reader)->circuit;
    const struct json *item = json_first(rules);
    struct graph graph = {0};
    fill_graph(circuit, &graph);
    for (size_t i = 0; i < graph.count; i++, item = json_next(item)) {
        if (!is_first_of_loop(&graph, i))
            continue;
        char leaf[32];
        char text[LOOP_TEXT_SIZE];
        (void)snprintf(leaf, sizeof leaf, "rules[%zu]", i);
        write_loop(circuit, &graph, i, text);
        reader_fail(reader, item, leaf, "these rules set each other off without end: %s", text);
    }
}
