#include "view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_SIZE = 16 };

static char names[VIEW_LINES_MAX][NAME_SIZE];
static int name_count;

void view_init(struct view *view)
{
    *view = (struct view){0};
    memset(view->values, 0xff, sizeof view->values);
}

int view_line(const char *text)
{
    size_t length = strcspn(text, "\"= \n");
    for (int i = 0; i < name_count; i++)
        if (strlen(names[i]) == length && memcmp(names[i], text, length) == 0)
            return i;
    if (name_count == VIEW_LINES_MAX || length >= NAME_SIZE) {
        (void)puts("wrong: too many lines");
        exit(1);
    }
    memcpy(names[name_count], text, length);
    return name_count++;
}

const char *view_name(int line)
{
    return names[line];
}

const char *view_behind(const char *text, const char *mark)
{
    const char *at = strstr(text, mark);
    return at ? at + strlen(mark) : NULL;
}

static void take_snapshot(struct view *view, const char *text)
{
    const char *line = view_behind(text, "\"lines\":[");
    memset(view->values, 0xff, sizeof view->values);
    while (line && (line = view_behind(line, "{\"name\":\""))) {
        const char *value = view_behind(line, "\"value\":");
        const char *next = strstr(line, "{\"name\":\"");
        if (value && (!next || value < next))
            view->values[view_line(line)] = *value - '0';
    }
}

int view_take(struct view *view, const char *text, bool is_snapshot)
{
    const char *boot = view_behind(text, "\"boot\":\"");
    const char *seq_text = boot ? view_behind(boot, "\"seq\":") : NULL;
    if (!seq_text)
        return 0;
    uint64_t seq = strtoull(seq_text, NULL, 10);
    size_t length = strcspn(boot, "\"");
    bool is_same = strlen(view->boot) == length && memcmp(view->boot, boot, length) == 0;
    if (!is_snapshot && (!is_same || seq != view->seq + 1))
        return -1;
    const char *line = is_snapshot ? NULL : view_behind(seq_text, "\"line\":\"");
    const char *value = line ? view_behind(line, "\"value\":") : NULL;
    if (is_snapshot)
        take_snapshot(view, text);
    else if (value)
        view->values[view_line(line)] = *value - '0';
    (void)snprintf(view->boot, sizeof view->boot, "%.*s", (int)length, boot);
    view->seq = seq;
    return 1;
}
