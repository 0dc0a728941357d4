#include "base/allowance.h"

#include "base/clock.h"

bool allowance_has(struct allowance *allowance, const struct allowance_rate *rate, int64_t now_ns)
{
    double passed_s = (double)(now_ns - allowance->counted_ns) / (double)CLOCK_NS_PER_SECOND;
    bool is_new = allowance->counted_ns == 0;
    allowance->left = is_new ? rate->burst : allowance->left + passed_s * rate->per_second;
    if (allowance->left > rate->burst)
        allowance->left = rate->burst;
    allowance->counted_ns = now_ns;
    return allowance->left >= 1;
}

bool allowance_take(struct allowance *allowance, const struct allowance_rate *rate, int64_t now_ns)
{
    if (!allowance_has(allowance, rate, now_ns))
        return false;
    allowance->left -= 1;
    return true;
}
