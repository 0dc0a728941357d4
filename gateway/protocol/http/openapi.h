/* The interface's description, printed from the tables of routes and methods (OpenAPI 3.1). */
#ifndef PROTOCOL_OPENAPI_H
#define PROTOCOL_OPENAPI_H

struct json_writer;

/* Writes the whole document; `cookie_name` is that of this gateway's sessions. */
void openapi_write(struct json_writer *writer, const char *cookie_name);

#endif
