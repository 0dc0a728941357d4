/* The JSON schema of a method's parameter, for whoever describes the table. */
#ifndef PROTOCOL_METHOD_SCHEMA_H
#define PROTOCOL_METHOD_SCHEMA_H

struct json;
struct param;

/* Owned by the caller. */
struct json *method_schema(const struct param *param);

#endif
