#include "protocol/http/http_head.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
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
    /* Where the next field must begin in the library's memory; NULL where that tells nothing. */
    const char *next;
    bool is_broken; /* a line does not follow the one before it */
    const char *wrong;
    bool is_http_1_0;
    unsigned encodings;
    unsigned seen; /* bit i: single_fields[i] */
};

/* Fields that must not come twice: the library and others could each believe another one. */
static const char *const single_fields[] = {
    "Host",
    "Content-Length",
    "Transfer-Encoding",
    "Content-Type",
    "Authorization",
    "Origin",
    "Expect",
    "Sec-Fetch-Site",
    "Sec-WebSocket-Key",
    "Sec-WebSocket-Version",
    "Last-Event-ID",
};

static bool is_token(const char *name)
{
    static const char marks[] = "!#$%&'*+-.^_`|~"; /* RFC 9110 §5.6.2 */
    if (!*name)
        return false;
    for (; *name; name++)
        if (!isalnum((unsigned char)*name) && !strchr(marks, *name))
            return false;
    return true;
}

static bool has_control(const char *value)
{
    for (; *value; value++)
        if (((unsigned char)*value < ' ' && *value != '\t') || *value == 0x7f)
            return true;
    return false;
}

static void check_single(struct head *head, const char *name)
{
    for (unsigned i = 0; i < sizeof single_fields / sizeof single_fields[0]; i++) {
        if (strcasecmp(name, single_fields[i]) != 0)
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
    const char *end = value ? value + strlen(value) : name + strlen(name) + 1;
    if (head->next && head->next != name)
        head->is_broken = true;
    if (head->next)
        head->next = end + 2;
    if (!is_token(name))
        head->wrong = "A field's name is letters, digits and marks, with no blank before the colon "
                      "(RFC 9110 §5.1).";
    else if (value && has_control(value))
        head->wrong = "A field's value has no control characters (RFC 9110 §5.5).";
    check_single(head, name);
    if (strcasecmp(name, MHD_HTTP_HEADER_TRANSFER_ENCODING) == 0) {
        head->encodings++;
        if (!value || strcasecmp(value, "chunked") != 0)
            head->wrong = "The only transfer coding here is \"chunked\" (RFC 9112 §6.1).";
    }
    return MHD_YES;
}

/* libmicrohttpd 0.9 joins folded lines, takes a bare LF or CR for a line's end, and lets a NUL end a
 * value early. It keeps names and values where they were received, each with NUL where CR or the colon was: so
 * every field must begin two bytes behind the end of the one before. (From 1.0 on it refuses all this itself,
 * when it is told to be strict.) */
static bool keeps_lines_in_place(void)
{
    return MHD_get_version()[0] == '0';
}

static bool is_as_long_as_said(struct MHD_Connection *connection, const struct head *head,
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
    if (head.is_broken || (head.next && !is_as_long_as_said(connection, &head, method)))
        return line_rule;
    if (head.encodings > 0 && head.is_http_1_0)
        return "HTTP/1.0 has no transfer coding (RFC 9112 §6.1).";
    if (head.encodings > 0 && head.seen & 1u << 1)
        return "Content-Length and Transfer-Encoding together have two meanings (RFC 9112 §6.3).";
    return NULL;
}
