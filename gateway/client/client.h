/* The command-line client: one gateway, reached by connect(2) over TCP, UDP or AF_UNIX. */
#ifndef CLIENT_CLIENT_H
#define CLIENT_CLIENT_H

/* Runs `get`, `set`, `toggle`, `pulse` or `watch`; argv[0] is that word. The exit code: 0 done, 1 the
 * gateway answered with an error, 2 wrong usage, 69 no gateway there, 77 not allowed. */
int client_run(int argc, char **argv);

/* Asks GET /healthz of `--to http://HOST:PORT` (default http://127.0.0.1:8080). 0 when the gateway is
 * well, 1 when it is not, 2, 69. */
int client_health(int argc, char **argv);

#endif
