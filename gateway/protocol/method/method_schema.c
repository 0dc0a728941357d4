#include "protocol/method/method_schema.h"

#include "base/json.h"
#include "protocol/method/method.h"

#include <stdio.h>

static void add_range(struct json *schema, const struct param *param)
{
    json_add_real(schema, "minimum", param->min);
    json_add_real(schema, "maximum", param->max);
}

static void add_type(struct json *schema, const struct param *param)
{
    switch (param->type) {
    case PARAM_SWITCH: {
        struct json *values = json_new_array_in(schema, "enum");
        json_add_integer(values, NULL, 0);
        json_add_integer(values, NULL, 1);
        json_add_bool(values, NULL, false);
        json_add_bool(values, NULL, true);
        break;
    }
    case PARAM_INTEGER:
        json_add_text(schema, "type", "integer");
        add_range(schema, param);
        break;
    case PARAM_REAL:
        json_add_text(schema, "type", "number");
        add_range(schema, param);
        break;
    case PARAM_LEASE:
        json_add_text(json_new_array_in(schema, "enum"), NULL, "connection");
        break;
    case PARAM_VALUES:
        json_add_text(schema, "type", "object");
        break;
    case PARAM_LINE:
    case PARAM_SCENE:
        json_add_text(schema, "type", "string");
        json_add_text(schema, "pattern", "^[a-z0-9][a-z0-9_-]{0,31}$");
        break;
    case PARAM_CURSOR:
        json_add_text(schema, "type", "string");
        json_add_text(schema, "pattern", "^[0-9a-f]{8}-[0-9]+$");
        break;
    case PARAM_TEXT:
        json_add_text(schema, "type", "string");
        json_add_real(schema, "maxLength", param->max);
        break;
    case PARAM_END:
        break;
    }
}

struct json *method_schema(const struct param *param)
{
    char description[256];
    struct json *schema = json_new_object();
    add_type(schema, param);
    (void)snprintf(description, sizeof description, "%s%s%s%s", param->doc, param->unit ? " (" : "",
                   param->unit ? param->unit : "", param->unit ? ")" : "");
    json_add_text(schema, "description", description);
    return schema;
}
