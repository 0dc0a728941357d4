/* The whole gateway in a thread: the first byte chooses the way in (plain, behind a proxy, AF_UNIX, TLS), the rest is what
 * a client sends. RS (0x1e) waits for the answer before it goes on; GS (0x1d) does, and makes a masked text frame of
 * what follows. Every answer is HTTP/1.1 with fields of ASCII, bodies are valid UTF-8, JSON is JSON, and frames are those
 * of RFC 6455. */
#include "fuzz.h"

#include "base/json.h"
#include "base/utf8.h"
#include "client.h"
#include "gateway.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ANSWERS_MAX = 4 * 1024 * 1024, FIELD_SIZE = 128 };
enum { WAIT_MARK = 0x1e, FRAME_MARK = 0x1d };

static char folder[] = "/tmp/gpio-gateway-fuzz-XXXXXX";
static char answers[ANSWERS_MAX];

/* ---- what comes back ---- */

static bool is_json(const char *text, size_t length)
{
    struct json *read = NULL;
    bool is_good = json_parse(text, length, &read, NULL) == 0;
    json_free(read);
    return is_good;
}

/* The frames of a server, as far as they are whole. */
static void check_frames(const unsigned char *at, const unsigned char *end)
{
    while (end - at >= 2) {
        unsigned opcode = at[0] & 0x0f;
        PROMISE((at[0] & 0x70) == 0 && (at[1] & 0x80) == 0);
        PROMISE(opcode == 1 || (opcode >= 8 && opcode <= 10));
        size_t head = at[1] < 126 ? 2 : at[1] == 126 ? 4 : 10;
        uint64_t length = at[1] < 126 ? at[1] : 0;
        if ((size_t)(end - at) < head)
            return;
        for (size_t i = 2; i < head; i++)
            length = length << 8 | at[i];
        if ((uint64_t)(end - at) - head < length)
            return;
        const char *payload = (const char *)at + head;
        PROMISE(opcode < 8 || length <= 125);
        if (opcode == 1)
            PROMISE(utf8_is_valid(payload, length) && is_json(payload, length));
        if (opcode == 8 && length > 0)
            PROMISE(length >= 2 && utf8_is_valid(payload + 2, length - 2));
        at += head + length;
    }
}

/* The value of a field; "" where there is none. */
static void find_field(const char *head, const char *name, char value[FIELD_SIZE])
{
    size_t length = strlen(name);
    value[0] = '\0';
    for (const char *line = strstr(head, "\r\n"); line; line = strstr(line + 2, "\r\n"))
        if (strncasecmp(line + 2, name, length) == 0 && line[2 + length] == ':')
            (void)snprintf(value, FIELD_SIZE, "%.*s", (int)strcspn(line + length + 4, "\r"),
                           line + length + 4);
}

static void check_body(const char *head, const char *body, size_t length)
{
    char type[FIELD_SIZE], coding[FIELD_SIZE];
    find_field(head, "Content-Type", type);
    find_field(head, "Content-Encoding", coding);
    bool is_json_type = strncmp(type, "application/json", 16) == 0 ||
                        strncmp(type, "application/problem+json", 24) == 0;
    if (coding[0] || (!is_json_type && strncmp(type, "text/", 5) != 0))
        return;
    PROMISE(utf8_is_valid(body, length));
    PROMISE(!is_json_type || is_json(body, length));
}

/* A character may be cut where the answer was. */
static void check_rest(const char *text, size_t length)
{
    for (int cut = 0; cut < 4 && length > 0 && !utf8_is_valid(text, length); cut++)
        length--;
    PROMISE(utf8_is_valid(text, length));
}

/* One answer; where the next one begins, or NULL. */
static const char *check_answer(char *at, const char *end)
{
    char length_text[FIELD_SIZE], coding[FIELD_SIZE];
    PROMISE(strncmp(at, "HTTP/1.1 ", 9) == 0);
    char *body = strstr(at, "\r\n\r\n");
    if (!body)
        return NULL;
    for (const char *byte = at; byte < body; byte++)
        PROMISE(*byte == '\r' || *byte == '\n' || (*byte >= ' ' && *byte < 0x7f));
    body += 4;
    body[-1] = '\0';
    int status = atoi(at + 9); /* NOLINT(cert-err34-c): three digits, or 0 */
    PROMISE(status >= 100 && status < 600);
    find_field(at, "Content-Length", length_text);
    find_field(at, "Transfer-Encoding", coding);
    if (status == 101) {
        check_frames((const unsigned char *)body, (const unsigned char *)end);
        return NULL;
    }
    if (coding[0])
        return NULL;
    if (!length_text[0]) {
        if (status != 100 && status != 204 && status != 304)
            check_rest(body, (size_t)(end - body));
        return status == 100 || status == 204 || status == 304 ? body : NULL;
    }
    size_t length = strtoul(length_text, NULL, 10);
    bool is_of_head = strncmp(body, "HTTP/1.1 ", 9) == 0 || status == 304;
    if (is_of_head)
        return body;
    if ((size_t)(end - body) < length)
        return NULL; /* of HEAD, or cut */
    check_body(at, body, length);
    return body + length;
}

