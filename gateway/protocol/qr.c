#include "protocol/qr.h"

#include <qrencode.h>
#include <string.h>

enum { TEXT_MAX_BYTES = 1000 };

struct qr *qr_new(const char *text)
{
    if (strlen(text) > TEXT_MAX_BYTES)
        return NULL;
    return (struct qr *)QRcode_encodeString8bit(text, 0, QR_ECLEVEL_L);
}

struct qr *qr_free(struct qr *qr)
{
    QRcode_free((QRcode *)qr);
    return NULL;
}

int qr_width(const struct qr *qr)
{
    return ((const QRcode *)qr)->width;
}

int qr_is_dark(const struct qr *qr, int x, int y)
{
    const QRcode *code = (const QRcode *)qr;
    if (x < 0 || y < 0 || x >= code->width || y >= code->width)
        return 0;
    return code->data[y * code->width + x] & 1; /* qrencode.h: the lowest bit is the colour */
}
