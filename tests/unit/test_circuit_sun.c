#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "circuit/sun.h"

#include <stdlib.h>

enum { WITHIN_S = 60 };

/* Sunrise and sunset by the almanac (PyEphem 4.1, upper limb, 34 minutes of arc of refraction): Quito, Seoul,
 * Sydney, London, Oslo, Tromso. Zero: it does not happen on that date. */
static const struct {
    struct sun_place place;
    int64_t day, rise_s, set_s;
} almanac[] = {
    {{-0.18, -78.47}, 20458, 1767611720, 1767655404},
    {{-0.18, -78.47}, 20532, 1774005480, 1774049070},
    {{-0.18, -78.47}, 20574, 1777633663, 1777677249},
    {{-0.18, -78.47}, 20625, 1782040344, 1782083945},
    {{-0.18, -78.47}, 20719, 1790161377, 1790204965},
    {{-0.18, -78.47}, 20777, 1795172141, 1795215805},
    {{-0.18, -78.47}, 21243, 1835436169, 1835479779},
    {{37.57, 126.98}, 20458, 1767566836, 1767601652},
    {{37.57, 126.98}, 20532, 1773956182, 1773999809},
    {{37.57, 126.98}, 20574, 1777581439, 1777630901},
    {{37.57, 126.98}, 20625, 1781986259, 1782039399},
    {{37.57, 126.98}, 20719, 1790112021, 1790155693},
    {{37.57, 126.98}, 20777, 1795126596, 1795162697},
    {{37.57, 126.98}, 21243, 1835388286, 1835429093},
    {{-33.87, 151.21}, 20458, 1767552635, 1767604195},
    {{-33.87, 151.21}, 20532, 1773950277, 1773994017},
    {{-33.87, 151.21}, 20574, 1777580969, 1777619682},
    {{-33.87, 151.21}, 20625, 1781989199, 1782024827},
    {{-33.87, 151.21}, 20719, 1790106238, 1790149916},
    {{-33.87, 151.21}, 20777, 1795113656, 1795164051},
    {{-33.87, 151.21}, 21243, 1835379732, 1835425951},
    {{51.51, -0.13}, 20458, 1767600319, 1767629206},
    {{51.51, -0.13}, 20532, 1773986604, 1774030411},
    {{51.51, -0.13}, 20574, 1777609953, 1777663424},
    {{51.51, -0.13}, 20625, 1782013388, 1782073292},
    {{51.51, -0.13}, 20719, 1790142487, 1790186201},
    {{51.51, -0.13}, 20777, 1795159612, 1795190694},
    {{51.51, -0.13}, 21243, 1835419611, 1835458792},
    {{59.91, 10.75}, 20458, 1767600948, 1767623357},
    {{59.91, 10.75}, 20532, 1773983937, 1774027879},
    {{59.91, 10.75}, 20574, 1777605340, 1777662853},
    {{59.91, 10.75}, 20625, 1782006831, 1782074625},
    {{59.91, 10.75}, 20719, 1790139805, 1790183640},
    {{59.91, 10.75}, 20777, 1795159588, 1795185486},
    {{59.91, 10.75}, 21243, 1835417813, 1835455386},
    {{69.65, 18.96}, 20458, 0, 0},
    {{69.65, 18.96}, 20532, 1773981834, 1774026091},
    {{69.65, 18.96}, 20574, 1777598454, 1777665954},
    {{69.65, 18.96}, 20625, 0, 0},
    {{69.65, 18.96}, 20719, 1790137672, 1790181786},
    {{69.65, 18.96}, 20777, 1795165123, 1795175995},
    {{69.65, 18.96}, 21243, 1835417543, 1835451749},
};

static void expect(const struct sun_place *place, int64_t day, bool is_sunset, int64_t wanted_s)
{
    int64_t moment_s = 0;
    bool happens = sun_moment(place, day, is_sunset, &moment_s);
    if (happens != (wanted_s != 0) || llabs(moment_s - wanted_s) > WITHIN_S)
        fail_msg("latitude %.2f day %lld: %lld s off", place->latitude, (long long)day,
                 (long long)(moment_s - wanted_s));
}

static void sun_rises_and_sets_as_the_almanac_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof almanac / sizeof almanac[0]; i++) {
        expect(&almanac[i].place, almanac[i].day, false, almanac[i].rise_s);
        expect(&almanac[i].place, almanac[i].day, true, almanac[i].set_s);
    }
}

/* At the pole itself there is one day a year; nothing divides by zero. */
static void pole_has_no_sunrise(void **state)
{
    (void)state;
    const struct sun_place poles[] = {{90, 0}, {-90, 180}};
    int64_t unused;
    for (size_t i = 0; i < 2; i++)
        for (int64_t day = 20454; day < 20454 + 366; day++)
            if (sun_moment(&poles[i], day, false, &unused))
                assert_true(day % 365 > 0); /* within the days of an equinox at most */
    assert_false(sun_moment(&poles[0], 20625, false, &unused));
    assert_false(sun_moment(&poles[0], 20458, true, &unused));
}

int main(void)
{
    const struct CMUnitTest rules[] = {
        cmocka_unit_test(sun_rises_and_sets_as_the_almanac_says),
        cmocka_unit_test(pole_has_no_sunrise),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
