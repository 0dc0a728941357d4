#include "manual/manual.h"

#include "base/owner.h"
#include "client/client.h"

#include <string.h>

static const struct manual_word words[] = {
    {"serve",
     "[serve] [--config FILE] [--www DIR] [--http ADDRESS]...",
     "Serve in the foreground until SIGTERM or SIGINT. SIGHUP reads the config again, SIGUSR2 "
     "hands "
     "over.",
     {{"config", "FILE", "default config/gateway.json, else the installed one"},
      {"www", "DIR", "folder of the page; default www, else the installed one"},
      {"http", "ADDRESS", "instead of listen.http, as 127.0.0.1:8080 or unix:PATH; repeatable"}}},
    {"check",
     "check FILE | --keys",
     "Check a config: every error in one run.",
     {{"config", "FILE", "the same as FILE"},
      {"keys", NULL, "print every key that a config may have"}}},
    {"doctor",
     "doctor [FILE]",
     "What this machine offers, and what is wrong.",
     {{"config", "FILE", "the same as FILE"}}},
    {"tls",
     "tls new [NAME]...",
     "makes the certificate of listen.https for this machine and the names given, signed by an "
     "authority of "
     "its own",
     {{0}}},
    {"token",
     "token show | list | new ROLE [NAME] | revoke NAME",
     "The tokens and the addresses that carry them; names and fingerprints; makes and ends tokens.",
     {{0}}},
    {"print",
     "print keys | methods | words | errors | openapi | man | man-config | completion",
     "The manual as tables in Markdown, as man pages, as OpenAPI, or as a completion for bash.",
     {{0}}},
    {"health",
     "health [--to http://HOST:PORT]",
     "Ends with 0 when the gateway is well.",
     {{"to", "URL", "default http://127.0.0.1:8080"}}},
    {"mqtt",
     "mqtt clean --config FILE",
     "Empty what the gateway left at its broker.",
     {{"config", "FILE", "the config that names the broker"}}},
    {"handover",
     "handover [--if-outdated] [--service NAME] [--pid PID] [--config FILE]",
     "Have the gateway that runs end and the installed program go on; no output changes.",
     {{"if-outdated", NULL, "do nothing where no gateway runs, or the installed program itself"},
      {"service", "NAME", "the systemd unit; default gpio-gateway.service"},
      {"pid", "PID", "this process instead; start the next one as this one was started"},
      {"config", "FILE", "check this one first; default the one that the process has"}}},
    {"help", "help | --help", "This list.", {{0}}},
    {"version", "version | --version", "The version.", {{0}}},
};

static const struct manual_option client_options[] = {
    {"to", "ADDRESS", "tcp:HOST:PORT, udp:HOST:PORT or unix:PATH; default this machine's"},
    {"token", "TOKEN",
     "default $GPIO_GATEWAY_TOKEN, else this machine's; - reads it from standard input"},
    {"token-file", "FILE", "the token is the file's first line"},
    {"json", NULL, "ask and answer in JSON"},
    {"explain", NULL, "print each socket call on standard error"},
};

static const struct manual_page pages[] = {
    {"keys", "keys of the config, Markdown", manual_print_keys},
    {"methods", "methods of REST, JSON-RPC and text, Markdown", manual_print_methods},
    {"words", "words of the text protocol, Markdown", manual_print_words},
    {"errors", "codes of errors, Markdown", manual_print_errors},
    {"openapi", "the API, OpenAPI 3.1", manual_print_openapi},
    {"man", "gpio-gateway(1)", manual_print_man},
    {"man-config", "gpio-gateway.json(5)", manual_print_man5},
    {"completion", "completion for bash", manual_print_completion},
};

const struct manual_word *manual_word_at(size_t index)
{
    return index < ARRAY_LENGTH(words) ? &words[index] : NULL;
}

const struct manual_option *manual_client_option_at(size_t index)
{
    return index < ARRAY_LENGTH(client_options) ? &client_options[index] : NULL;
}

const struct manual_page *manual_page_at(size_t index)
{
    return index < ARRAY_LENGTH(pages) ? &pages[index] : NULL;
}

const struct manual_page *manual_page_find(const char *name)
{
    if (strcmp(name, "man5") == 0)
        name = "man-config";
    for (size_t i = 0; i < ARRAY_LENGTH(pages); i++)
        if (strcmp(pages[i].name, name) == 0)
            return &pages[i];
    return NULL;
}

static void print_help_option(const struct manual_option *option, struct buffer *out)
{
    int used = (int)(strlen(option->name) + (option->value ? strlen(option->value) + 1 : 0));
    (void)buffer_printf(out, "      --%s%s%s%*s %s\n", option->name, option->value ? " " : "",
                        option->value ? option->value : "", used < 16 ? 16 - used : 0, "",
                        option->doc);
}

void manual_print_help(struct buffer *out)
{
    (void)buffer_append_text(out, "gpio-gateway " GATEWAY_VERSION
                                  ": a circuit on GPIO pins, by browser, curl and socket\n\n");
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++) {
        (void)buffer_printf(out, "  gpio-gateway %s\n      %s\n", words[i].usage, words[i].doc);
        for (size_t j = 0; j < ARRAY_LENGTH(words[i].options) && words[i].options[j].name; j++)
            print_help_option(&words[i].options[j], out);
    }
    (void)buffer_append_text(out, "\nA client of a running gateway is gpio-gateway WORD:\n");
    client_print_words(out);
    (void)buffer_append_text(out, "with these options:\n");
    for (size_t i = 0; i < ARRAY_LENGTH(client_options); i++)
        print_help_option(&client_options[i], out);
    (void)buffer_append_text(out, "\nExit codes: 0 done, 1 the gateway answered with an error, 2 "
                                  "wrong usage,\n            69 no gateway there, 75 handed over, "
                                  "77 not allowed,\n            78 bad config.\n");
}
