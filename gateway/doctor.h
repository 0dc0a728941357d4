/* What this machine offers and what is wrong with it, in words, for a person. */
#ifndef DOCTOR_H
#define DOCTOR_H

#include <stdio.h>

/* Prints chips, lines, permissions, addresses and remedies, for the config at `path`
 * (NULL when there is none, which is wrong); no pin is touched.
 * `program` is what a person types to run this program. 0, or 1 when something needs mending. */
int doctor_run(const char *path, const char *program, FILE *out);

#endif
