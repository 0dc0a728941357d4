#include "protocol/http/authority_files.h"

#include "net/tls_authority.h"
#include "net/tls_context.h"
#include "protocol/http/authority_page.h"
#include "protocol/http/http_exchange.h"

#include <string.h>

static void answer_certificate(struct http_exchange *http_exchange,
                               const struct tls_authority *authority)
{
    if (!authority) {
        http_exchange_refuse(http_exchange, PROBLEM_NOT_FOUND, "%s", authority_page_none);
        return;
    }
    if (buffer_append(&http_exchange->answer, authority->der, authority->der_length)) {
        http_exchange_refuse(http_exchange, PROBLEM_INTERNAL, "Out of memory.");
        return;
    }
    http_exchange->status = 200;
    http_exchange->media_type = "application/x-x509-ca-cert";
}

bool authority_files_answer(struct http_exchange *http_exchange)
{
    const struct tls_context *tls = http_exchange->service->tls;
    const struct tls_authority *authority = tls ? tls_context_authority(tls) : NULL;
    if (strcmp(http_exchange->path, "/ca") == 0)
        authority_page_answer(http_exchange, authority);
    else if (strcmp(http_exchange->path, "/ca.crt") == 0)
        answer_certificate(http_exchange, authority);
    else
        return false;
    return true;
}
