#include "state/config_versions.h"

#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "base/log.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    NAME_SIZE = 32,
    /* A text of control bytes grows sixfold as a JSON string; real ones by a fifth. */
    FILE_MAX_BYTES = 6 * CONFIG_VERSION_TEXT_MAX_BYTES + 4096,
    NAMES_MAX = 64,
};

/* Names of kept files, oldest first: they begin with their time in digits of one width. */
struct names {
    size_t count;
    char names[NAMES_MAX][NAME_SIZE];
};

void config_etag(const char *text, size_t length, char ret_etag[CONFIG_ETAG_SIZE])
{
    uint64_t hash = hash_bytes(HASH_SEED, text, length);
    (void)snprintf(ret_etag, CONFIG_ETAG_SIZE, "\"%016llx\"", (unsigned long long)hash);
}

static int put_path(char path[PATH_MAX], const char *folder, const char *name)
{
    int length = snprintf(path, PATH_MAX, "%s/config-versions%s%s", folder, *name ? "/" : "", name);
    return length < PATH_MAX ? 0 : -ENAMETOOLONG;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(a, b);
}

static bool is_version(const char *name)
{
    return strspn(name, "0123456789") == 20 && strcmp(name + 20, ".json") == 0;
}

/* Not a link to another folder, and nobody else's. 0 also where there is none. */
static int check_folder(const char *path)
{
    struct stat status;
    if (lstat(path, &status) < 0)
        return errno == ENOENT ? 0 : -errno;
    return S_ISLNK(status.st_mode) ? -ENOTDIR : file_check_folder(path);
}

static int read_names(const char *folder, struct names *ret_names)
{
    char path[PATH_MAX];
    *ret_names = (struct names){0};
    int error = put_path(path, folder, "");
    if (!error)
        error = check_folder(path);
    DIR *directory = error ? NULL : opendir(path);
    if (!directory)
        return error ? error : errno == ENOENT ? 0 : -errno;
    const struct dirent *entry;
    while (ret_names->count < NAMES_MAX && (entry = readdir(directory)))
        if (is_version(entry->d_name))
            (void)snprintf(ret_names->names[ret_names->count++], NAME_SIZE, "%.31s", entry->d_name);
    (void)closedir(directory);
    qsort(ret_names->names, ret_names->count, NAME_SIZE, compare_names);
    return 0;
}

static int write_version(const char *path, const struct config_version *version, const char *text,
                         size_t length)
{
    struct buffer out;
    buffer_init(&out, FILE_MAX_BYTES);
    struct json_writer writer = json_writer_begin(&out);
    json_write_object(&writer, NULL);
    json_write_text(&writer, "etag", version->etag);
    json_write_integer(&writer, "time_us", version->wall_ns / 1000);
    json_write_text(&writer, "source", version->source);
    json_write_text(&writer, "role", version->role);
    json_write_text(&writer, "summary", version->summary);
    json_write_bytes(&writer, "text", text, length);
    json_write_object_end(&writer);
    int error = out.error ? out.error : file_write(path, out.data, out.length, 0600);
    buffer_done(&out);
    return error;
}

int config_versions_keep(const char *folder, struct config_version *version, const char *text,
                         size_t length)
{
    char path[PATH_MAX];
    char name[NAME_SIZE];
    struct names names;
    config_etag(text, length, version->etag);
    version->bytes = length;
    int error = put_path(path, folder, "");
    if (!error)
        error = check_folder(path);
    if (!error)
        error = file_make_folder(path, 0700);
    if (!error)
        error = read_names(folder, &names);
    if (error)
        return error;
    /* A clock that was set back must not sort a new version below the older ones. */
    long long last = names.count ? strtoll(names.names[names.count - 1], NULL, 10) : 0;
    long long now = version->wall_ns > last ? version->wall_ns : last + 1;
    (void)snprintf(name, sizeof name, "%020lld.json", now);
    error = put_path(path, folder, name);
    if (!error)
        error = write_version(path, version, text, length);
    for (size_t i = 0; !error && i + CONFIG_VERSIONS_MAX <= names.count; i++)
        if (put_path(path, folder, names.names[i]) == 0)
            (void)unlink(path);
    return error;
}

/* 0 with `*ret_json`, which the caller frees. */
static int read_version(const char *folder, const char *name, struct json **ret_json)
{
    char path[PATH_MAX];
    struct buffer text;
    buffer_init(&text, FILE_MAX_BYTES);
    int error = put_path(path, folder, name);
    if (!error)
        error = file_read_private(path, &text, NULL);
    if (!error)
        error = json_parse(buffer_text(&text), text.length, ret_json, NULL);
    if (!error && !json_text(json_get(*ret_json, "text"))) {
        *ret_json = json_free(*ret_json);
        error = -EBADMSG;
    }
    buffer_done(&text);
    return error;
}

static void copy_text(char *target, size_t size, const struct json *value)
{
    const char *text = json_text(value);
    (void)snprintf(target, size, "%s", text ? text : "");
}

size_t config_versions_list(const char *folder, struct config_version *ret_versions)
{
    struct names names;
    size_t count = 0;
    int failed = read_names(folder, &names);
    if (failed) {
        log_warning("config versions not read folder=%s/config-versions error=\"%s\"", folder,
                    file_error_text(failed));
        return 0;
    }
    for (size_t i = names.count; i-- > 0 && count < CONFIG_VERSIONS_MAX;) {
        struct json *json;
        int64_t time_us = 0;
        int error = read_version(folder, names.names[i], &json);
        if (error) {
            log_warning("config version not read file=%s/config-versions/%s error=\"%s\"", folder,
                        names.names[i], file_error_text(error));
            continue;
        }
        struct config_version *version = &ret_versions[count++];
        *version = (struct config_version){0};
        (void)json_integer(json_get(json, "time_us"), 0, INT64_MAX / 1000, &time_us);
        version->wall_ns = time_us * 1000;
        version->bytes = strlen(json_text(json_get(json, "text")));
        copy_text(version->etag, sizeof version->etag, json_get(json, "etag"));
        copy_text(version->source, sizeof version->source, json_get(json, "source"));
        copy_text(version->role, sizeof version->role, json_get(json, "role"));
        copy_text(version->summary, sizeof version->summary, json_get(json, "summary"));
        json_free(json);
    }
    return count;
}

int config_versions_newest(const char *folder, struct buffer *text)
{
    struct names names;
    struct json *json;
    int error = read_names(folder, &names);
    if (!error && names.count == 0)
        error = -ENOENT;
    if (!error)
        error = read_version(folder, names.names[names.count - 1], &json);
    if (error)
        return error;
    error = buffer_append_text(text, json_text(json_get(json, "text")));
    json_free(json);
    return error;
}

int config_versions_drop_second(const char *folder)
{
    char path[PATH_MAX];
    struct names names;
    int error = read_names(folder, &names);
    if (!error && names.count < 2)
        error = -ENOENT;
    if (!error)
        error = put_path(path, folder, names.names[names.count - 2]);
    if (!error && unlink(path) < 0)
        error = -errno;
    return error;
}
