#include "protocol/method/method_schema.h"

#include "base/json_writer.h"
#include "protocol/method/method.h"

#include <stdio.h>

static void write_range(struct json_writer *writer, const struct param *param)
{
    json_write_real(writer, "minimum", param->min);
    json_write_real(writer, "maximum", param->max);
}

static void write_type(struct json_writer *writer, const struct param *param)
{
    switch (param->type) {
    case PARAM_SWITCH:
        json_write_list(writer, "enum");
        json_write_integer(writer, NULL, 0);
        json_write_integer(writer, NULL, 1);
        json_write_bool(writer, NULL, false);
        json_write_bool(writer, NULL, true);
        json_write_list_end(writer);
        break;
    case PARAM_INTEGER:
        json_write_text(writer, "type", "integer");
        write_range(writer, param);
        break;
    case PARAM_REAL:
        json_write_text(writer, "type", "number");
        write_range(writer, param);
        break;
    case PARAM_LEASE:
        json_write_list(writer, "enum");
        json_write_text(writer, NULL, "connection");
        json_write_list_end(writer);
        break;
    case PARAM_VALUES:
        json_write_text(writer, "type", "object");
        break;
    case PARAM_LINE:
    case PARAM_SCENE:
        json_write_text(writer, "type", "string");
        json_write_text(writer, "pattern", "^[a-z0-9][a-z0-9_-]{0,31}$");
        break;
    case PARAM_CURSOR:
        json_write_text(writer, "type", "string");
        json_write_text(writer, "pattern", "^[0-9a-f]{8}-[0-9]+$");
        break;
    case PARAM_TEXT:
        json_write_text(writer, "type", "string");
        json_write_real(writer, "maxLength", param->max);
        break;
    case PARAM_END:
        break;
    }
}

void method_schema_write(struct json_writer *writer, const char *key, const struct param *param)
{
    char description[256];
    json_write_object(writer, key);
    write_type(writer, param);
    (void)snprintf(description, sizeof description, "%s%s%s%s", param->doc, param->unit ? " (" : "",
                   param->unit ? param->unit : "", param->unit ? ")" : "");
    json_write_text(writer, "description", description);
    json_write_object_end(writer);
}
