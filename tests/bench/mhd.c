/* The least that a server on libmicrohttpd can be: one thread, one fixed answer. It tells what of the
 * gateway's time the library takes.
 *
 *     bench-mhd BODY_FILE */
#include <microhttpd.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { BODY_MAX = 65536, POOL_BYTES = 16 * 1024 };

static char body[BODY_MAX];
static size_t body_length;

static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *path,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **request)
{
    (void)context, (void)path, (void)method, (void)version, (void)upload;
    if (!*request) {
        *request = body;
        return MHD_YES;
    }
    *upload_size = 0;
    struct MHD_Response *response =
        MHD_create_response_from_buffer(body_length, body, MHD_RESPMEM_PERSISTENT);
    (void)MHD_add_response_header(response, "Content-Type", "application/json");
    enum MHD_Result result = MHD_queue_response(connection, 200, response);
    MHD_destroy_response(response);
    return result;
}

int main(int argc, char **argv)
{
    FILE *in = argc == 2 ? fopen(argv[1], "rbe") : NULL;
    if (!in)
        return 2;
    body_length = fread(body, 1, sizeof body, in);
    (void)fclose(in);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct MHD_Daemon *daemon =
        MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TURBO, 0, NULL, NULL, handle, NULL,
                         MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address,
                         MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)POOL_BYTES, MHD_OPTION_END);
    const union MHD_DaemonInfo *info =
        daemon ? MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT) : NULL;
    if (!info)
        return 1;
    printf("%u\n", info->port);
    (void)fflush(stdout);
    char byte;
    (void)!read(STDIN_FILENO, &byte, 1);
    MHD_stop_daemon(daemon);
    return 0;
}
