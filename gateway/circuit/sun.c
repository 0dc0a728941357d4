#include "circuit/sun.h"

#include <math.h>

#define RADIANS(degrees) ((degrees) * (3.14159265358979323846 / 180))
#define DEGREES(radians) ((radians) * (180 / 3.14159265358979323846))
#define DAY_S 86400.0
/* Noon of 2000-01-01 (J2000.0) in days since 1970. */
#define EPOCH_DAYS 10957.5
#define HORIZON (-0.833)
#define ECCENTRICITY 0.016708

/* What the sun does at a moment. */
struct sun {
    double declination; /* radians */
    double early_days;  /* its noon before that of an even clock: the equation of time */
};

/* `days` since J2000.0. The angles are the mean longitude, the mean anomaly, the moon's node (which moves the
 * earth's axis), the longitude as it is seen, and the obliquity of the ecliptic. */
static struct sun sun_at(double days)
{
    double mean = RADIANS(fmod(280.46646 + 0.98564736 * days, 360));
    double anomaly = RADIANS(fmod(357.52911 + 0.98560028 * days, 360));
    double node = RADIANS(fmod(125.04 - 0.05295377 * days, 360));
    double centre =
        1.914602 * sin(anomaly) + 0.019993 * sin(2 * anomaly) + 0.000289 * sin(3 * anomaly);
    double seen = mean + RADIANS(centre - 0.00569 - 0.00478 * sin(node));
    double obliquity = RADIANS(23.439291 - 3.56e-7 * days + 0.00256 * cos(node));
    double y = tan(obliquity / 2) * tan(obliquity / 2);
    double early = y * sin(2 * mean) - 2 * ECCENTRICITY * sin(anomaly) +
                   4 * ECCENTRICITY * y * sin(anomaly) * cos(2 * mean) - y * y * sin(4 * mean) / 2 -
                   ECCENTRICITY * ECCENTRICITY * sin(2 * anomaly) * 5 / 4;
    return (struct sun){.declination = asin(sin(obliquity) * sin(seen)),
                        .early_days = DEGREES(early) / 360};
}

/* Half of the day's arc in days, or a negative number where the sun stays above or below. */
static double half_arc(const struct sun *sun, double latitude)
{
    double height = RADIANS(HORIZON);
    double cosine = (sin(height) - sin(RADIANS(latitude)) * sin(sun->declination)) /
                    (cos(RADIANS(latitude)) * cos(sun->declination));
    if (!(cosine >= -1 && cosine <= 1))
        return -1;
    return DEGREES(acos(cosine)) / 360;
}

/* Begins with the sun as it is at noon, and goes on with the sun as it is at the moment that came out. */
bool sun_moment(const struct sun_place *place, int64_t day, bool is_sunset, int64_t *ret_moment_s)
{
    double noon = (double)day + 0.5 - EPOCH_DAYS - place->longitude / 360;
    double at = noon;
    for (int round = 0; round < 3; round++) {
        struct sun sun = sun_at(at);
        double arc = half_arc(&sun, place->latitude);
        if (arc < 0)
            return false;
        at = noon - sun.early_days + (is_sunset ? arc : -arc);
    }
    *ret_moment_s = (int64_t)llround((at + EPOCH_DAYS) * DAY_S);
    return true;
}
