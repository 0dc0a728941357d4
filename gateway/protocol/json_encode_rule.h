/* Rules as JSON. */
#ifndef PROTOCOL_JSON_ENCODE_RULE_H
#define PROTOCOL_JSON_ENCODE_RULE_H

#include "base/json_writer.h"
#include "circuit/circuit.h"

/* `{"name":…,"enabled":…,"when":{…},"if":{…},"after_ms":…,"do":[…],"waiting":…,"due_at":…,"next_at":…,
 * "last_at":…,"last_result":…,"last_detail":…}`; `when`, `if` (or null) and `do` as the config has
 * them. */
void json_encode_rule(struct json_writer *writer, const struct circuit *circuit, size_t rule);

#endif
