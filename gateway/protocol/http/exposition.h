/* Prometheus's text exposition format, version 0.0.4. `name` goes without the prefix gpio_gateway_ but for
 * names that begin with "process_". Texts fail as buffers do: see out->error. */
#ifndef PROTOCOL_HTTP_EXPOSITION_H
#define PROTOCOL_HTTP_EXPOSITION_H

#include "base/buffer.h"
#include "base/histogram.h"

#include <stdint.h>

/* The lines HELP and TYPE of a family; `kind` is "counter", "gauge" or "histogram". */
void exposition_family(struct buffer *out, const char *name, const char *kind, const char *help);

/* One sample; `label` is NULL for none. Label values are names of ours, which need no escapes. */
void exposition_count(struct buffer *out, const char *name, const char *label, const char *value,
                      uint64_t count);
void exposition_real(struct buffer *out, const char *name, const char *label, const char *value,
                     double real);

/* A family of one sample without a label. */
void exposition_single(struct buffer *out, const char *name, const char *kind, const char *help,
                       uint64_t count);

/* Buckets, sum and count, in seconds. */
void exposition_histogram(struct buffer *out, const char *name, const char *label,
                          const char *value, const struct histogram *histogram);

#endif
