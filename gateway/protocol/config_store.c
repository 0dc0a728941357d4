#include "protocol/config_store.h"

void config_findings_init(struct config_findings *findings)
{
    buffer_init(&findings->errors, CONFIG_STORE_FINDINGS_MAX_BYTES);
    buffer_init(&findings->changes, CONFIG_STORE_FINDINGS_MAX_BYTES);
    buffer_init(&findings->waits, CONFIG_STORE_FINDINGS_MAX_BYTES);
    buffer_init(&findings->warnings, CONFIG_STORE_FINDINGS_MAX_BYTES);
    findings->etag[0] = '\0';
}

void config_findings_done(struct config_findings *findings)
{
    buffer_done(&findings->errors);
    buffer_done(&findings->changes);
    buffer_done(&findings->waits);
    buffer_done(&findings->warnings);
}
