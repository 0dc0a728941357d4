/* What is answered about the gateway itself: sessions, config, health, JSON-RPC, problems. */
#include "base/owner.h"
#include "protocol/auth.h"
#include "protocol/http/shape.h"
#include "protocol/problem.h"

#define CHOICES(function, ...)                                                                     \
    static const char *function(size_t index)                                                      \
    {                                                                                              \
        static const char *const texts[] = {__VA_ARGS__};                                          \
        return index < ARRAY_LENGTH(texts) ? texts[index] : NULL;                                  \
    }

CHOICES(role_at, "viewer", "operator", "admin")
CHOICES(version_at, "2.0")
CHOICES(mode_at, "none", "token")
CHOICES(health_at, "ok", "degraded")
CHOICES(mqtt_at, "connected", "connecting", "refused", "off")
CHOICES(mdns_at, "announced", "missing", "off")
CHOICES(rest_at, "GET", "PUT", "POST", "DELETE")

static const struct shape_member problem_members[] = {
    {"type", .kind = SHAPE_TEXT},
    {"title", .kind = SHAPE_TEXT},
    {"status", .kind = SHAPE_INTEGER, .min = 400, .max = 599},
    {"detail", .kind = SHAPE_TEXT, .doc = "a sentence for a person, with the remedy"},
    {"code", .kind = SHAPE_TEXT, .doc = "for programs"},
    {"blocked_by", .kind = SHAPE_TEXT, .optional = true, .doc = "the line that is on"},
    {"errno", .kind = SHAPE_TEXT, .optional = true},
    {"retry_after", .kind = SHAPE_INTEGER, .optional = true, .doc = "seconds"},
    {"errors", .kind = SHAPE_OF, .shape = "config_error", .list = true, .optional = true,
     .doc = "of a config"},
};

static const struct shape_member config_error_members[] = {
    {"path", .kind = SHAPE_TEXT},
    {"message", .kind = SHAPE_TEXT},
};

static const struct shape_member config_line_members[] = {
    {"line", .kind = SHAPE_TEXT},
    {"is", .kind = SHAPE_TEXT},
};

#define FINDINGS                                                                                   \
    {"changes", .kind = SHAPE_OF, .shape = "config_line", .list = true},                           \
        {"waits", .kind = SHAPE_TEXT, .list = true, .doc = "keys that the next start takes"},      \
    {                                                                                              \
        "warnings", .kind = SHAPE_TEXT, .list = true                                               \
    }

static const struct shape_member config_change_members[] = {
    {"etag", .kind = SHAPE_TEXT, .optional = true, .doc = "of the file, once it is written"},
    {"ok", .kind = SHAPE_BOOL, .optional = true, .doc = "of a dry run"},
    FINDINGS,
};

static const struct shape_member config_version_members[] = {
    {"etag", .kind = SHAPE_TEXT}, {"time", .kind = SHAPE_TIME},    {"source", .kind = SHAPE_TEXT},
    {"role", .kind = SHAPE_TEXT}, {"summary", .kind = SHAPE_TEXT}, {"bytes", .kind = SHAPE_INTEGER},
};

static const struct shape_member config_versions_members[] = {
    {"versions", .kind = SHAPE_OF, .shape = "config_version", .list = true},
};

static const struct shape_member login_members[] = {
    {"token", .kind = SHAPE_TEXT},
};

static const struct shape_member session_members[] = {
    {"role", .kind = SHAPE_TEXT, .choices = role_at},
    {"mode", .kind = SHAPE_TEXT, .choices = mode_at, .doc = "none: no token is needed"},
};

static const struct shape_member browser_members[] = {
    {"id", .kind = SHAPE_TEXT},      {"role", .kind = SHAPE_TEXT, .choices = role_at},
    {"source", .kind = SHAPE_TEXT},  {"begun_at", .kind = SHAPE_TIME},
    {"ends_at", .kind = SHAPE_TIME}, {"current", .kind = SHAPE_BOOL},
};

static const struct shape_member sessions_members[] = {
    {"sessions", .kind = SHAPE_OF, .shape = "browser", .list = true},
};

static const struct shape_member share_for_members[] = {
    {"role", .kind = SHAPE_TEXT, .choices = role_at},
};

static const struct shape_member link_members[] = {
    {"url", .kind = SHAPE_TEXT},
    {"qr", .kind = SHAPE_TEXT, .list = true, .optional = true, .doc = "rows of 0 and 1"},
};

