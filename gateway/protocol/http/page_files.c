#include "protocol/http/page_files.h"

#include "base/file.h"
#include "base/hash.h"
#include "loop/loop.h"
#include "protocol/http/page_twin.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct page_files {
    struct loop_hook packing; /* in no loop but while files are packed */
    size_t packed;            /* the first so many have been checked */
    size_t count;
    uint64_t version;
    char *folder;
    struct page_file files[PAGE_FILES_MAX];
};

static const struct {
    const char *ending;
    const char *media_type;
} media_types[] = {
    {".html", "text/html; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".json", "application/json"},
    {".webmanifest", "application/manifest+json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".webp", "image/webp"},
    {".woff2", "font/woff2"},
    {".txt", "text/plain; charset=utf-8"},
    {".md", "text/markdown; charset=utf-8"},
};

static const char *media_type_of(const char *name)
{
    const char *ending = strrchr(name, '.');
    for (size_t i = 0; ending && i < sizeof media_types / sizeof media_types[0]; i++)
        if (strcmp(media_types[i].ending, ending) == 0)
            return media_types[i].media_type;
    return "application/octet-stream";
}

static uint64_t mix(uint64_t hash, uint64_t word, uint64_t factor)
{
    hash = (hash ^ word) * factor;
    return hash ^ hash >> 32;
}

/* Two hashes of 64 bits: they name the content, and protect nothing. Eight bytes at a time, since half a
 * megabyte is hashed before the gateway is ready. */
static void print_etag(char etag[PAGE_ETAG_SIZE], const char *bytes, size_t length,
                       const char *ending)
{
    uint64_t first = HASH_SEED;
    uint64_t second = length;
    for (size_t i = 0; i < length; i += sizeof(uint64_t)) {
        size_t left = length - i;
        uint64_t word = 0;
        memcpy(&word, bytes + i, left < sizeof word ? left : sizeof word);
        first = mix(first, word, UINT64_C(0x100000001b3));
        second = mix(second, word, UINT64_C(0x9e3779b97f4a7c15));
    }
    (void)snprintf(etag, PAGE_ETAG_SIZE, "\"%016llx%08x%s\"", (unsigned long long)first,
                   (unsigned)(second >> 32), ending);
}

/* The tag of a twin that is made of the source. */
static void tag_twin(struct page_file *file)
{
    static const char ending[] = "-gz\"";
    size_t length = strlen(file->etag) - 1;
    memcpy(file->etag_gzip, file->etag, length);
    memcpy(file->etag_gzip + length, ending, sizeof ending);
}

static void print_path(const struct page_file *file, const char *ending, char path[PATH_MAX])
{
    bool is_index = strcmp(file->name, "/") == 0;
    (void)snprintf(path, PATH_MAX, "%s%s%s", file->folder, is_index ? "/index.html" : file->name,
                   ending);
}

static int read_file(const struct page_file *file, const char *ending, struct buffer *content)
{
    char path[PATH_MAX];
    print_path(file, ending, path);
    buffer_init(content, PAGE_FILE_MAX_BYTES);
    return file_read_private(path, content, NULL); /* no link, and nobody waits for a FIFO */
}

/* Only as large as what is in it, with its NUL; the caller's then. */
static char *take_bytes(struct buffer *content)
{
    char *fitting = realloc(content->data, content->length + 1);
    if (fitting)
        content->data = fitting;
    return content->data;
}

/* The twin that the build has made of this very source. */
static bool take_twin(struct page_file *file)
{
    struct buffer twin;
    int error = read_file(file, ".gz", &twin);
    if (error || !page_twin_take(&twin, file->plain, file->length) || twin.length >= file->length) {
        buffer_done(&twin);
        return false;
    }
    file->gzip = take_bytes(&twin);
    file->gzip_length = twin.length;
    file->is_built = true;
    print_etag(file->etag_gzip, file->gzip, file->gzip_length, "-gz");
    return true;
}

/* False without memory. */
static bool make_twin(struct page_file *file)
{
    char *gzip = page_twin_pack(file->plain, file->length, &file->gzip_length);
    if (gzip && file->gzip_length < file->length)
        file->gzip = gzip;
    else
        free(gzip);
    return gzip != NULL;
}

static int add_file(struct page_files *files, const char *name)
{
    if (files->count == PAGE_FILES_MAX)
        return -E2BIG;
    struct page_file *file = &files->files[files->count];
    struct buffer content;
    *file = (struct page_file){.folder = files->folder, .media_type = media_type_of(name)};
    bool is_index = strcmp(name, "/index.html") == 0;
    if (snprintf(file->name, sizeof file->name, "%s", is_index ? "/" : name) >=
        (int)sizeof file->name)
        return -ENAMETOOLONG;
    int error = read_file(file, "", &content);
    if (error || page_twin_is(&content)) {
        buffer_done(&content);
        return error == -ENOBUFS ? -E2BIG : error;
    }
    file->length = content.length;
    file->plain = content.data ? content.data : calloc(1, 1);
    if (!file->plain)
        return -ENOMEM;
    files->count++;
    print_etag(file->etag, file->plain, file->length, "");
    tag_twin(file);
    return 0;
}

const char *page_file_gzip(struct page_file *file)
{
    if (file->is_packed)
        return file->gzip;
    file->is_packed = take_twin(file) || make_twin(file);
    if (file->gzip && !file->is_plain_asked) {
        free(file->plain);
        file->plain = NULL;
    }
    return file->gzip;
}

static int64_t packing_due(void *context)
{
    (void)context;
    return 0;
}

/* One file a turn, so that nobody waits longer than for the largest of them. */
static void pack_next(void *context)
{
    struct page_files *files = context;
    if (files->packed < files->count) {
        (void)page_file_gzip(&files->files[files->packed++]);
        return;
    }
    loop_hook_remove(&files->packing);
    files->packing.loop = NULL;
    (void)malloc_trim(0); /* the files as they were read are gone */
}

void page_files_pack(struct page_files *files, struct loop *loop)
{
    files->packing = (struct loop_hook){.due = packing_due, .run = pack_next, .context = files};
    loop_hook_add(loop, &files->packing);
}

/* The source of a twin that the build has made; false where it is no longer what it was at the start. */
static bool read_again(struct page_file *file)
{
    struct buffer content;
    char etag[PAGE_ETAG_SIZE] = "";
    int error = read_file(file, "", &content);
    if (!error)
        print_etag(etag, content.data, content.length, "");
    if (error || strcmp(etag, file->etag) != 0) {
        buffer_done(&content);
        return false;
    }
    file->plain = take_bytes(&content);
    return true;
}

char *page_file_plain(struct page_file *file)
{
    file->is_plain_asked = true;
    if (file->plain || (file->is_built && read_again(file)))
        return file->plain;
    file->plain = page_twin_unpack(file->gzip, file->gzip_length, &file->length);
    if (file->is_built && file->plain)
        print_etag(file->etag, file->plain, file->length, "");
    return file->plain;
}

/* A folder that is being read, and those above it: no recursion, a depth that is known. */
struct walk {
    DIR *folders[PAGE_DEPTH_MAX];
    size_t lengths[PAGE_DEPTH_MAX]; /* of `path` for each folder */
    int depth;
    char path[PATH_MAX];
};

static int enter(struct walk *walk)
{
    if (walk->depth == PAGE_DEPTH_MAX)
        return -E2BIG;
    DIR *folder = opendir(walk->path);
    if (!folder)
        return -errno;
    walk->folders[walk->depth] = folder;
    walk->lengths[walk->depth++] = strlen(walk->path);
    return 0;
}

static int add_entry(struct page_files *files, struct walk *walk, const char *name, size_t root)
{
    size_t length = walk->lengths[walk->depth - 1];
    if (snprintf(walk->path + length, sizeof walk->path - length, "/%s", name) >=
        (int)(sizeof walk->path - length))
        return -ENAMETOOLONG;
    struct stat status;
    if (lstat(walk->path, &status) < 0)
        return -errno;
    if (S_ISDIR(status.st_mode))
        return enter(walk);
    return S_ISREG(status.st_mode) ? add_file(files, walk->path + root) : 0;
}

static int read_folder(struct page_files *files, const char *folder)
{
    struct walk walk = {.depth = 0};
    if (snprintf(walk.path, sizeof walk.path, "%s", folder) >= (int)sizeof walk.path)
        return -ENAMETOOLONG;
    size_t root = strlen(walk.path);
    int error = enter(&walk);
    while (walk.depth > 0) {
        errno = 0;
        const struct dirent *entry = error ? NULL : readdir(walk.folders[walk.depth - 1]);
        if (!entry) {
            (void)closedir(walk.folders[--walk.depth]);
            continue;
        }
        if (entry->d_name[0] != '.')
            error = add_entry(files, &walk, entry->d_name, root);
    }
    return error;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const struct page_file *)a)->name, ((const struct page_file *)b)->name);
}

