/* A line that has another name in the new description is the same line. */
#include "circuit_desk.h"

enum { LIGHT, METER, OTHER };

struct renamed {
    char from[CIRCUIT_NAME_SIZE], to[CIRCUIT_NAME_SIZE];
    unsigned count;
};

static struct renamed renamed;
static struct circuit_store store;

static void note_rename(void *context, const char *from, const char *to)
{
    struct renamed *noted = context;
    (void)snprintf(noted->from, sizeof noted->from, "%s", from);
    (void)snprintf(noted->to, sizeof noted->to, "%s", to);
    noted->count++;
}

static struct desk *start(void **state)
{
    struct desk *desk = desk_of(state);
    (void)desk_output(desk, "light");
    desk_input(desk, "meter")->counter =
        (struct circuit_counter_options){.counts = true, .per_pulse = 1};
    (void)desk_output(desk, "other");
    renamed = (struct renamed){.count = 0};
    store = (struct circuit_store){.context = &renamed, .rename = note_rename};
    desk->store = &store;
    desk_start(desk);
    return desk;
}

static void call_it(struct desk *desk, size_t line, const char *name)
{
    struct circuit_line_options *options = &desk->lines[line];
    memcpy(options->was, options->name, sizeof options->was);
    (void)snprintf(options->name, sizeof options->name, "%s", name);
}

static void note_word(void *context, const char *line, const char *what)
{
    char *words = context;
    (void)snprintf(words + strlen(words), 200 - strlen(words), "%s %s, ", line, what);
}

static void renamed_line_keeps_pin_value_and_what_runs(void **state)
{
    struct desk *desk = start(state);
    char words[200] = "";
    desk_do(desk, (struct command){.verb = COMMAND_SET, .line = LIGHT, .value = 1, .for_ms = 500});
    desk_wait(desk, 100);
    size_t writes = desk->gpio.write_count;
    int claims = desk->gpio.claims;
    uint64_t seq = desk_seq(desk);
    call_it(desk, LIGHT, "licht");
    assert_int_equal(
        circuit_reload(desk->circuit, &desk->options, &desk->now, note_word, words, &desk->error),
        0);
    assert_string_equal(words, "licht renamed, meter kept, other kept, ");
    assert_int_equal(desk->gpio.write_count, writes);
    assert_int_equal(desk->gpio.claims, claims);
    assert_int_equal(desk_seq(desk), seq);
    assert_int_equal(desk_state(desk, LIGHT).action, CIRCUIT_ACTION_FOR);
    assert_int_equal(circuit_find(desk->circuit, "licht"), LIGHT);
    assert_int_equal(circuit_find(desk->circuit, "light"), -1);
    desk_wait(desk, 399);
    assert_int_equal(desk_pin(desk, LIGHT), 1);
    desk_wait(desk, 1);
    assert_int_equal(desk_pin(desk, LIGHT), 0);
    assert_string_equal(desk_text(desk, desk_event(desk, 0)->line_name), "licht");
}

static void renamed_line_keeps_lock_lease_and_counters(void **state)
{
    struct desk *desk = start(state);
    desk_do(desk,
            (struct command){.verb = COMMAND_SET, .line = OTHER, .value = 1, .lease_ms = 5000});
    desk_do(desk, (struct command){.verb = COMMAND_LOCK, .line = LIGHT, .reason = "repair"});
    for (int i = 0; i < 7; i++)
        desk_press(desk, METER, !(i % 2));
    call_it(desk, LIGHT, "licht");
    call_it(desk, METER, "water");
    call_it(desk, OTHER, "andere");
    assert_int_equal(desk_reload(desk), 0);
    assert_string_equal(desk_state(desk, LIGHT).lock_reason, "repair");
    assert_int_equal(desk_state(desk, METER).pulses, 4);
    assert_int_equal(desk_state(desk, METER).edges, 7);
    assert_int_equal(desk_state(desk, METER).value, 1);
    assert_true(desk_state(desk, OTHER).leased && desk_value(desk, OTHER));
    assert_int_equal(renamed.count, 3);
    assert_string_equal(renamed.from, "other");
    assert_string_equal(renamed.to, "andere");
}

