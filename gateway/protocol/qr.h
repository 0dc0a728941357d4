/* QR codes by libqrencode. */
#ifndef PROTOCOL_QR_H
#define PROTOCOL_QR_H

struct qr;

/* Encodes a text (at most 1,000 bytes). NULL when that fails. */
struct qr *qr_new(const char *text);
struct qr *qr_free(struct qr *qr);

/* Modules along one side, and whether one is dark. */
int qr_width(const struct qr *qr);
int qr_is_dark(const struct qr *qr, int x, int y);

#endif
