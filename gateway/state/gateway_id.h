/* Which gateway this is, for brokers and neighbours: 12 lower-case hex digits, made once and kept in
 * the state folder. No machine id, host name or hardware address: cloned cards share those. */
#ifndef STATE_GATEWAY_ID_H
#define STATE_GATEWAY_ID_H

enum { GATEWAY_ID_SIZE = 13 };

/* Reads `state_folder`/id, or makes it (the folder with mode 0700, too). 0 or a negative errno; a file
 * that holds anything else is -EBADMSG and stays as it is. */
int gateway_id(const char *state_folder, char id[GATEWAY_ID_SIZE]);

#endif
