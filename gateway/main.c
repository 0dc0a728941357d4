/* Command-line arguments and exit codes. */
#include "base/file.h"
#include "base/folders.h"
#include "base/name.h"
#include "base/nearest.h"
#include "base/number.h"
#include "base/owner.h"
#include "circuit/role.h"
#include "client/client.h"
#include "config/config.h"
#include "config/warning.h"
#include "doctor.h"
#include "gateway.h"
#include "handover.h"
#include "manual/manual.h"
#include "mqtt_helper.h"
#include "startup_urls.h"
#include "state/tokens.h"
#include "tls_command.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WORDS_MAX = 64, PAGE_MAX_BYTES = 1024 * 1024 };

/* The name to call this program by: its path where it is not on the PATH. */
static const char *program(void)
{
    return strchr(program_invocation_name, '/') ? program_invocation_name : "gpio-gateway";
}

static int fail_usage(const char *reason, const char *word)
{
    (void)fprintf(stderr, "gpio-gateway: %s%s%s; try %s --help\n", reason, *word ? " " : "", word,
                  program());
    return GATEWAY_EXIT_USAGE;
}

static const char own_config[] = "config/gateway.json";

/* The default config: the one of this folder, else the installed one; NULL for neither. */
static const char *find_config(void)
{
    if (access(own_config, R_OK) == 0)
        return own_config;
    if (access(GATEWAY_CONFIG_FILE, F_OK) == 0)
        return GATEWAY_CONFIG_FILE;
    return access(own_config, F_OK) == 0 ? own_config : NULL;
}

static int fail_config(void)
{
    (void)fprintf(stderr,
                  "gpio-gateway: there is neither %s in this folder nor %s; name a config with "
                  "--config FILE\n",
                  own_config, GATEWAY_CONFIG_FILE);
    return GATEWAY_EXIT_CONFIG;
}

/* "FILE" or "--config FILE"; NULL where neither is given. 0, or -1 for anything else. */
static int read_config_argument(int argc, char **argv, const char **ret_path)
{
    static const struct option words[] = {{"config", required_argument, NULL, 'c'}, {0}};
    const char *path = NULL;
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "", words, NULL)) != -1) {
        if (option != 'c' || path)
            return -1;
        path = optarg;
    }
    if (optind < argc && !path)
        path = argv[optind++];
    if (optind < argc)
        return -1;
    *ret_path = path;
    return 0;
}

static int serve(int argc, char **argv)
{
    static const struct option words[] = {{"config", required_argument, NULL, 'c'},
                                          {"www", required_argument, NULL, 'w'},
                                          {"http", required_argument, NULL, 'h'},
                                          {0}};
    struct gateway_options options = {0};
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "", words, NULL)) != -1) {
        if (option == 'c')
            options.config_path = optarg;
        else if (option == 'w')
            options.www = optarg;
        else if (option == 'h' && options.http_count < GATEWAY_HTTP_MAX)
            options.http[options.http_count++] = optarg;
        else
            return fail_usage("serve does not know or lacks the value of", argv[optind - 1]);
    }
    if (optind < argc)
        return fail_usage("serve takes no", argv[optind]);
    if (!options.config_path)
        options.config_path = find_config();
    if (!options.config_path)
        return fail_config();
    if (!options.www)
        options.www = access("www/index.html", R_OK) == 0 ? "www" : GATEWAY_WWW_DIR;
    return gateway_serve(&options);
}

/* Prints a page of the manual. An exit code. */
static int put_page(void (*print)(struct buffer *out))
{
    struct buffer page;
    buffer_init(&page, PAGE_MAX_BYTES);
    print(&page);
    int code = page.error ? GATEWAY_EXIT_FAILED : GATEWAY_EXIT_DONE;
    (void)fputs(buffer_text(&page), stdout);
    buffer_done(&page);
    return code;
}

static void print_warning(void *context, const char *path, const char *text)
{
    const char *const *file = context;
    (void)fprintf(stderr, "%s: warning: %s: %s\n", *file, path, text);
}

static int check(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--keys") == 0)
        return put_page(manual_print_keys);
    const char *path = NULL;
    if (read_config_argument(argc, argv, &path) || !path)
        return fail_usage("check needs one FILE", "");
    struct config config = {0};
    struct config_report report;
    config_report_init(&report);
    int error = config_load(path, &config, &report);
    if (error)
        (void)fputs(report.errors > 0 ? buffer_text(&report.text) : "out of memory\n", stderr);
    else
        (void)printf("%s: good, %zu lines\n", path, config.circuit.line_count);
    if (!error)
        config_warn(&config, print_warning, &path);
    config_report_done(&report);
    config_done(&config);
    return error ? GATEWAY_EXIT_CONFIG : GATEWAY_EXIT_DONE;
}

