#include "config/keys.h"

#include "base/json.h"

/* A scene seen by one interlock: which members are on as far as the scene itself says. */
struct stage {
    const struct circuit_interlock_options *interlock;
    bool on[CIRCUIT_LINES_MAX];    /* by line */
    bool fresh[CIRCUIT_LINES_MAX]; /* switched on in the present instant */
};

static void stage_set(struct stage *stage, const struct circuit_scene_step *step)
{
    stage->on[step->line] = step->value;
    stage->fresh[step->line] = step->value;
}

/* At the end of an instant: two members that are on together. Break-before-make lets the one that was
 * on before go, so that only two new ones meet. */
static bool stage_has_conflict(const struct stage *stage, uint16_t pair[2])
{
    const struct circuit_interlock_options *interlock = stage->interlock;
    const bool *on = interlock->mode == CIRCUIT_INTERLOCK_BREAK ? stage->fresh : stage->on;
    size_t found = 0;
    for (size_t i = 0; i < interlock->count && found < 2; i++)
        if (on[interlock->lines[i]])
            pair[found++] = interlock->lines[i];
    return found == 2;
}

static bool scene_has_conflict(const struct circuit_scene_options *scene,
                               const struct circuit_interlock_options *interlock, uint16_t pair[2])
{
    struct stage stage = {.interlock = interlock};
    for (size_t i = 0; i < scene->count; i++) {
        if (!scene->steps[i].does)
            stage_set(&stage, &scene->steps[i]);
        if (i + 1 < scene->count && scene->steps[i + 1].after_ms == 0)
            continue;
        if (stage_has_conflict(&stage, pair))
            return true;
        for (size_t j = 0; j < CIRCUIT_LINES_MAX; j++)
            stage.fresh[j] = false;
    }
    return false;
}

void scene_conflicts_check(struct field_reader *reader, const struct json *scene,
                           const void *target)
{
    const struct circuit_options *circuit = &config_of(reader)->circuit;
    const char *key = json_get(scene, "set") ? "set" : "steps";
    for (size_t i = 0; i < circuit->interlock_count; i++) {
        uint16_t pair[2];
        if (scene_has_conflict(target, &circuit->interlocks[i], pair))
            field_fail(reader, json_get(scene, key), key,
                       "\"%s\" and \"%s\" of interlock \"%s\" would be on together",
                       circuit->lines[pair[0]].name, circuit->lines[pair[1]].name,
                       circuit->interlocks[i].name);
    }
}
