#include "mqtt/broker_reason.h"

#include <stdio.h>
#include <string.h>

void broker_reason_note(char complaint[BROKER_REASON_SIZE], const char *logged)
{
    const char *colon = strstr(logged, "OpenSSL") ? strrchr(logged, ':') : NULL;
    const char *words = colon ? colon + 1 : logged;
    if (!complaint[0])
        (void)snprintf(complaint, BROKER_REASON_SIZE, "%.*s", (int)strcspn(words, "\r\n"), words);
}

void broker_reason_join(char reason[BROKER_REASON_SIZE], const char *answer, const char *complaint)
{
    size_t length = strlen(answer);
    if (length > 0 && answer[length - 1] == '.')
        length--;
    (void)snprintf(reason, BROKER_REASON_SIZE, "%.*s%s%.100s", (int)length, answer,
                   complaint[0] ? ": " : "", complaint);
}
