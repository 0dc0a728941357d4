#include "protocol/service.h"

#include "base/clock.h"

struct timestamps service_now(void)
{
    return (struct timestamps){.monotonic_ns = clock_monotonic_ns(), .wall_ns = clock_wall_ns()};
}
