/* One message of the datagram protocol, taken apart: `@TOKEN #17 toggle red`. */
#ifndef PROTOCOL_DATAGRAM_QUESTION_H
#define PROTOCOL_DATAGRAM_QUESTION_H

#include "net/datagram.h"
#include "protocol/access.h"
#include "protocol/datagram/datagram_replay.h"
#include "protocol/problem.h"

#include <stdbool.h>
#include <stddef.h>

enum { QUESTION_SOURCE_SIZE = ADDRESS_TEXT_SIZE + 16 };

/* Plain data; borrows the message. */
struct question {
    const struct datagram_message *message;
    const char *text; /* the words or the JSON alone, without blanks around them */
    size_t length;
    bool is_json;
    bool has_token;                  /* right or wrong */
    enum role role;                  /* ROLE_NONE: a stranger */
    char number[REPLAY_NUMBER_SIZE]; /* "#17", or a JSON-RPC id behind '{'; "" for none */
    char key[REPLAY_NUMBER_SIZE];    /* the number, and for AF_UNIX who asks; "" for none */
    char method[64];                 /* of JSON-RPC; "" for none */
    char source[QUESTION_SOURCE_SIZE];
};

/* Takes `message` apart and finds out who asks. `problem->code` is PROBLEM_NONE, or what is wrong
 * with it (it was cut, its number is none): role and source are then filled all the same. */
void question_read(const struct access *access, const struct datagram_message *message,
                   struct question *ret_question, struct problem *problem);

#endif
