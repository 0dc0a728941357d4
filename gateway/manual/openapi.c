#include "manual/manual.h"

#include "base/json_writer.h"
#include "protocol/http/openapi.h"

void manual_print_openapi(struct buffer *out)
{
    struct json_writer writer = json_writer_begin(out);
    openapi_write(&writer, "gpio_gateway_ID");
    (void)buffer_append_char(out, '\n');
}