static void check_answers(size_t length)
{
    const char *at = answers;
    answers[length] = '\0';
    while (at && at < answers + length && strlen(at) >= 9)
        at = check_answer(answers + (at - answers), answers + length);
}

/* ---- what goes in ---- */

static void send_part(struct fuzz_client *client, char mark, const uint8_t *bytes, size_t length)
{
    uint8_t head[8] = {0x81, 0xfe, (uint8_t)(length >> 8), (uint8_t)length}; /* a mask of zeros */
    if (mark == FRAME_MARK && length < 126) {
        const uint8_t brief[6] = {0x81, (uint8_t)(0x80 | length)};
        fuzz_client_send(client, brief, sizeof brief);
    } else if (mark == FRAME_MARK) {
        fuzz_client_send(client, head, sizeof head);
    }
    fuzz_client_send(client, bytes, length);
}

static void talk(struct fuzz_client *client, const uint8_t *bytes, size_t length)
{
    size_t got = 0;
    char mark = '\0';
    while (length > 0) {
        size_t part = 0;
        while (part < length && bytes[part] != WAIT_MARK && bytes[part] != FRAME_MARK)
            part++;
        send_part(client, mark, bytes, part);
        bytes += part;
        length -= part;
        if (length == 0)
            break;
        mark = (char)*bytes++;
        length--;
        got += fuzz_client_hear(client, answers + got, ANSWERS_MAX - 1 - got, false);
    }
    fuzz_client_end(client);
    got += fuzz_client_hear(client, answers + got, ANSWERS_MAX - 1 - got, true);
    if (!client->is_raw)
        check_answers(got);
}

/* ---- the gateway ---- */

static void write_file(const char *name, const char *text)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "we");
    PROMISE(file && fputs(text, file) >= 0 && fclose(file) == 0);
    PROMISE(chmod(path, 0600) == 0);
}

static void *serve(void *context)
{
    const struct gateway_options *options = context;
    PROMISE(gateway_serve(options) == 0);
    return NULL;
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static char config[128], text[2048];
    static struct gateway_options options = {.config_path = config, .www = "www"};
    pthread_t thread;
    (void)argc;
    (void)argv;
    PROMISE(mkdtemp(folder));
    fuzz_client_choose(folder);
    write_file("token", "operator 11112222333344445555666677778888\n"
                        "viewer aaaabbbbccccddddeeeeffff00001111\n"
                        "admin 99998888777766665555444433332222\n");
    (void)snprintf(
        text, sizeof text,
        "{\"circuit\":{\"lines\":[{\"name\":\"red\",\"direction\":\"output\"},"
        "{\"name\":\"valve\",\"direction\":\"output\",\"title\":{\"ko\":\"밸브\"}},"
        "{\"name\":\"button\",\"direction\":\"input\"}],\"scenes\":[{\"name\":\"evening\","
        "\"set\":{\"red\":1}}]},\"gpio\":{\"backend\":\"simulator\"},\"log\":{\"level\":\"error\"},"
        "\"announce\":{\"mdns\":false},\"history\":{\"file\":true},"
        "\"auth\":{\"allowed_hosts\":[\"pi.school\"],\"allowed_origins\":[\"https://lab.school\"]},"
        "\"proxy\":{\"from\":[\"127.255.0.0/16\",\"unix\"]},"
        "\"listen\":{\"http\":[\"127.0.0.1:%u\",\"unix:%s/h\"],\"https\":[\"127.0.0.1:%u\"],"
        "\"line\":[],\"datagram\":[]}}",
        fuzz_client_port(false), folder, fuzz_client_port(true));
    write_file("gateway.json", text);
    (void)snprintf(config, sizeof config, "%s/gateway.json", folder);
    PROMISE(setenv("STATE_DIRECTORY", folder, 1) == 0 &&
            setenv("RUNTIME_DIRECTORY", folder, 1) == 0);
    fuzz_client_make_certificate(folder);
    PROMISE(pthread_create(&thread, NULL, serve, &options) == 0);
    fuzz_client_await();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct fuzz_client client;
    if (length == 0)
        return 0;
    fuzz_client_open(&client, (enum fuzz_way)(bytes[0] % FUZZ_WAYS));
    talk(&client, bytes + 1, length - 1);
    fuzz_client_close(&client);
    return 0;
}
