/* The gzip twin of a file of the page. The build makes it (cmake/pack-page), smaller than the gateway could;
 * where there is none, or none of this very source, the gateway packs the source as it is. */
#ifndef PROTOCOL_PAGE_TWIN_H
#define PROTOCOL_PAGE_TWIN_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether these bytes begin as a twin that the build has made. */
bool page_twin_is(const struct buffer *bytes);

/* Whether `twin` is whole, and was made of exactly these bytes. Then it becomes what is sent: the field that says so is
 * dropped. */
bool page_twin_take(struct buffer *twin, const char *source, size_t length);

/* Packed, or NULL without memory. The caller's. */
char *page_twin_pack(const char *bytes, size_t length, size_t *ret_length);

/* Unpacked, or NULL without memory or where it is no gzip. The caller's. */
char *page_twin_unpack(const char *packed, size_t packed_length, size_t *ret_length);

#endif