/* A user who ran `./run` before installing the service has tokens of both. */
static void note_service(const char *folder)
{
    if (getenv("STATE_DIRECTORY") || strcmp(folder, GATEWAY_SERVICE_STATE_DIR) == 0 ||
        access(GATEWAY_SERVICE_RUNTIME_DIR, F_OK) != 0)
        return;
    (void)fputs(
        "gpio-gateway: these are of the gateway that this user starts; the one that runs as a "
        "service has its own: sudo STATE_DIRECTORY=" GATEWAY_SERVICE_STATE_DIR
        " gpio-gateway token show\n",
        stderr);
}

static void print_tokens(const struct tokens *tokens, const char *folder)
{
    struct addresses urls;
    for (size_t i = 0; i < tokens->count; i++)
        (void)printf("%s %s\n", role_name(tokens->items[i].role), tokens->items[i].text);
    int error = addresses_load(folder, &urls);
    if (error && error != -ENOENT)
        (void)fprintf(stderr, "gpio-gateway: %s/addresses: %s\n", folder, file_error_text(error));
    if (!error)
        startup_urls_print(&urls, tokens_link(tokens), isatty(STDOUT_FILENO), stdout);
}

static void list_tokens(const struct tokens *tokens)
{
    for (size_t i = 0; i < tokens->count; i++) {
        char fingerprint[TOKEN_FINGERPRINT_SIZE];
        const struct token *token = &tokens->items[i];
        token_fingerprint(token->text, fingerprint);
        (void)printf("%s %s%s%s\n", fingerprint, role_name(token->role), token->name[0] ? " " : "",
                     token->name);
    }
}

/* "new ROLE [NAME]": prints the token. */
static int make_token(struct tokens *tokens, const char *folder, int argc, char **argv,
                      char remedy[TOKENS_REMEDY_SIZE])
{
    enum role role = argc > 2 ? role_find(argv[2], strlen(argv[2])) : ROLE_NONE;
    const char *name = argc > 3 ? argv[3] : "";
    if (role == ROLE_NONE || argc > 4 || (*name && !name_is_valid(name)))
        return fail_usage("token new takes a role (admin, operator, viewer) and a name of "
                          "a-z 0-9 _ -",
                          "");
    int error = tokens_add(tokens, role, name);
    if (error)
        (void)snprintf(remedy, TOKENS_REMEDY_SIZE, "%s",
                       error == -EEXIST ? "a token of this name exists; revoke it first"
                                        : strerror(-error));
    else
        error = tokens_store(folder, tokens, remedy);
    if (error)
        return GATEWAY_EXIT_FAILED;
    (void)printf("%s\n", tokens->items[tokens->count - 1].text);
    return GATEWAY_EXIT_DONE;
}

/* "revoke NAME|FINGERPRINT" */
static int revoke_token(struct tokens *tokens, const char *folder, int argc, char **argv,
                        char remedy[TOKENS_REMEDY_SIZE])
{
    if (argc != 3)
        return fail_usage("token revoke takes one name or fingerprint (see token list)", "");
    int error = tokens_revoke(tokens, argv[2]);
    if (error)
        (void)snprintf(remedy, TOKENS_REMEDY_SIZE,
                       "no token is named \"%.40s\"; token list shows them", argv[2]);
    else if (tokens->count == 0)
        (void)snprintf(remedy, TOKENS_REMEDY_SIZE,
                       "this is the last token; make another one first: token new admin");
    else
        error = tokens_store(folder, tokens, remedy);
    return error || tokens->count == 0 ? GATEWAY_EXIT_FAILED : GATEWAY_EXIT_DONE;
}

static int run_token_command(struct tokens *tokens, const char *folder, int argc, char **argv)
{
    char remedy[TOKENS_REMEDY_SIZE] = "";
    int code = GATEWAY_EXIT_DONE;
    if (strcmp(argv[1], "new") == 0)
        code = make_token(tokens, folder, argc, argv, remedy);
    else if (strcmp(argv[1], "revoke") == 0)
        code = revoke_token(tokens, folder, argc, argv, remedy);
    else if (strcmp(argv[1], "list") == 0)
        list_tokens(tokens);
    else
        print_tokens(tokens, folder);
    if (remedy[0])
        (void)fprintf(stderr, "gpio-gateway: %s\n", remedy);
    return code;
}

