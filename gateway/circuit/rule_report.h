/* What nobody waits for: commands that a rule or a scene gave and that were refused. */
#ifndef CIRCUIT_RULE_REPORT_H
#define CIRCUIT_RULE_REPORT_H

#include "circuit/options.h"

/* What rules, and the later steps of scenes, could not do since the start. Nobody waits for their
 * answer, so the log is written from this. */
struct circuit_rule_report {
    uint64_t refused; /* commands that were refused */
    uint64_t dropped; /* triggers that came faster than rules run, or in a loop */
    bool by_scene; /* the newest refusal: of a scene or a rule, its name ("" for none), and why */
    char name[CIRCUIT_NAME_SIZE];
    char message[COMMAND_MESSAGE_SIZE];
};

#endif
