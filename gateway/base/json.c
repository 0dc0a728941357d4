#include "base/json.h"

#include "base/json_check.h"
#include "base/json_writer.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JSON_EXACT_MAX INT64_C(9007199254740991) /* 2^53 - 1: larger ones may have been rounded */

static cJSON *inner(struct json *json)
{
    return (cJSON *)json;
}

static const cJSON *node_of(const struct json *json)
{
    return (const cJSON *)json;
}

static struct json *outer(cJSON *item)
{
    return (struct json *)item;
}

static int compare_keys(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The key that stands twice in `object`, or NULL; "" when it has too many keys to check. */
static const char *duplicate_key(const cJSON *object)
{
    const char *keys[JSON_KEYS_MAX];
    size_t count = 0;
    for (const cJSON *child = object->child; child; child = child->next) {
        if (count == JSON_KEYS_MAX)
            return "";
        keys[count++] = child->string;
    }
    qsort(keys, count, sizeof(const char *), compare_keys);
    for (size_t i = 1; i < count; i++)
        if (strcmp(keys[i - 1], keys[i]) == 0)
            return keys[i];
    return NULL;
}

/* Next value of the tree in document order, containers before their content. */
static const cJSON *walk(const cJSON *root, const cJSON *at, const cJSON **trail, int *depth)
{
    if (at->child) {
        trail[(*depth)++] = at;
        return at->child;
    }
    while (at != root && !at->next)
        at = trail[--(*depth)];
    return at == root ? NULL : at->next;
}

static bool check_keys(const cJSON *root, struct json_error *problem)
{
    const cJSON *trail[JSON_DEPTH_MAX + 1];
    int depth = 0;
    for (const cJSON *at = root; at; at = walk(root, at, trail, &depth)) {
        const char *twice = cJSON_IsObject(at) ? duplicate_key(at) : NULL;
        if (twice) {
            (void)snprintf(
                problem->text, sizeof problem->text,
                *twice ? "the key \"%.64s\" stands twice" : "an object has too many keys%s", twice);
            return false;
        }
    }
    return true;
}

int json_parse_keeping_duplicates(const char *text, size_t length, struct json **ret_json,
                                  struct json_error *problem)
{
    struct json_error unseen;
    int error = json_check(text, length, problem ? problem : &unseen);
    if (error)
        return error;
    cJSON *root = cJSON_ParseWithLengthOpts(text, length, NULL, false);
    if (!root)
        return -ENOMEM; /* the grammar was right */
    *ret_json = outer(root);
    return 0;
}

int json_parse(const char *text, size_t length, struct json **ret_json, struct json_error *problem)
{
    struct json *root;
    int error = json_parse_keeping_duplicates(text, length, &root, problem);
    if (error)
        return error;
    struct json_error found = {.line = 1, .column = 1};
    if (!check_keys(inner(root), &found)) {
        json_free(root);
        if (problem)
            *problem = found;
        return -EBADMSG;
    }
    *ret_json = root;
    return 0;
}

struct json *json_free(struct json *json)
{
    cJSON_Delete(inner(json));
    return NULL;
}

enum json_type json_type_of(const struct json *json)
{
    const cJSON *item = node_of(json);
    if (cJSON_IsBool(item))
        return JSON_BOOL;
    if (cJSON_IsNumber(item))
        return JSON_NUMBER;
    if (cJSON_IsString(item))
        return JSON_STRING;
    if (cJSON_IsArray(item))
        return JSON_ARRAY;
    return cJSON_IsObject(item) ? JSON_OBJECT : JSON_NULL;
}

const char *json_type_name(enum json_type type)
{
    static const char *const names[] = {"null",   "a boolean", "a number",
                                        "a text", "a list",    "an object"};
    return names[type];
}

bool json_is(const struct json *json, enum json_type type)
{
    return json && json_type_of(json) == type;
}

const struct json *json_get(const struct json *object, const char *key)
{
    return outer(cJSON_GetObjectItemCaseSensitive(node_of(object), key));
}

const struct json *json_first(const struct json *container)
{
    return container ? outer(node_of(container)->child) : NULL;
}

const struct json *json_next(const struct json *child)
{
    return child ? outer(node_of(child)->next) : NULL;
}

size_t json_count(const struct json *container)
{
    size_t count = 0;
    for (const struct json *child = json_first(container); child; child = json_next(child))
        count++;
    return count;
}

const char *json_key(const struct json *member)
{
    return member ? node_of(member)->string : NULL;
}

const char *json_text(const struct json *json)
{
    return json ? cJSON_GetStringValue(node_of(json)) : NULL;
}

int json_real(const struct json *json, double min, double max, double *ret_value)
{
    if (!json_is(json, JSON_NUMBER))
        return -EINVAL;
    double value = node_of(json)->valuedouble;
    if (value < min || value > max)
        return -ERANGE;
    *ret_value = value;
    return 0;
}

int json_integer(const struct json *json, int64_t min, int64_t max, int64_t *ret_value)
{
    double value;
    int error = json_real(json, -HUGE_VAL, HUGE_VAL, &value);
    if (error)
        return error;
    if (fabs(value) > (double)JSON_EXACT_MAX)
        return -ERANGE; /* and a whole number: so large ones have no fraction */
    int64_t whole = (int64_t)value;
    if ((double)whole != value)
        return -EINVAL;
    if (whole < min || whole > max)
        return -ERANGE;
    *ret_value = whole;
    return 0;
}

int json_switch(const struct json *json, int *ret_value)
{
    int64_t number;
    if (json_is(json, JSON_BOOL))
        *ret_value = cJSON_IsTrue(node_of(json));
    else if (json_integer(json, 0, 1, &number) == 0)
        *ret_value = (int)number;
    else
        return -EINVAL;
    return 0;
}

struct json *json_new_object(void)
{
    return outer(cJSON_CreateObject());
}

bool json_is_incomplete(const struct json *object)
{
    return !object || cJSON_IsInvalid(node_of(object));
}

/* json_free() frees it as any other. */
void json_spoil(struct json *object)
{
    if (object)
        inner(object)->type = cJSON_Invalid;
}

static void add(struct json *object, const char *key, struct json *child)
{
    if (object && child && cJSON_AddItemToObject(inner(object), key, inner(child)))
        return;
    json_free(child);
    json_spoil(object);
}

void json_add_text(struct json *object, const char *key, const char *text)
{
    add(object, key, outer(text ? cJSON_CreateString(text) : cJSON_CreateNull()));
}

void json_add_bool(struct json *object, const char *key, bool value)
{
    add(object, key, outer(cJSON_CreateBool(value)));
}

void json_add_copy(struct json *object, const char *key, const struct json *value)
{
    add(object, key, outer(cJSON_Duplicate(node_of(value), true)));
}

/* Writes a value that holds no others, or opens one that does. */
static void write_item(struct json_writer *writer, const char *key, const cJSON *item)
{
    int64_t whole;
    if (cJSON_IsObject(item))
        json_write_object(writer, key);
    else if (cJSON_IsArray(item))
        json_write_list(writer, key);
    else if (cJSON_IsString(item))
        json_write_text(writer, key, item->valuestring);
    else if (cJSON_IsBool(item))
        json_write_bool(writer, key, cJSON_IsTrue(item));
    else if (json_integer((const struct json *)item, INT64_MIN, INT64_MAX, &whole) == 0)
        json_write_integer(writer, key, whole);
    else if (cJSON_IsNumber(item))
        json_write_real(writer, key, item->valuedouble);
    else
        json_write_null(writer, key);
}

static void close_item(struct json_writer *writer, const cJSON *container)
{
    if (cJSON_IsObject(container))
        json_write_object_end(writer);
    else
        json_write_list_end(writer);
}

static bool is_container(const cJSON *item)
{
    return cJSON_IsObject(item) || cJSON_IsArray(item);
}

void json_write_copy(struct json_writer *writer, const char *key, const struct json *value)
{
    const cJSON *trail[JSON_DEPTH_MAX];
    int depth = 0;
    const cJSON *at = node_of(value);
    if (!at)
        json_write_null(writer, key);
    while (at) {
        write_item(writer, depth > 0 ? at->string : key, at);
        if (is_container(at) && at->child) {
            trail[depth++] = at;
            at = at->child;
            continue;
        }
        if (is_container(at))
            close_item(writer, at);
        while (depth > 0 && !at->next) {
            at = trail[--depth];
            close_item(writer, at);
        }
        at = depth > 0 ? at->next : NULL;
    }
}
