#include "circuit/entry.h"

#include "circuit/rule.h"

bool entry_begin(struct circuit *circuit)
{
    bool outermost = !circuit->busy;
    circuit->busy = true;
    return outermost;
}

void entry_end(struct circuit *circuit, bool outermost, const struct timestamps *now)
{
    if (!outermost)
        return;
    rule_run_all(circuit, now);
    circuit->busy = false;
}
