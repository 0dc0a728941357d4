#include "base/histogram.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static uint64_t counted(const struct histogram *histogram)
{
    uint64_t count = 0;
    for (size_t i = 0; i <= HISTOGRAM_BUCKETS; i++)
        count += histogram->counts[i];
    return count;
}

static void histogram_has_the_promised_bounds(void **state)
{
    (void)state;
    static const int64_t us[HISTOGRAM_BUCKETS] = {50,   100,   250,   1000,   2500,
                                                  5000, 10000, 25000, 100000, 1000000};
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
        assert_int_equal(histogram_bound_ns(i), us[i] * 1000);
}

static void histogram_counts_a_bound_below_and_more_above(void **state)
{
    (void)state;
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        struct histogram histogram = {0};
        histogram_note(&histogram, histogram_bound_ns(i));
        assert_int_equal(histogram.counts[i], 1);
        histogram_note(&histogram, histogram_bound_ns(i) + 1);
        assert_int_equal(histogram.counts[i + 1], 1);
        assert_int_equal(counted(&histogram), 2);
        assert_int_equal(histogram.sum_ns, 2 * histogram_bound_ns(i) + 1);
    }
}

static void histogram_takes_a_time_before_its_beginning_as_none(void **state)
{
    (void)state;
    struct histogram histogram = {0};
    histogram_note(&histogram, -5);
    assert_int_equal(histogram.counts[0], 1);
    assert_int_equal(histogram.sum_ns, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(histogram_has_the_promised_bounds),
        cmocka_unit_test(histogram_counts_a_bound_below_and_more_above),
        cmocka_unit_test(histogram_takes_a_time_before_its_beginning_as_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