static int token(int argc, char **argv)
{
    static const char *const words[] = {"show", "list", "new", "revoke"};
    bool is_known = false;
    for (size_t i = 0; argc > 1 && i < ARRAY_LENGTH(words); i++)
        is_known = is_known || strcmp(argv[1], words[i]) == 0;
    if (!is_known || (argc > 2 && (strcmp(argv[1], "show") == 0 || strcmp(argv[1], "list") == 0)))
        return fail_usage("token takes show, list, new ROLE [NAME], or revoke NAME", "");
    char own[PATH_MAX];
    const char *folder = own;
    char remedy[TOKENS_REMEDY_SIZE] = "no folder for the token: set HOME";
    struct tokens tokens;
    int error = folder_state(own, sizeof own);
    if (!error)
        error = tokens_find(own, GATEWAY_SERVICE_STATE_DIR, &folder, &tokens, remedy);
    if (error) {
        (void)fprintf(stderr, "gpio-gateway: %s\n", remedy);
        return GATEWAY_EXIT_NOT_ALLOWED;
    }
    int code = run_token_command(&tokens, folder, argc, argv);
    explicit_bzero(&tokens, sizeof tokens);
    note_service(folder);
    return code;
}

static int doctor(int argc, char **argv)
{
    const char *path = NULL;
    if (read_config_argument(argc, argv, &path))
        return fail_usage("doctor takes one FILE, a config, and nothing else", "");
    if (!path)
        path = find_config();
    int code = doctor_run(path, program(), stdout);
    if (!path)
        (void)fail_config();
    return code;
}

static int handover(int argc, char **argv)
{
    static const struct option words[] = {{"config", required_argument, NULL, 'c'},
                                          {"pid", required_argument, NULL, 'p'},
                                          {"service", required_argument, NULL, 's'},
                                          {"if-outdated", no_argument, NULL, 'o'},
                                          {0}};
    struct handover_options options = {.service = "gpio-gateway.service"};
    int64_t pid = 0;
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "", words, NULL)) != -1) {
        if (option == 'c')
            options.config_path = optarg;
        else if (option == 's')
            options.service = optarg;
        else if (option == 'o')
            options.if_outdated = true;
        else if (option != 'p' || number_parse(optarg, 1, INT_MAX, &pid) < 0)
            return fail_usage("handover does not know or lacks the value of", argv[optind - 1]);
    }
    if (optind < argc)
        return fail_usage("handover takes no", argv[optind]);
    options.pid = (pid_t)pid;
    return handover_run(&options);
}

static int tls(int argc, char **argv)
{
    int code = tls_command(argc, argv);
    return code < 0 ? fail_usage("tls takes new [NAME]...", "") : code;
}

static int version(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    (void)puts("gpio-gateway " GATEWAY_VERSION);
    return GATEWAY_EXIT_DONE;
}

static int help(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return put_page(manual_print_help);
}

static int print(int argc, char **argv)
{
    const struct manual_page *page = argc == 2 ? manual_page_find(argv[1]) : NULL;
    if (page)
        return put_page(page->print);
    (void)fprintf(stderr, "gpio-gateway: print one of:\n");
    for (size_t i = 0; (page = manual_page_at(i)); i++)
        (void)fprintf(stderr, "  %-12s %s\n", page->name, page->doc);
    return GATEWAY_EXIT_USAGE;
}

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
} words[] = {
    {"serve", serve},
    {"check", check},
    {"doctor", doctor},
    {"token", token},
    {"tls", tls},
    {"print", print},
    {"help", help},
    {"version", version},
    {"--version", version},
    {"health", client_health},
    {"mqtt", mqtt_helper_main},
    {"handover", handover},
};

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

static int fail_word(const char *word)
{
    const char *names[WORDS_MAX];
    const char *known;
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
        names[count++] = words[i].name;
    for (size_t i = 0; (known = client_word_at(i)) && count < WORDS_MAX; i++)
        names[count++] = known;
    const char *nearest = nearest_name(word, names, count);
    (void)fprintf(stderr, "gpio-gateway: there is no command \"%s\"%s%s%s; try %s --help\n", word,
                  nearest ? "; did you mean \"" : "", nearest ? nearest : "", nearest ? "\"" : "",
                  program());
    return GATEWAY_EXIT_USAGE;
}

int main(int argc, char **argv)
{
    if (asks_for_help(argc, argv))
        return help(argc, argv);
    for (size_t i = 0; argc > 1 && i < ARRAY_LENGTH(words); i++)
        if (strcmp(argv[1], words[i].name) == 0)
            return words[i].run(argc - 1, argv + 1);
    if (argc > 1 && client_knows(argv[1]))
        return client_run(argc - 1, argv + 1);
    if (argc == 1 || argv[1][0] == '-')
        return serve(argc, argv);
    return fail_word(argv[1]);
}
