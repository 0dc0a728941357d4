/* What of the machine this gateway goes on using, as its config has it. */
#include "gateway_state.h"
#include "helper.h"
#include "sandbox.h"

#include "base/file.h"

#include <libgen.h>
#include <stdlib.h>

/* Room for the folders that are made of other paths. */
struct sandbox_texts {
    char folders[SANDBOX_PATHS_MAX][PATH_MAX];
    size_t count;
};

static void add(const char **list, size_t *count, const char *path)
{
    if (*count < SANDBOX_PATHS_MAX && path && *path)
        list[(*count)++] = path;
}

/* The folder that a file stands in; NULL for no file, and where there is no room. */
static const char *folder_of(struct sandbox_texts *texts, const char *file)
{
    if (!*file || texts->count == SANDBOX_PATHS_MAX || strlen(file) >= PATH_MAX)
        return NULL;
    char *text = texts->folders[texts->count++];
    (void)snprintf(text, PATH_MAX, "%s", file);
    return dirname(text);
}

/* Socket files are removed at the end. Relative ones stand in the runtime folder. */
static void add_socket_folders(const struct config_addresses *addresses,
                               struct sandbox_texts *texts, struct sandbox_paths *paths)
{
    for (size_t i = 0; i < addresses->count; i++)
        if (strncmp(addresses->texts[i], "unix:/", 6) == 0)
            add(paths->write, &paths->write_count, folder_of(texts, addresses->texts[i] + 5));
}

/* The editor of the page writes the config, through a link as well. */
static void add_config(const char *path, struct sandbox_texts *texts, struct sandbox_paths *paths)
{
    add(paths->write, &paths->write_count, folder_of(texts, path));
    if (texts->count == SANDBOX_PATHS_MAX)
        return;
    char *real = texts->folders[texts->count++];
    if (realpath(path, real))
        add(paths->write, &paths->write_count, dirname(real));
}

static int fail_sandbox(int error)
{
    (void)fprintf(stderr, "cannot start: no room for the sandbox: %s\n", strerror(-error));
    return GATEWAY_EXIT_UNAVAILABLE;
}

int gateway_close_sandbox(struct gateway *gateway)
{
    const struct config *config = &gateway->config;
    char runtime[PATH_MAX] = "";
    if (!sandbox_is_wanted())
        return GATEWAY_EXIT_DONE;
    int error = spawner_new(helper_become, &gateway->spawner);
    struct sandbox_texts *texts = error ? NULL : calloc(1, sizeof *texts);
    if (!texts)
        return fail_sandbox(error ? error : -ENOMEM);
    struct sandbox_paths paths = {0};
    (void)file_make_folder(gateway->state_folder, 0700); /* who needs it reports what is wrong */
    (void)folder_runtime(runtime, sizeof runtime);
    add(paths.write, &paths.write_count, gateway->state_folder);
    add(paths.write, &paths.write_count, runtime);
    add_config(gateway->options->config_path, texts, &paths);
    add_socket_folders(&config->listen.http, texts, &paths);
    add_socket_folders(&config->listen.line, texts, &paths);
    add_socket_folders(&config->listen.datagram, texts, &paths);
    add(paths.read, &paths.read_count, gateway->options->www);
    add(paths.read, &paths.read_count, folder_of(texts, config->tls.certificate));
    add(paths.read, &paths.read_count, folder_of(texts, config->tls.key));
    error = sandbox_close(&paths);
    free(texts);
    return error ? fail_sandbox(error) : GATEWAY_EXIT_DONE;
}
