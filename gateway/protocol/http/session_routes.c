#include "protocol/http/session_routes.h"

#include "base/clock.h"
#include "base/json.h"
#include "net/stream.h"

#include <errno.h>
#include <string.h>

static void answer_session(struct http_exchange *http_exchange, enum role role)
{
    struct json_writer writer = http_exchange_begin_json(http_exchange, 200);
    json_write_object(&writer, NULL);
    json_write_text(&writer, "role", role_name(role));
    json_write_text(&writer, "mode", auth_is_open(http_exchange->service->auth) ? "none" : "token");
    json_write_object_end(&writer);
    http_exchange_end_json(http_exchange);
}

/* Connections that stay open were let in by what has just ended. */
static void note_end(struct http_exchange *http_exchange)
{
    struct service *service = http_exchange->service;
    if (service->grants_changed)
        service->grants_changed(service->grants_context);
}

void session_begin(struct http_exchange *http_exchange, const char *token)
{
    const struct auth *auth = http_exchange->service->auth;
    struct sessions *sessions = auth_sessions(auth);
    struct auth_grant grant = auth_grant_of_token(auth, token, strlen(token));
    if (auth_is_open(auth) || !sessions)
        return;
    /* The old session of this browser gives way. */
    if (http_exchange->grant.session) {
        char old[SESSION_ID_SIZE];
        memcpy(old, http_exchange->grant.session->id, sizeof old);
        http_exchange->grant.session = NULL;
        (void)sessions_end(sessions, old);
        note_end(http_exchange);
    }
    const char *source = http_exchange->client_source[0] ? http_exchange->client_source
                         : http_exchange->stream         ? stream_source(http_exchange->stream)
                                                         : "";
    const struct session *session = sessions_begin(sessions, grant.role, grant.token_key, source,
                                                   clock_wall_ns() / CLOCK_NS_PER_SECOND);
    if (!session)
        return;
    http_exchange_add_header(
        http_exchange, "Set-Cookie", "%s%s=%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Strict%s",
        http_exchange->is_secure ? auth_host_prefix : "", auth_cookie_name(auth), session->secret,
        SESSION_LIFETIME_S, http_exchange->is_secure ? "; Secure" : "");
}

void session_route_get(struct http_exchange *http_exchange)
{
    answer_session(http_exchange, http_exchange->caller.role);
}

void session_route_post(struct http_exchange *http_exchange)
{
    struct json *body = NULL;
    const char *token = NULL;
    const struct auth *auth = http_exchange->service->auth;
    int error =
        json_parse(buffer_text(&http_exchange->body), http_exchange->body.length, &body, NULL);
    if (!error)
        token = json_text(json_get(body, "token"));
    enum role role = token ? auth_role(auth, token, strlen(token)) : ROLE_NONE;
    if (error == -ENOMEM) {
        http_exchange_refuse(http_exchange, PROBLEM_INTERNAL, "Out of memory.");
    } else if (!token) {
        http_exchange_refuse(http_exchange, PROBLEM_BAD_REQUEST, "Send {\"token\":\"…\"}.");
    } else if (role == ROLE_NONE) {
        http_exchange_refuse(
            http_exchange, PROBLEM_UNAUTHORIZED,
            "This token is not known here. `gpio-gateway token show` prints the right "
            "ones.");
    } else {
        answer_session(http_exchange, role);
        session_begin(http_exchange, token);
    }
    json_free(body);
}

void session_route_delete(struct http_exchange *http_exchange)
{
    const struct auth *auth = http_exchange->service->auth;
    const struct session *session = http_exchange->grant.session;
    http_exchange_answer_empty(http_exchange, 204);
    if (session) {
        char id[SESSION_ID_SIZE];
        memcpy(id, session->id, sizeof id);
        http_exchange->grant = (struct auth_grant){0};
        (void)sessions_end(auth_sessions(auth), id);
        note_end(http_exchange);
    }
    const char *names[] = {auth_cookie_name(auth), old_cookie_name};
    if (http_exchange->is_secure)
        http_exchange_add_header(http_exchange, "Set-Cookie",
                                 "%s%s=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict; Secure",
                                 auth_host_prefix, names[0]);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        http_exchange_add_header(http_exchange, "Set-Cookie",
                                 "%s=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict", names[i]);
}

/* An admin sees every session, others those that were begun with the same token as their own. */
static bool may_see(const struct http_exchange *http_exchange, const struct session *session)
{
    uint64_t key = http_exchange->grant.token_key;
    return http_exchange->caller.role == ROLE_ADMIN || (key && key == session->token_key);
}

static void write_session(struct json_writer *writer, const struct session *session,
                          bool is_current)
{
    char text[CLOCK_TEXT_SIZE];
    json_write_object(writer, NULL);
    json_write_text(writer, "id", session->id);
    json_write_text(writer, "role", role_name(session->role));
    json_write_text(writer, "source", session->source);
    json_write_text(writer, "begun_at", clock_format(session->begun_s * CLOCK_NS_PER_SECOND, text));
    json_write_text(writer, "ends_at", clock_format(session->ends_s * CLOCK_NS_PER_SECOND, text));
    json_write_bool(writer, "current", is_current);
    json_write_object_end(writer);
}

void session_route_list(struct http_exchange *http_exchange)
{
    const struct sessions *sessions = auth_sessions(http_exchange->service->auth);
    const struct session *session;
    struct json_writer writer = http_exchange_begin_json(http_exchange, 200);
    json_write_object(&writer, NULL);
    json_write_list(&writer, "sessions");
    for (size_t i = 0; sessions && (session = sessions_at(sessions, i)); i++)
        if (may_see(http_exchange, session))
            write_session(&writer, session, session == http_exchange->grant.session);
    json_write_list_end(&writer);
    json_write_object_end(&writer);
    http_exchange_end_json(http_exchange);
}

void session_route_end(struct http_exchange *http_exchange)
{
    struct sessions *sessions = auth_sessions(http_exchange->service->auth);
    const struct session *session;
    for (size_t i = 0; sessions && (session = sessions_at(sessions, i)); i++) {
        if (strcmp(session->id, http_exchange->path_argument) != 0 ||
            !may_see(http_exchange, session))
            continue;
        http_exchange->grant.session = NULL;
        (void)sessions_end(sessions, http_exchange->path_argument);
        http_exchange_answer_empty(http_exchange, 204);
        note_end(http_exchange);
        return;
    }
    http_exchange_refuse(http_exchange, PROBLEM_NOT_FOUND, "There is no such session.");
}