/* The file keeps its `was`: what was renamed once is not renamed again. */
static void second_reload_of_the_same_file_changes_nothing(void **state)
{
    struct desk *desk = start(state);
    desk_set(desk, LIGHT, 1);
    call_it(desk, LIGHT, "licht");
    assert_int_equal(desk_reload(desk), 0);
    char words[200] = "";
    uint64_t seq = desk_seq(desk);
    assert_int_equal(
        circuit_reload(desk->circuit, &desk->options, &desk->now, note_word, words, &desk->error),
        0);
    assert_string_equal(words, "licht kept, meter kept, other kept, ");
    assert_int_equal(desk_seq(desk), seq);
    assert_int_equal(desk_pin(desk, LIGHT), 1);
    assert_int_equal(renamed.count, 1);
}

static void program_goes_on_over_a_rename(void **state)
{
    struct desk *desk = desk_of(state);
    (void)desk_output(desk, "light");
    (void)desk_output(desk, "other");
    struct circuit_scene_options *program = desk_program(desk, "program");
    desk_step(program, 0, 0, 1);
    desk_step(program, 1000, 1, 1);
    desk_step(program, 1000, 0, 0);
    desk_start(desk);
    desk_do(desk, (struct command){.verb = COMMAND_SCENE});
    call_it(desk, 0, "licht");
    assert_int_equal(desk_reload(desk), 0);
    assert_int_equal(desk_pin(desk, 0), 1);
    desk_wait(desk, 1000);
    assert_int_equal(desk_pin(desk, 1), 1);
    desk_wait(desk, 1000);
    assert_int_equal(desk_pin(desk, 0), 0);
}

static void rule_that_waits_goes_on_over_a_rename(void **state)
{
    struct desk *desk = desk_of(state);
    (void)desk_output(desk, "light");
    (void)desk_input(desk, "button");
    (void)desk_rule(desk, "hold", 1, CIRCUIT_TRIGGER_HELD, COMMAND_TOGGLE, 0);
    desk->rules[0].when.held_ms = 1000;
    desk_start(desk);
    desk_press(desk, 1, 1);
    desk_wait(desk, 600);
    call_it(desk, 1, "taster");
    assert_int_equal(desk_reload(desk), 0);
    desk_wait(desk, 400);
    assert_int_equal(desk_pin(desk, 0), 1);
}

static void failed_reload_renames_nothing(void **state)
{
    struct desk *desk = start(state);
    desk_set(desk, LIGHT, 1);
    call_it(desk, LIGHT, "licht");
    desk->lines[OTHER].gpio.drive = GPIO_DRIVE_OPEN_DRAIN;
    desk->gpio.claim_error = -EBUSY;
    assert_int_equal(desk_reload(desk), -EBUSY);
    assert_int_equal(circuit_find(desk->circuit, "light"), LIGHT);
    assert_int_equal(desk_pin(desk, LIGHT), 1);
    assert_int_equal(renamed.count, 0);
}

static void start_moves_what_is_stored_before_it_is_recalled(void **state)
{
    struct desk *desk = desk_of(state);
    (void)desk_output(desk, "licht");
    (void)snprintf(desk->lines[LIGHT].was, sizeof desk->lines[LIGHT].was, "light");
    renamed = (struct renamed){.count = 0};
    store = (struct circuit_store){.context = &renamed, .rename = note_rename};
    desk->store = &store;
    desk_start(desk);
    assert_int_equal(renamed.count, 1);
    assert_string_equal(renamed.from, "light");
    assert_string_equal(renamed.to, "licht");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK_TEST(renamed_line_keeps_pin_value_and_what_runs),
        DESK_TEST(renamed_line_keeps_lock_lease_and_counters),
        DESK_TEST(second_reload_of_the_same_file_changes_nothing),
        DESK_TEST(program_goes_on_over_a_rename),
        DESK_TEST(rule_that_waits_goes_on_over_a_rename),
        DESK_TEST(failed_reload_renames_nothing),
        DESK_TEST(start_moves_what_is_stored_before_it_is_recalled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
