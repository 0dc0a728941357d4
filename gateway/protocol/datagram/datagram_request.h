/* One message of the datagram protocol, taken apart: `@TOKEN #17 toggle red`. */
#ifndef PROTOCOL_DATAGRAM_REQUEST_H
#define PROTOCOL_DATAGRAM_REQUEST_H

#include "net/datagram.h"
#include "protocol/auth.h"
#include "protocol/datagram/datagram_replay.h"
#include "protocol/problem.h"

#include <stdbool.h>
#include <stddef.h>

enum { DATAGRAM_REQUEST_SOURCE_SIZE = ADDRESS_TEXT_SIZE + 16 };

/* Plain data; borrows the message. */
struct datagram_request {
    const struct datagram_message *message;
    const char *text; /* the words or the JSON alone, without blanks around them */
    size_t length;
    bool is_json;
    bool has_token;                  /* right or wrong */
    enum role role;                  /* ROLE_NONE: unauthenticated */
    struct auth_grant grant;         /* that the role comes from */
    char number[REPLAY_NUMBER_SIZE]; /* "#17", or a JSON-RPC id behind '{'; "" for none */
    char key[REPLAY_NUMBER_SIZE];    /* the number, and for AF_UNIX who asks; "" for none */
    char method[64];                 /* of JSON-RPC; "" for none */
    bool is_answer; /* JSON-RPC that asks for nothing; of unauthenticated peers, any that may be */
    char source[DATAGRAM_REQUEST_SOURCE_SIZE];
};

/* Takes `message` apart and finds out who asks. `problem->code` is PROBLEM_NONE, or what is wrong
 * with it (it was cut, its number is none): role and source are then filled all the same. */
void datagram_request_read(const struct auth *auth, const struct datagram_message *message,
                           struct datagram_request *ret_request, struct problem *problem);

#endif
