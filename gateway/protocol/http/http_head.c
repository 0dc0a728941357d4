#include "protocol/http/http_head.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

char http_head_bad_target[] = "bad target";

const char http_head_target_rule[] = "A target is a path without blanks, control characters or "
                                     "'#', with two hex digits behind each '%' "
                                     "(RFC 9112 §3.2, RFC 3986 §2.1).";
static const char line_rule[] =
    "Each line ends with CR LF, begins with a field's name, and has no NUL (RFC 9112 §2.2, §5).";

void *http_head_on_target(void *context, const char *target, struct MHD_Connection *connection)
{
    (void)context;
    (void)connection;
    for (const unsigned char *at = (const unsigned char *)target; *at; at++)
        if (*at <= ' ' || *at == 0x7f || *at == '#' ||
            (*at == '%' && (!isxdigit(at[1]) || !isxdigit(at[2]))))
            return http_head_bad_target;
    return NULL;
}

struct head {
    /* Where the next field must begin in the library's memory; NULL where that proves nothing. */
    const char *next;
    bool is_broken; /* a line does not follow the one before it */
    const char *wrong;
    bool is_http_1_0;
    unsigned encodings;
    unsigned seen; /* bit i: single_fields[i] */
};

/* Fields that must not come twice: the library and others could each believe another one. */
#define FIELD_NAME(name)                                                                           \
    {                                                                                              \
        name, sizeof(name) - 1                                                                     \
    }
static const struct {
    const char *name;
    size_t length;
} single_fields[] = {
    FIELD_NAME("Host"),
    FIELD_NAME("Content-Length"),
    FIELD_NAME("Transfer-Encoding"),
    FIELD_NAME("Content-Type"),
    FIELD_NAME("Authorization"),
    FIELD_NAME("Origin"),
    FIELD_NAME("Expect"),
    FIELD_NAME("Sec-Fetch-Site"),
    FIELD_NAME("Sec-WebSocket-Key"),
    FIELD_NAME("Sec-WebSocket-Version"),
    FIELD_NAME("Last-Event-ID"),
};

/* One bit for each of the letters, digits and marks of a token (RFC 9110 §5.6.2). */
static const uint64_t token_bytes[2] = {UINT64_C(0x03ff6cfa00000000), UINT64_C(0x57ffffffc7fffffe)};

static bool is_token(const char *name, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)name[i];
        if (byte >= 128 || !(token_bytes[byte / 64] >> byte % 64 & 1))
            return false;
    }
    return length > 0;
}

static bool has_control(const char *value)
{
    for (; *value; value++)
        if (((unsigned char)*value < ' ' && *value != '\t') || *value == 0x7f)
            return true;
    return false;
}

static void check_single(struct head *head, const char *name, size_t length)
{
    for (unsigned i = 0; i < sizeof single_fields / sizeof single_fields[0]; i++) {
        if (length != single_fields[i].length || strcasecmp(name, single_fields[i].name) != 0)
            continue;
        if (head->seen & 1u << i)
            head->wrong = "A field of which there can be only one came twice (RFC 9110 §5.3).";
        head->seen |= 1u << i;
    }
}

static enum MHD_Result check_field(void *context, enum MHD_ValueKind kind, const char *name,
                                   const char *value)
{
    (void)kind;
    struct head *head = context;
    size_t length = strlen(name);
    const char *end = value ? value + strlen(value) : name + length + 1;
    if (head->next && head->next != name)
        head->is_broken = true;
    if (head->next)
        head->next = end + 2;
    if (!is_token(name, length))
        head->wrong = "A field's name is letters, digits and marks, with no blank before the colon "
                      "(RFC 9110 §5.1).";
    else if (value && has_control(value))
        head->wrong = "A field's value has no control characters (RFC 9110 §5.5).";
    check_single(head, name, length);
    if (length == sizeof MHD_HTTP_HEADER_TRANSFER_ENCODING - 1 &&
        strcasecmp(name, MHD_HTTP_HEADER_TRANSFER_ENCODING) == 0) {
        head->encodings++;
        if (!value || strcasecmp(value, "chunked") != 0)
            head->wrong = "The only transfer coding here is \"chunked\" (RFC 9112 §6.1).";
    }
    return MHD_YES;
}

/* libmicrohttpd 0.9 joins folded lines, takes a bare LF or CR for a line's end, and lets a NUL end a
 * value early. It keeps names and values where they were received, each with NUL where CR or the colon was: so
 * every field must begin two bytes behind the end of the one before. (From 1.0 on it refuses all this itself,
 * when it is set to be strict.) */
static bool keeps_lines_in_place(void)
{
    return MHD_get_version()[0] == '0';
}

static bool has_declared_length(struct MHD_Connection *connection, const struct head *head,
                                const char *method)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    return !info || head->next + 2 == method + info->header_size;
}

const char *http_head_check(struct MHD_Connection *connection, const char *path, const char *method,
                            const char *version)
{
    struct head head = {.is_http_1_0 = strcmp(version, MHD_HTTP_VERSION_1_0) == 0};
    if (keeps_lines_in_place()) {
        if (path != method + strlen(method) + 1)
            return "One blank stands behind the method (RFC 9112 §3).";
        head.next = version + strlen(version) + 2;
    }
    (void)MHD_get_connection_values(connection, MHD_HEADER_KIND, check_field, &head);
    if (head.wrong)
        return head.wrong;
    if (head.is_broken || (head.next && !has_declared_length(connection, &head, method)))
        return line_rule;
    if (head.encodings > 0 && head.is_http_1_0)
        return "HTTP/1.0 has no transfer coding (RFC 9112 §6.1).";
    if (head.encodings > 0 && head.seen & 1u << 1)
        return "Content-Length and Transfer-Encoding together have two meanings (RFC 9112 §6.3).";
    return NULL;
}
