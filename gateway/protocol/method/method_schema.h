/* The JSON schema of a method's parameter, for whoever describes the table. */
#ifndef PROTOCOL_METHOD_SCHEMA_H
#define PROTOCOL_METHOD_SCHEMA_H

struct json_writer;
struct param;

/* Writes the schema as a member `key`. */
void method_schema_write(struct json_writer *writer, const char *key, const struct param *param);

#endif
