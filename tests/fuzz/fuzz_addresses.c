/* Addresses, hosts, origins, networks and nodes of proxies, as strangers and configs write them. */
#include "fuzz.h"

#include "net/address.h"
#include "net/proxy_list.h"
#include "protocol/http/forwarded.h"
#include "protocol/web_origin.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    char *text = fuzz_text(bytes, length);
    struct address address;
    struct authority authority;
    struct web_origin origin, again;
    struct proxy_list list = {0};
    const char *reason = NULL;
    char shown[WEB_ORIGIN_TEXT_SIZE];
    if (address_parse(text, "/run", &address, &reason) == 0 && address.kind != ADDRESS_UNIX) {
        char printed[ADDRESS_TEXT_SIZE];
        struct address read;
        PROMISE(address_parse(address_format(&address, printed), "/run", &read, NULL) == 0);
        PROMISE(address_port(&read) == address_port(&address));
    }
    (void)authority_parse(text, &authority);
    if (web_origin_parse(text, &origin)) {
        PROMISE(web_origin_parse(web_origin_print(&origin, shown), &again));
        PROMISE(web_origin_equals(&origin, &again));
    }
    if (forwarded_parse_node(text, length, &address))
        PROMISE(address.kind == ADDRESS_TCP && address_port(&address) == 0);
    (void)proxy_list_add(&list, text);
    free(text);
    return 0;
}
