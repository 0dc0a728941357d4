/* `gpio-gateway doctor`: reports what this machine offers, what is wrong, and the remedies, for a person. */
#ifndef DOCTOR_H
#define DOCTOR_H

#include <stdio.h>

/* Prints chips, lines, permissions, addresses and remedies, for the config at `path`
 * (NULL when there is none, which counts as wrong). Does not change any pin.
 * `program` is the name to call this program by. 0, or 1 when something must be repaired. */
int doctor_run(const char *path, const char *program, FILE *out);

#endif
