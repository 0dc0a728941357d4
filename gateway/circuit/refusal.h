/* Refusals: why a command was not done, in a sentence for a person. */
#ifndef CIRCUIT_REFUSAL_H
#define CIRCUIT_REFUSAL_H

#include "circuit/command.h"

/* Fills `refusal` with a code and a sentence, the rest as "does not apply"; returns -1. */
__attribute__((format(printf, 3, 4))) int refuse(struct refusal *refusal, enum refusal_code code,
                                                 const char *format, ...);

/* The hardware refused: `error` is a negative errno. Returns -1. */
int refuse_gpio(struct refusal *refusal, const char *line, int error);

#endif
