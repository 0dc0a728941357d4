#include "protocol/service.h"

#include "base/clock.h"

struct moment service_now(void)
{
    return (struct moment){.monotonic_ns = clock_monotonic_ns(), .wall_ns = clock_wall_ns()};
}
