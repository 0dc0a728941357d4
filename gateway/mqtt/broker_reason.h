/* The sentence that explains why a broker is not connected, made of what libmosquitto answers and of what it
 * logs: only its log has why a TLS handshake failed. */
#ifndef MQTT_BROKER_REASON_H
#define MQTT_BROKER_REASON_H

#include "mqtt/broker.h"

/* Keeps the first line that was logged as an error since `complaint` was emptied, without the names of
 * OpenSSL's functions: "error:0A000086:SSL routines::certificate verify failed" becomes "certificate
 * verify failed". */
void broker_reason_note(char complaint[BROKER_REASON_SIZE], const char *logged);

/* Joins the two: "A TLS error occurred: certificate verify failed". */
void broker_reason_join(char reason[BROKER_REASON_SIZE], const char *answer, const char *complaint);

#endif
