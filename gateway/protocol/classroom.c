#include "protocol/classroom.h"

#include "base/buffer.h"
#include "base/json_writer.h"
#include "base/owner.h"
#include "lab/demonstration.h"
#include "protocol/json_encode.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void classroom_init(struct classroom *classroom)
{
    *classroom = (struct classroom){0};
    list_init(&classroom->subscribers);
}

static void forget_run(struct classroom *classroom)
{
    free(classroom->run);
    classroom->run = NULL;
    classroom->run_number = 0;
}

void classroom_done(struct classroom *classroom)
{
    forget_run(classroom);
}

void classroom_listen(struct classroom *classroom, struct classroom_subscriber *subscriber)
{
    list_append(&classroom->subscribers, &subscriber->in_classroom);
}

static void notify(struct classroom *classroom)
{
    classroom->number++;
    LIST_FOR_EACH (member, &classroom->subscribers) {
        struct classroom_subscriber *subscriber =
            CONTAINER_OF(member, struct classroom_subscriber, in_classroom);
        subscriber->changed(subscriber->context);
    }
}

void classroom_show(struct classroom *classroom, uint32_t teacher, const char *step, uint32_t shown)
{
    if (classroom->teacher != teacher || strcmp(classroom->step, step) != 0)
        forget_run(classroom);
    classroom->teacher = teacher;
    classroom->shown = shown;
    (void)snprintf(classroom->step, sizeof classroom->step, "%s", step);
    notify(classroom);
}

int classroom_keep_run(struct classroom *classroom, uint32_t teacher,
                       const struct demonstration *run)
{
    if (teacher == 0 || classroom->teacher != teacher || strcmp(classroom->step, run->step) != 0)
        return 0;
    struct demonstration *copy = malloc(sizeof *copy);
    if (!copy)
        return -ENOMEM;
    *copy = *run;
    free(classroom->run);
    classroom->run = copy;
    classroom->run_number = classroom->number + 1;
    classroom->shown = 1;
    notify(classroom);
    return 0;
}

void classroom_leave(struct classroom *classroom, uint32_t id)
{
    if (id == 0 || classroom->teacher != id)
        return;
    classroom->teacher = 0;
    notify(classroom);
}

void classroom_write(const struct classroom *classroom, uint32_t reader, struct json_writer *writer)
{
    json_write_unsigned(writer, "n", classroom->number);
    json_write_text(writer, "step", *classroom->step ? classroom->step : NULL);
    json_write_unsigned(writer, "shown", classroom->shown);
    json_write_unsigned(writer, "run", classroom->run_number);
    json_write_bool(writer, "present", classroom->teacher != 0);
    json_write_bool(writer, "you", reader != 0 && classroom->teacher == reader);
}

int classroom_encode(const struct classroom *classroom, uint32_t reader, struct buffer *buffer)
{
    struct json_writer writer = json_encode_notification(buffer, "lesson.shown");
    json_write_object(&writer, NULL);
    classroom_write(classroom, reader, &writer);
    json_write_object_end(&writer);
    json_write_object_end(&writer);
    return buffer->error;
}
