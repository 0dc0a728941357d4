/* The part of the interface's description that says what is answered. */
#ifndef PROTOCOL_OPENAPI_ANSWERS_H
#define PROTOCOL_OPENAPI_ANSWERS_H

struct json_writer;
struct verb;

/* Writes "responses" of the operation: its answer by media type, and the problems that it may have. */
void openapi_write_responses(struct json_writer *writer, const struct verb *verb);

/* Writes "schemas" of the components: every shape. */
void openapi_write_schemas(struct json_writer *writer);

#endif
