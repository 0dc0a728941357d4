#include "client/client.h"
int client_run(int argc, char **argv) { (void)argc; (void)argv; return 2; }
int client_health(int argc, char **argv) { (void)argc; (void)argv; return 2; }