static const struct shape_member share_members[] = {
    {"links", .kind = SHAPE_OF, .shape = "link", .list = true},
};

static const struct shape_member helpers_members[] = {
    {"mqtt", .kind = SHAPE_TEXT, .choices = mqtt_at},
    {"mdns", .kind = SHAPE_TEXT, .choices = mdns_at},
};

static const struct shape_member health_members[] = {
    {"status", .kind = SHAPE_TEXT, .choices = health_at},
    {"version", .kind = SHAPE_TEXT},
    {"backend", .kind = SHAPE_TEXT},
    {"uptime_s", .kind = SHAPE_INTEGER},
    {"lines_unavailable", .kind = SHAPE_INTEGER},
    {"helpers", .kind = SHAPE_OF, .shape = "helpers"},
};

static const struct shape_member neighbour_members[] = {
    {"id", .kind = SHAPE_TEXT},      {"name", .kind = SHAPE_TEXT}, {"url", .kind = SHAPE_TEXT},
    {"version", .kind = SHAPE_TEXT}, {"seen", .kind = SHAPE_TIME},
};

static const struct shape_member neighbours_members[] = {
    {"neighbours", .kind = SHAPE_OF, .shape = "neighbour", .list = true},
};

static const struct shape_member pin_members[] = {
    {"pin", .kind = SHAPE_INTEGER, .nullable = true, .doc = "its number on the header"},
    {"name", .kind = SHAPE_TEXT},
    {"chip", .kind = SHAPE_TEXT, .nullable = true},
    {"offset", .kind = SHAPE_INTEGER, .nullable = true},
    {"line", .kind = SHAPE_TEXT, .nullable = true, .doc = "of the config that has it"},
    {"held_by", .kind = SHAPE_TEXT, .nullable = true, .doc = "another program"},
    {"functions", .kind = SHAPE_TEXT, .list = true},
    {"safe_to_try", .kind = SHAPE_BOOL},
};

static const struct shape_member pins_members[] = {
    {"board", .kind = SHAPE_TEXT, .nullable = true},
    {"pins", .kind = SHAPE_OF, .shape = "pin", .list = true},
};

static const struct shape_member pin_wiggle_members[] = {
    {"pin", .kind = SHAPE_TEXT},
    {"ms", .kind = SHAPE_INTEGER},
};

static const struct shape_member pin_watch_members[] = {
    {"watching", .kind = SHAPE_TEXT, .list = true},
    {"ends_at", .kind = SHAPE_TIME},
};

static const struct shape_member pin_moved_members[] = {
    {"pin", .kind = SHAPE_TEXT},
    {"value", .kind = SHAPE_SWITCH},
};

static const struct shape_member ping_members[] = {
    {"time_ns", .kind = SHAPE_NANOSECONDS},
    {"boot", .kind = SHAPE_TEXT},
    {"seq", .kind = SHAPE_INTEGER},
};

static const struct shape_member parameter_members[] = {
    {"name", .kind = SHAPE_TEXT},
    {"required", .kind = SHAPE_BOOL},
    {"plain", .kind = SHAPE_BOOL, .doc = "text commands may leave its name out"},
    {"schema", .kind = SHAPE_ANY},
};

static const struct shape_member method_members[] = {
    {"name", .kind = SHAPE_TEXT},
    {"summary", .kind = SHAPE_TEXT},
    {"role", .kind = SHAPE_TEXT, .choices = role_at},
    {"word", .kind = SHAPE_TEXT, .nullable = true},
    {"usage", .kind = SHAPE_TEXT, .nullable = true},
    {"suffix", .kind = SHAPE_TEXT, .nullable = true},
    {"once", .kind = SHAPE_BOOL},
    {"in_rules", .kind = SHAPE_BOOL},
    {"rest", .kind = SHAPE_TEXT, .choices = rest_at, .nullable = true},
    {"path", .kind = SHAPE_TEXT, .nullable = true},
    {"params", .kind = SHAPE_OF, .shape = "parameter", .list = true},
};

static const struct shape_member methods_members[] = {
    {"methods", .kind = SHAPE_OF, .shape = "method", .list = true},
};

static const struct shape_member rpc_call_members[] = {
    {"jsonrpc", .kind = SHAPE_TEXT, .choices = version_at},
    {"id", .kind = SHAPE_ANY, .optional = true,
     .doc = "a number or a text; without it nothing is answered"},
    {"method", .kind = SHAPE_TEXT},
    {"params", .kind = SHAPE_ANY, .optional = true,
     .doc = "an object, or a list in the method's order"},
};

