/* The page: every file of one folder, read once at the start, with a strong ETag and a gzip twin (page_twin.h). Requests
 * look names up here, so there is no way out of the folder.
 *
 * A twin that the build has made has scripts and style sheets without comments and blanks, so that these cost readers of
 * the source nothing. Who takes no gzip gets each file as it is on disk. */
#ifndef PROTOCOL_PAGE_FILES_H
#define PROTOCOL_PAGE_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PAGE_FILES_MAX = 256,
    PAGE_FILE_MAX_BYTES = 1024 * 1024, /* one file; the whole page is under 140 kB compressed */
    PAGE_NAME_SIZE = 128,
    PAGE_DEPTH_MAX = 4,
    PAGE_ETAG_SIZE = 32,
};

struct page_file {
    char name[PAGE_NAME_SIZE]; /* "/app.js": the path that asks for it; "/" for index.html */
    const char *media_type;
    const char *folder;             /* what was given to page_files_new() */
    char etag[PAGE_ETAG_SIZE];      /* with its quotes */
    char etag_gzip[PAGE_ETAG_SIZE]; /* a strong tag names these bytes, so the twin has its own */
    bool is_packed;                 /* there is a twin, or it would not be smaller */
    bool is_built;                  /* the twin was made by the build, which shortens scripts */
    bool is_plain_asked;            /* somebody does not take gzip */
    char *plain; /* page_file_plain() gives it; NULL while only the twin is kept */
    size_t length;
    char *gzip; /* page_file_gzip() gives it; NULL before, and where it would not be smaller */
    size_t gzip_length;
};

struct loop;
struct page_files;

/* Reads `folder`. Twins that the build has made stand beside their sources as `NAME.gz`, and have no path of their own.
 * Names that begin with a dot are left out; symbolic links are not followed.
 * 0; -ENOENT and other errnos of opendir(2); -ENOTDIR; -E2BIG; -ENOMEM. */
int page_files_new(const char *folder, struct page_files **ret_files);
struct page_files *page_files_free(struct page_files *files);

/* Takes the twins that the build has made, and makes the others, one after another between other turns of `loop`: a
 * twin that has to be made costs more than everything else at the start, and nobody waits for it yet. */
void page_files_pack(struct page_files *files, struct loop *loop);

/* The file for a decoded path, or NULL. */
struct page_file *page_files_find(struct page_files *files, const char *path);

/* The gzip twin, `gzip_length` bytes, taken or made now where it was not yet. Borrowed as below; NULL where there
 * is none. */
const char *page_file_gzip(struct page_file *file);

/* The file as it was at the start, `length` bytes. Every browser takes the twin, so only that is kept until somebody
 * asks without gzip; from then on both are. Where the source of a built twin has changed on disk, it is what the twin
 * has, and `etag` is another one. Borrowed until page_files_free(); NULL when there is no memory. */
char *page_file_plain(struct page_file *file);

/* Names all files together: another value after a restart tells an open page that its modules may no
 * longer fit. */
uint64_t page_files_version(const struct page_files *files);

#endif