static uint64_t version_of(const struct page_files *files)
{
    uint64_t version = HASH_SEED;
    for (size_t i = 0; i < files->count; i++) {
        const struct page_file *file = &files->files[i];
        version = hash_bytes(version, file->name, strlen(file->name));
        version = hash_bytes(version, file->etag, strlen(file->etag));
    }
    return version;
}

int page_files_new(const char *folder, struct page_files **ret_files)
{
    struct page_files *files = calloc(1, sizeof *files);
    if (!files)
        return -ENOMEM;
    files->folder = strdup(folder);
    int error = files->folder ? read_folder(files, folder) : -ENOMEM;
    if (error) {
        page_files_free(files);
        return error;
    }
    qsort(files->files, files->count, sizeof files->files[0], compare_names);
    files->version = version_of(files);
    *ret_files = files;
    return 0;
}

uint64_t page_files_version(const struct page_files *files)
{
    return files->version;
}

struct page_files *page_files_free(struct page_files *files)
{
    if (files && files->packing.loop)
        loop_hook_remove(&files->packing);
    for (size_t i = 0; files && i < files->count; i++) {
        free(files->files[i].plain);
        free(files->files[i].gzip);
    }
    if (files)
        free(files->folder);
    free(files);
    return NULL;
}

static int compare_path(const void *path, const void *file)
{
    return strcmp(path, ((const struct page_file *)file)->name);
}

struct page_file *page_files_find(struct page_files *files, const char *path)
{
    if (strcmp(path, "/index.html") == 0)
        path = "/";
    return bsearch(path, files->files, files->count, sizeof files->files[0], compare_path);
}