static const struct shape_member rpc_error_members[] = {
    {"code", .kind = SHAPE_INTEGER, .min = -32768, .max = -32000},
    {"message", .kind = SHAPE_TEXT},
    {"data", .kind = SHAPE_OBJECT, .optional = true},
};

static const struct shape_member rpc_result_members[] = {
    {"jsonrpc", .kind = SHAPE_TEXT, .choices = version_at},
    {"id", .kind = SHAPE_ANY},
    {"result", .kind = SHAPE_RESULT, .optional = true},
    {"error", .kind = SHAPE_OF, .shape = "rpc_error", .optional = true},
};

static const struct shape shapes[] = {
    {"problem", "Problem details (RFC 9457)", SHAPE_MEMBERS(problem_members)},
    {"config", "The circuit's file; /api/v1/config/schema describes it",
     .value = {.kind = SHAPE_OBJECT}},
    {"schema", "JSON Schema of the circuit's file", .value = {.kind = SHAPE_OBJECT}},
    {"config_error", "What is wrong, and where", SHAPE_MEMBERS(config_error_members)},
    {"config_line", "What became of a line", SHAPE_MEMBERS(config_line_members)},
    {"config_change", "What a change of the file did, or would do",
     SHAPE_MEMBERS(config_change_members)},
    {"config_version", "A version of the file that was kept",
     SHAPE_MEMBERS(config_version_members)},
    {"config_versions", "Versions that were kept, newest first",
     SHAPE_MEMBERS(config_versions_members)},
    {"login", "A token", SHAPE_MEMBERS(login_members)},
    {"session", "Who you are", SHAPE_MEMBERS(session_members)},
    {"browser", "A browser that is logged in", SHAPE_MEMBERS(browser_members)},
    {"sessions", "Browsers that are logged in", SHAPE_MEMBERS(sessions_members)},
    {"share_for", "For whom links are wanted", SHAPE_MEMBERS(share_for_members)},
    {"link", "An address with a token, and its QR code", SHAPE_MEMBERS(link_members)},
    {"share", "Links for somebody else", SHAPE_MEMBERS(share_members)},
    {"helpers", "State of the helper processes", SHAPE_MEMBERS(helpers_members)},
    {"health", "Whether the gateway is well", SHAPE_MEMBERS(health_members)},
    {"neighbour", "Another gateway", SHAPE_MEMBERS(neighbour_members)},
    {"neighbours", "Other gateways in the network", SHAPE_MEMBERS(neighbours_members)},
    {"pin", "A pin of the header, or a named line of a chip", SHAPE_MEMBERS(pin_members)},
    {"pins", "The pins", SHAPE_MEMBERS(pins_members)},
    {"pin_wiggle", "Which pin blinks, and for how long", SHAPE_MEMBERS(pin_wiggle_members)},
    {"pin_watch", "Which pins are watched", SHAPE_MEMBERS(pin_watch_members)},
    {"pin_moved", "A pin of the simulator and its level", SHAPE_MEMBERS(pin_moved_members)},
    {"ping", "The gateway's clock", SHAPE_MEMBERS(ping_members)},
    {"parameter", "A method's parameter", SHAPE_MEMBERS(parameter_members)},
    {"method", "A method", SHAPE_MEMBERS(method_members)},
    {"method_list", "Every method", SHAPE_MEMBERS(methods_members)},
    {"rpc_call", "A call (JSON-RPC 2.0)", SHAPE_MEMBERS(rpc_call_members)},
    {"rpc_calls", "A call, or a batch", .value = {.kind = SHAPE_OF, .shape = "rpc_call"},
     .or_list = true},
    {"rpc_error", "Why a call failed", SHAPE_MEMBERS(rpc_error_members)},
    {"rpc_result", "A call's answer", SHAPE_MEMBERS(rpc_result_members)},
    {"rpc_results", "The answer, or those of a batch",
     .value = {.kind = SHAPE_OF, .shape = "rpc_result"}, .or_list = true},
    {"thing", "Thing Description 1.1 (W3C)", .value = {.kind = SHAPE_OBJECT}},
    {"openapi", "This document", .value = {.kind = SHAPE_OBJECT}},
};

const struct shape_table shape_gateway = SHAPE_TABLE(shapes);
