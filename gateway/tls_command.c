#include "tls_command.h"

#include "base/file.h"
#include "base/folders.h"
#include "gateway.h"
#include "net/tls_make.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

int tls_default_path(const char *name, char *path, size_t size)
{
    char folder[PATH_MAX];
    int error = folder_state(folder, sizeof folder);
    if (error)
        return error;
    return (size_t)snprintf(path, size, "%s/tls/%s", folder, name) < size ? 0 : -ENAMETOOLONG;
}

static void print_result(const char *folder, const struct tls_names *names, const char *fingerprint,
                         bool is_new_authority)
{
    (void)printf("certificate %s/certificate.pem\nkey %s/key.pem\nauthority %s/ca.pem (%s)\n",
                 folder, folder, folder, is_new_authority ? "new" : "as before");
    (void)printf("fingerprint %s\nfor", fingerprint);
    for (size_t i = 0; i < names->count; i++)
        (void)printf(" %s", names->items[i]);
    (void)printf(
        "\n\nBrowsers and phones trust it once they have taken the authority: open the page /ca "
        "of the gateway on them (it is ca.pem) and compare the fingerprint. A running gateway "
        "takes "
        "the new certificate by itself.\n");
}

int tls_command(int argc, char **argv)
{
    char folder[PATH_MAX];
    char tls[PATH_MAX + 8];
    char fingerprint[TLS_FINGERPRINT_SIZE];
    char reason[256] = "";
    bool is_new_authority;
    struct tls_names names = {0};
    if (argc < 2 || strcmp(argv[1], "new") != 0)
        return -1;
    for (int i = 2; i < argc; i++)
        if (!tls_names_add(&names, argv[i])) {
            (void)fprintf(stderr,
                          "gpio-gateway: \"%.80s\" is neither a host's name nor an address\n",
                          argv[i]);
            return GATEWAY_EXIT_USAGE;
        }
    tls_names_add_own(&names);
    int error = folder_state(folder, sizeof folder);
    if (!error)
        error = file_make_folder(folder, 0700);
    (void)snprintf(tls, sizeof tls, "%s/tls", error ? "" : folder);
    if (error)
        (void)snprintf(reason, sizeof reason, "no state folder: %s", strerror(-error));
    else
        error = tls_make(tls, &names, fingerprint, &is_new_authority, reason);
    if (error) {
        (void)fprintf(stderr, "gpio-gateway: %s\n", reason);
        return GATEWAY_EXIT_NOT_ALLOWED;
    }
    print_result(tls, &names, fingerprint, is_new_authority);
    return GATEWAY_EXIT_DONE;
}
