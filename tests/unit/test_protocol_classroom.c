#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "lab/demonstration.h"
#include "protocol/classroom.h"

#include <errno.h>
#include <string.h>

enum { TEACHER = 7, OTHER = 8 };

struct room {
    struct classroom classroom;
    struct classroom_subscriber listener;
    unsigned told;
};

static void on_change(void *context)
{
    ((struct room *)context)->told++;
}

static int set_up(void **state)
{
    static struct room room;
    room = (struct room){.listener = {.changed = on_change, .context = &room}};
    classroom_init(&room.classroom);
    classroom_listen(&room.classroom, &room.listener);
    *state = &room;
    return 0;
}

static int tear_down(void **state)
{
    struct room *room = *state;
    classroom_done(&room->classroom);
    return 0;
}

static void each_change_is_told_once_with_its_number(void **state)
{
    struct room *room = *state;
    classroom_show(&room->classroom, TEACHER, "tcp", 0);
    classroom_show(&room->classroom, TEACHER, "tcp", 3);
    assert_int_equal(room->told, 2);
    struct buffer buffer;
    buffer_init(&buffer, 1024);
    assert_int_equal(classroom_encode(&room->classroom, TEACHER, &buffer), 0);
    assert_string_equal(buffer_text(&buffer),
                        "{\"jsonrpc\":\"2.0\",\"method\":\"lesson.shown\",\"params\":{\"n\":2,"
                        "\"step\":\"tcp\",\"shown\":3,\"run\":0,\"present\":true,\"you\":true}}");
    buffer_done(&buffer);
}

static void run_of_the_step_is_kept_and_goes_with_it(void **state)
{
    struct room *room = *state;
    struct demonstration run = {.step = "tcp", .port = 4711};
    classroom_show(&room->classroom, TEACHER, "tcp", 9);
    assert_int_equal(classroom_keep_run(&room->classroom, TEACHER, &run), 0);
    assert_int_equal(room->classroom.run->port, 4711);
    assert_int_equal(room->classroom.shown, 1);
    uint64_t number = room->classroom.run_number;
    assert_int_equal(number, room->classroom.number);
    classroom_show(&room->classroom, TEACHER, "tcp", 2);
    assert_int_equal(room->classroom.run_number, number);
    classroom_show(&room->classroom, TEACHER, "udp", 0);
    assert_null(room->classroom.run);
    assert_int_equal(room->classroom.run_number, 0);
}

static void run_of_another_step_or_person_is_not_taken(void **state)
{
    struct room *room = *state;
    struct demonstration run = {.step = "udp"};
    classroom_show(&room->classroom, TEACHER, "tcp", 0);
    assert_int_equal(classroom_keep_run(&room->classroom, TEACHER, &run), 0);
    run.step = "tcp";
    assert_int_equal(classroom_keep_run(&room->classroom, OTHER, &run), 0);
    assert_int_equal(classroom_keep_run(&room->classroom, 0, &run), 0);
    assert_null(room->classroom.run);
    assert_int_equal(room->told, 1);
}

static void class_is_told_when_its_teacher_goes_and_keeps_the_step(void **state)
{
    struct room *room = *state;
    classroom_show(&room->classroom, TEACHER, "tcp", 0);
    classroom_leave(&room->classroom, OTHER);
    assert_int_equal(room->told, 1);
    classroom_leave(&room->classroom, TEACHER);
    assert_int_equal(room->told, 2);
    assert_int_equal(room->classroom.teacher, 0);
    assert_string_equal(room->classroom.step, "tcp");
    classroom_leave(&room->classroom, TEACHER);
    classroom_leave(&room->classroom, 0);
    assert_int_equal(room->told, 2);
}

#define RULE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest rules[] = {
        RULE(each_change_is_told_once_with_its_number),
        RULE(run_of_the_step_is_kept_and_goes_with_it),
        RULE(run_of_another_step_or_person_is_not_taken),
        RULE(class_is_told_when_its_teacher_goes_and_keeps_the_step),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
