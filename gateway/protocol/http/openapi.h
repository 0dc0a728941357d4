/* The OpenAPI 3.1 document, made from the route table and the method table so that it cannot drift. */
#ifndef PROTOCOL_OPENAPI_H
#define PROTOCOL_OPENAPI_H

struct json;

/* Owned by the caller; NULL without memory. */
struct json *openapi_document(void);

#endif
