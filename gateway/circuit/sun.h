/* Sunrise and sunset by the almanac's formula (mean anomaly, equation of the centre, declination, hour
 * angle at 0.833 degrees below the horizon: half the sun's disc and the refraction of the air), within
 * two minutes up to 70 degrees of latitude. */
#ifndef CIRCUIT_SUN_H
#define CIRCUIT_SUN_H

#include <stdbool.h>
#include <stdint.h>

/* A place on the earth, in degrees: north and east are positive. */
struct sun_place {
    double latitude, longitude;
};

/* The moment of sunrise, or of sunset, on a date (days since 1970-01-01, as the place has it by the sun),
 * in seconds since 1970. False where the sun does not rise or set on it. */
bool sun_moment(const struct sun_place *place, int64_t day, bool is_sunset, int64_t *ret_moment_s);

#endif
