/* A history for other programs: CSV for spreadsheets, VCD for GTKWave and PulseView. */
#ifndef PROTOCOL_HISTORY_EXPORT_H
#define PROTOCOL_HISTORY_EXPORT_H

#include "base/buffer.h"
#include "protocol/method/result.h"

/* RFC 4180, with a header row. 0 or the error of `out`. */
int history_export_csv(const struct history *history, const struct service *service,
                       struct buffer *out);

/* IEEE 1364-2005 §18: timescale 1 us, one wire a line, time 0 at the first event. */
int history_export_vcd(const struct history *history, const struct service *service,
                       struct buffer *out);

#endif
