#include "protocol/http/page_files.h"

#include "base/file.h"
#include "base/hash.h"
#include "loop/loop.h"
#include "protocol/http/page_source.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

enum {
    GZIP_WINDOW = 15 + 16, /* the largest window, with a gzip header (zlib.h, deflateInit2) */
};

struct page_files {
    struct loop_hook packing; /* in no loop but while files are packed */
    size_t packed;            /* the first so many have been looked at */
    size_t count;
    uint64_t version;
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
static void make_etags(struct page_file *file)
{
    uint64_t first = HASH_SEED;
    uint64_t second = file->length;
    for (size_t i = 0; i < file->length; i += sizeof(uint64_t)) {
        size_t left = file->length - i;
        uint64_t word = 0;
        memcpy(&word, file->plain + i, left < sizeof word ? left : sizeof word);
        first = mix(first, word, UINT64_C(0x100000001b3));
        second = mix(second, word, UINT64_C(0x9e3779b97f4a7c15));
    }
    char name[25];
    (void)snprintf(name, sizeof name, "%016llx%08x", (unsigned long long)first,
                   (unsigned)(second >> 32));
    (void)snprintf(file->etag, sizeof file->etag, "\"%s\"", name);
    (void)snprintf(file->etag_gzip, sizeof file->etag_gzip, "\"%s-gz\"", name);
}

static char *deflate_bytes(char *bytes, size_t length, size_t *ret_length)
{
    z_stream stream = {0};
    if (deflateInit2(&stream, 9, Z_DEFLATED, GZIP_WINDOW, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        return NULL;
    size_t room = deflateBound(&stream, length);
    char *packed = malloc(room);
    int result = Z_MEM_ERROR;
    if (packed) {
        stream.next_in = (unsigned char *)bytes;
        stream.avail_in = (unsigned)length;
        stream.next_out = (unsigned char *)packed;
        stream.avail_out = (unsigned)room;
        result = deflate(&stream, Z_FINISH);
    }
    *ret_length = stream.total_out;
    (void)deflateEnd(&stream);
    /* The bound was far larger. */
    char *fitting = result == Z_STREAM_END ? realloc(packed, *ret_length) : NULL;
    if (!fitting)
        free(packed);
    return fitting;
}

/* `length` bytes, or NULL. */
static char *inflate_bytes(char *packed, size_t packed_length, size_t length)
{
    z_stream stream = {.next_in = (unsigned char *)packed,
                       .avail_in = (unsigned)packed_length,
                       .avail_out = (unsigned)length};
    char *bytes = malloc(length);
    stream.next_out = (unsigned char *)bytes;
    if (!bytes || inflateInit2(&stream, GZIP_WINDOW) != Z_OK) {
        free(bytes);
        return NULL;
    }
    int result = inflate(&stream, Z_FINISH);
    (void)inflateEnd(&stream);
    if (result == Z_STREAM_END)
        return bytes;
    free(bytes);
    return NULL;
}

static enum page_source source_of(const struct page_file *file)
{
    if (strncmp(file->media_type, "text/javascript", strlen("text/javascript")) == 0)
        return PAGE_SOURCE_SCRIPT;
    if (strncmp(file->media_type, "text/css", strlen("text/css")) == 0)
        return PAGE_SOURCE_STYLE;
    return PAGE_SOURCE_OTHER;
}

/* Makes the twin, and what it leaves out; 0 also where it would not be smaller. */
static int make_gzip(struct page_file *file)
{
    struct buffer code;
    struct buffer notes;
    buffer_init(&code, file->length);
    buffer_init(&notes, file->length);
    bool is_split = page_source_split(source_of(file), file->plain, file->length, &code, &notes) &&
                    code.length > 0 && notes.length > 0;
    size_t length = is_split ? code.length : file->length;
    char *gzip = deflate_bytes(is_split ? code.data : file->plain, length, &file->gzip_length);
    if (gzip && is_split)
        file->notes = deflate_bytes(notes.data, notes.length, &file->notes_length);
    int error = gzip && (file->notes || !is_split) ? 0 : -ENOMEM;
    if (!error && file->gzip_length < file->length) {
        file->gzip = gzip;
        file->gzip_plain_length = length;
        file->notes_plain_length = notes.length;
    } else {
        free(gzip);
        free(file->notes);
        file->notes = NULL;
    }
    buffer_done(&code);
    buffer_done(&notes);
    return error;
}

static int add_file(struct page_files *files, const char *path, const char *name)
{
    if (files->count == PAGE_FILES_MAX)
        return -E2BIG;
    struct page_file *file = &files->files[files->count];
    *file = (struct page_file){.media_type = media_type_of(name)};
    bool is_index = strcmp(name, "/index.html") == 0;
    if (snprintf(file->name, sizeof file->name, "%s", is_index ? "/" : name) >=
        (int)sizeof file->name)
        return -ENAMETOOLONG;
    struct buffer content;
    buffer_init(&content, PAGE_FILE_MAX_BYTES);
    int error = file_read(path, &content);
    if (error) {
        buffer_done(&content);
        return error == -ENOBUFS ? -E2BIG : error;
    }
    file->length = content.length;
    file->plain = content.data ? content.data : calloc(1, 1);
    if (!file->plain)
        return -ENOMEM;
    files->count++;
    make_etags(file);
    return 0;
}

const char *page_file_gzip(struct page_file *file)
{
    if (!file->is_packed && make_gzip(file) == 0) {
        file->is_packed = true;
        if (file->gzip && !file->is_plain_asked) {
            free(file->plain);
            file->plain = NULL;
        }
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

static char *unpack(const struct page_file *file)
{
    char *code = inflate_bytes(file->gzip, file->gzip_length, file->gzip_plain_length);
    if (!code || !file->notes)
        return code;
    char *notes = inflate_bytes(file->notes, file->notes_length, file->notes_plain_length);
    char *plain = notes ? malloc(file->length) : NULL;
    if (plain)
        page_source_join(code, file->gzip_plain_length, notes, file->notes_plain_length, plain);
    free(notes);
    free(code);
    return plain;
}

char *page_file_plain(struct page_file *file)
{
    file->is_plain_asked = true;
    if (!file->plain)
        file->plain = unpack(file);
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
    return S_ISREG(status.st_mode) ? add_file(files, walk->path, walk->path + root) : 0;
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
    int error = read_folder(files, folder);
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
        free(files->files[i].notes);
    }
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
