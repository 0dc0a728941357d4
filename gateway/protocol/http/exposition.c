#include "protocol/http/exposition.h"

#include "base/clock.h"
#include "base/number.h"

#include <stdio.h>
#include <string.h>

static const char *prefix_of(const char *name)
{
    return strncmp(name, "process_", 8) == 0 ? "" : "gpio_gateway_";
}

void exposition_family(struct buffer *out, const char *name, const char *kind, const char *help)
{
    const char *prefix = prefix_of(name);
    (void)buffer_printf(out, "# HELP %s%s %s\n# TYPE %s%s %s\n", prefix, name, help, prefix, name,
                        kind);
}

/* Without an exponent for what is small: some readers take none. 10^-9 is the least, a nanosecond. */
static size_t print_real(double real, char text[NUMBER_TEXT_MAX])
{
    size_t length = number_print_real(real, text);
    if (real > -1 && real < 1 && memchr(text, 'e', length)) {
        int used = snprintf(text, NUMBER_TEXT_MAX, "%.9f", real);
        length = (size_t)used;
        while (text[length - 1] == '0')
            length--;
        length -= text[length - 1] == '.';
    }
    return length;
}

/* Name, `part` ("_sum") and label, up to the blank before the value. */
static void put_name(struct buffer *out, const char *name, const char *part, const char *label,
                     const char *value)
{
    (void)buffer_append_text(out, prefix_of(name));
    (void)buffer_append_text(out, name);
    (void)buffer_append_text(out, part);
    if (label) {
        (void)buffer_append_char(out, '{');
        (void)buffer_append_text(out, label);
        (void)buffer_append_text(out, "=\"");
        (void)buffer_append_text(out, value);
        (void)buffer_append_text(out, "\"}");
    }
    (void)buffer_append_char(out, ' ');
}

static void put_count(struct buffer *out, uint64_t count)
{
    (void)buffer_append_unsigned(out, count);
    (void)buffer_append_char(out, '\n');
}

static void put_real(struct buffer *out, double real)
{
    char text[NUMBER_TEXT_MAX];
    (void)buffer_append(out, text, print_real(real, text));
    (void)buffer_append_char(out, '\n');
}

void exposition_count(struct buffer *out, const char *name, const char *label, const char *value,
                      uint64_t count)
{
    put_name(out, name, "", label, value);
    put_count(out, count);
}

void exposition_real(struct buffer *out, const char *name, const char *label, const char *value,
                     double real)
{
    put_name(out, name, "", label, value);
    put_real(out, real);
}

void exposition_single(struct buffer *out, const char *name, const char *kind, const char *help,
                       uint64_t count)
{
    exposition_family(out, name, kind, help);
    exposition_count(out, name, NULL, NULL, count);
}

void exposition_histogram(struct buffer *out, const char *name, const char *label,
                          const char *value, const struct histogram *histogram)
{
    uint64_t count = 0;
    for (size_t i = 0; i <= HISTOGRAM_BUCKETS; i++) {
        char bound[NUMBER_TEXT_MAX + 1] = "+Inf";
        count += histogram->counts[i];
        if (i < HISTOGRAM_BUCKETS) {
            double seconds = (double)histogram_bound_ns(i) / (double)CLOCK_NS_PER_SECOND;
            bound[print_real(seconds, bound)] = '\0';
        }
        if (label)
            (void)buffer_printf(out, "gpio_gateway_%s_bucket{%s=\"%s\",le=\"%s\"} %llu\n", name,
                                label, value, bound, (unsigned long long)count);
        else
            (void)buffer_printf(out, "gpio_gateway_%s_bucket{le=\"%s\"} %llu\n", name, bound,
                                (unsigned long long)count);
    }
    put_name(out, name, "_sum", label, value);
    put_real(out, (double)histogram->sum_ns / (double)CLOCK_NS_PER_SECOND);
    put_name(out, name, "_count", label, value);
    put_count(out, count);
}
