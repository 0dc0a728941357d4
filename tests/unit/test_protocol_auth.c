#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "protocol/auth.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define OPERATOR "11112222333344445555666677778888"
#define VIEWER "aaaabbbbccccddddeeeeffff00001111"
#define ADMIN "ABCDEFGHIJKLMNOPQRSTUVWX27"

static struct auth *make(bool open)
{
    static const char hosts[][AUTH_HOST_SIZE] = {"garden.example", "pi.home.arpa"};
    struct web_origin origins[2];
    assert_true(web_origin_parse("https://lab.example", &origins[0]));
    assert_true(web_origin_parse("http://192.168.1.9:8000", &origins[1]));
    static const struct tokens tokens = {.count = 3,
                                         .items = {{.role = ROLE_OPERATOR, .text = OPERATOR},
                                                   {.role = ROLE_VIEWER, .text = VIEWER},
                                                   {.role = ROLE_ADMIN, .text = ADMIN}}};
    const struct auth_options options = {.open = open,
                                         .tokens = &tokens,
                                         .allowed_hosts = hosts,
                                         .allowed_host_count = 2,
                                         .allowed_origins = origins,
                                         .allowed_origin_count = 2};
    struct auth *auth;
    assert_int_equal(auth_new(&options, &auth), 0);
    return auth;
}

static int set_up(void **state)
{
    *state = make(false);
    return 0;
}

static int tear_down(void **state)
{
    *state = auth_free(*state);
    return 0;
}

/* What one Authorization field and one Cookie field give; either may be NULL. */
static enum role role_of_request(const struct auth *auth, const char *authorization,
                                 const char *cookie)
{
    return auth_grant_of_request(auth, authorization, &cookie, cookie ? 1 : 0).role;
}

static enum role role_of(const struct auth *auth, const char *token)
{
    return auth_role(auth, token, strlen(token));
}

static void auth_gives_each_token_its_role(void **state)
{
    assert_int_equal(role_of(*state, OPERATOR), ROLE_OPERATOR);
    assert_int_equal(role_of(*state, VIEWER), ROLE_VIEWER);
}

static void auth_gives_no_role_to_a_token_that_is_nearly_right(void **state)
{
    static const char *const wrong[] = {
        "",
        "1",
        "11112222333344445555666677778889",
        "01112222333344445555666677778888",
        "1111222233334444555566667777888",
        OPERATOR "8",
        OPERATOR VIEWER,
        "AAAABBBBCCCCDDDDEEEEFFFF00001111",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(role_of(*state, wrong[i]), ROLE_NONE);
}

static void auth_compares_no_more_bytes_than_the_token_has(void **state)
{
    assert_int_equal(auth_role(*state, OPERATOR " and more", 32), ROLE_OPERATOR);
    assert_int_equal(auth_role(*state, OPERATOR, 31), ROLE_NONE);
    assert_int_equal(auth_role(*state, "1111222233334444\0005555666677778888", 33), ROLE_NONE);
}

static void auth_without_tokens_lets_nobody_in_by_an_empty_one(void **state)
{
    (void)state;
    const struct auth_options options = {0};
    struct auth *auth;
    assert_int_equal(auth_new(&options, &auth), 0);
    assert_int_equal(role_of(auth, ""), ROLE_NONE);
    assert_int_equal(role_of_request(auth, "Bearer ", NULL), ROLE_NONE);
    assert_int_equal(role_of_request(auth, NULL, "gpio_gateway="), ROLE_NONE);
    auth_free(auth);
}

static void auth_in_mode_none_takes_everybody_for_an_admin(void **state)
{
    (void)state;
    struct auth *auth = make(true);
    assert_true(auth_is_open(auth));
    assert_int_equal(role_of(auth, "no matter"), ROLE_ADMIN);
    assert_int_equal(role_of_request(auth, NULL, NULL), ROLE_ADMIN);
    assert_int_equal(auth_role_of_user(auth, geteuid() + 1), ROLE_ADMIN);
    auth_free(auth);
}

static void auth_knows_root_and_its_own_user_on_a_unix_socket(void **state)
{
    assert_int_equal(auth_role_of_user(*state, 0), ROLE_OPERATOR);
    assert_int_equal(auth_role_of_user(*state, geteuid()), ROLE_OPERATOR);
    assert_int_equal(auth_role_of_user(*state, geteuid() + 12345), ROLE_NONE);
}

static void auth_takes_its_own_user_from_the_process(void **state)
{
    enum { OTHER = 12345 };
    if (geteuid() != 0)
        skip(); /* only root may be somebody else for a moment */
    assert_int_equal(seteuid(OTHER), 0);
    enum role role = auth_role_of_user(*state, OTHER);
    assert_int_equal(seteuid(0), 0);
    assert_int_equal(role, ROLE_OPERATOR);
    assert_int_equal(auth_role_of_user(*state, OTHER), ROLE_NONE);
}

static void auth_reads_the_scheme_of_authorization_in_any_case(void **state)
{
    assert_int_equal(role_of_request(*state, "Bearer " OPERATOR, NULL), ROLE_OPERATOR);
    assert_int_equal(role_of_request(*state, "bearer " VIEWER, NULL), ROLE_VIEWER);
    assert_int_equal(role_of_request(*state, "BEARER   " OPERATOR, NULL), ROLE_OPERATOR);
}

static void auth_takes_no_other_scheme_for_a_token(void **state)
{
    assert_int_equal(role_of_request(*state, OPERATOR, NULL), ROLE_NONE);
    assert_int_equal(role_of_request(*state, "Basic " OPERATOR, NULL), ROLE_NONE);
    assert_int_equal(role_of_request(*state, "Bearer" OPERATOR, NULL), ROLE_NONE);
    assert_int_equal(role_of_request(*state, "Token Bearer " OPERATOR, NULL), ROLE_NONE);
}

static void auth_finds_its_cookie_among_others(void **state)
{
    static const struct {
        const char *field;
        enum role role;
    } rows[] = {
        {"gpio_gateway=" OPERATOR, ROLE_OPERATOR},
        {"theme=dark; gpio_gateway=" VIEWER, ROLE_VIEWER},
        {"gpio_gateway=" VIEWER "; theme=dark", ROLE_VIEWER},
        {"a=1;gpio_gateway=" OPERATOR ";b=2", ROLE_OPERATOR},
        {"; ;\tgpio_gateway=" OPERATOR, ROLE_OPERATOR},
        {"xgpio_gateway=" OPERATOR, ROLE_NONE},
        {"gpio_gateway2=" OPERATOR, ROLE_NONE},
        {"gpio_gatewayx" OPERATOR, ROLE_NONE},
        {"gpio_gateway", ROLE_NONE},
        {"gpio_gateway=", ROLE_NONE},
        {"a=gpio_gateway=" OPERATOR, ROLE_NONE},
        {"", ROLE_NONE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(role_of_request(*state, NULL, rows[i].field), rows[i].role);
}

static void auth_believes_a_bearer_more_than_a_cookie(void **state)
{
    assert_int_equal(role_of_request(*state, "Bearer " VIEWER, "gpio_gateway=" OPERATOR),
                     ROLE_VIEWER);
    assert_int_equal(role_of_request(*state, "Bearer no", "gpio_gateway=" OPERATOR), ROLE_NONE);
}

/* A proxy that asks for a password of its own passes its field on. */
static void auth_finds_the_cookie_behind_another_scheme(void **state)
{
    assert_int_equal(role_of_request(*state, "Basic dTpw", "gpio_gateway=" OPERATOR),
                     ROLE_OPERATOR);
}

static void auth_serves_literals_localhost_and_allowed_hosts(void **state)
{
    static const char *const served[] = {
        "192.168.1.7",      "192.168.1.7:8080",     "[::1]",          "[::1]:8080",
        "[fe80::1%25eth0]", "[2001:db8::7]:65535",  "localhost",      "LOCALHOST:8080",
        "localhost.",       "localhost.:8080",      "garden.example", "Garden.Example:443",
        "garden.example.",  "[::ffff:192.168.1.7]", "pi.home.arpa",   "::1",
    };
    for (size_t i = 0; i < sizeof served / sizeof served[0]; i++)
        if (!auth_serves_host(*state, served[i]))
            fail_msg("%s is not served", served[i]);
}

static void auth_serves_no_name_of_others(void **state)
{
    static const char *const foreign[] = {
        "",
        ".",
        "evil.example",
        "localhost.evil.example",
        "garden.example.evil.example",
        "evil-garden.example",
        "localhost:80:80",
        "localhost:80x",
        "localhost:-1",
        "localhost/evil.example",
        "user@localhost",
        "localhost@evil.example",
        "localhost evil.example",
        "localhost..",
        "[::1",
        "::1:8080x",
        "127.0.0.1%evil.example",
        "[::1%25eth0]",
        "[fe80::1%]",
        " localhost",
        "localhost ",
        "localhost:",
        "localhost:0",
        "localhost:99999999",
        "localhost:65536",
        "[localhost]",
        "[192.168.1.7]",
        "[::1]x",
        "[]",
        "[]:80",
        "192.168.1.7.evil.example",
        "192.168.1",
        "0x7f000001",
        "2130706433",
    };
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++)
        if (auth_serves_host(*state, foreign[i]))
            fail_msg("\"%s\" is served", foreign[i]);
}

static void auth_refuses_a_host_that_is_too_long(void **state)
{
    char host[AUTH_HOST_SIZE + 8];
    memset(host, 'a', sizeof host - 1);
    host[sizeof host - 1] = '\0';
    assert_false(auth_serves_host(*state, host));
}

static void auth_serves_the_name_of_the_machine_with_and_without_local(void **state)
{
    char name[128];
    char host[160];
    assert_int_equal(gethostname(name, sizeof name), 0);
    assert_true(auth_serves_host(*state, name));
    name[strcspn(name, ".")] = '\0';
    assert_true(auth_serves_host(*state, name));
    (void)snprintf(host, sizeof host, "%s.local:8080", name);
    assert_true(auth_serves_host(*state, host));
    (void)snprintf(host, sizeof host, "%s-2.local", name);
    assert_true(auth_serves_host(*state, host));
    (void)snprintf(host, sizeof host, "%s-13:8080", name);
    assert_true(auth_serves_host(*state, host));
    (void)snprintf(host, sizeof host, "%s-.local", name);
    assert_false(auth_serves_host(*state, host));
    (void)snprintf(host, sizeof host, "%s-2x.local", name);
    assert_false(auth_serves_host(*state, host));
    (void)snprintf(host, sizeof host, "%s-12345.local", name);
    assert_false(auth_serves_host(*state, host));
    (void)snprintf(host, sizeof host, "%s.evil.example", name);
    assert_false(auth_serves_host(*state, host));
    (void)snprintf(host, sizeof host, "%s.local.evil.example", name);
    assert_false(auth_serves_host(*state, host));
    (void)snprintf(host, sizeof host, "%sx", name);
    assert_false(auth_serves_host(*state, host));
}

struct browser_origin {
    const char *origin, *host;
    bool served;
};

enum { DOOR_PORT = 8080 };

static void check_origins(const struct browser_origin *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (auth_is_own_origin(rows[i].origin, rows[i].host, DOOR_PORT) != rows[i].served)
            fail_msg("origin %s of host %s", rows[i].origin, rows[i].host ? rows[i].host : "-");
}

#define CHECK_ORIGINS(rows) check_origins(rows, sizeof(rows) / sizeof(rows)[0])

static void auth_serves_the_page_of_the_same_authority_alone(void **state)
{
    static const struct browser_origin rows[] = {
        {"http://192.168.1.7:8080", "192.168.1.7:8080", true},
        {"http://LOCALHOST:8080", "localhost:8080", true},
        {"http://192.168.1.7:8081", "192.168.1.7:8080", false},
        {"http://192.168.1.8:8080", "192.168.1.7:8080", false},
        {"http://localhost:8080", NULL, false},
    };
    (void)state;
    CHECK_ORIGINS(rows);
}

static void auth_leaves_default_ports_of_an_origin_away(void **state)
{
    static const struct browser_origin rows[] = {
        {"http://192.168.1.7", "192.168.1.7:80", true},
        {"http://192.168.1.7:80", "192.168.1.7", true},
        {"https://192.168.1.7", "192.168.1.7:443", true},
        {"https://192.168.1.7:443", "192.168.1.7", true},
        {"http://192.168.1.7:443", "192.168.1.7", false},
        {"https://192.168.1.7:80", "192.168.1.7", false},
        {"http://192.168.1.7:8080", "192.168.1.7:80", false},
        {"http://[::1]", "[::1]:80", true},
        {"http://[::1]:80", "[::1]", true},
    };
    (void)state;
    CHECK_ORIGINS(rows);
}

static void auth_compares_all_of_an_ipv6_authority(void **state)
{
    static const struct browser_origin rows[] = {
        {"http://[fe80::1]:8080", "[fe80::1]:8080", true},
        {"http://[FE80::1]:8080", "[fe80::1]:8080", true},
        {"http://[fe80::1]:8080", "[fe80::2]:8080", false},
        {"http://[fe80::1]8080", "[fe80::1]8080", false},
        {"http://fe80::1", "fe80::1", false},
    };
    (void)state;
    CHECK_ORIGINS(rows);
}

static void auth_is_not_tricked_by_an_origin_that_contains_its_host(void **state)
{
    static const struct browser_origin rows[] = {
        {"null", "localhost:8080", false},
        {"", "localhost:8080", false},
        {"localhost:8080", "localhost:8080", false},
        {"file://", "localhost:8080", false},
        {"file://localhost:8080", "localhost:8080", false},
        {"httpx://localhost:8080", "localhost:8080", false},
        {"http:/localhost:8080", "localhost:8080", false},
        {"http://localhost:8080@evil.example", "localhost:8080", false},
        {"http://evil.example@localhost:8080", "localhost:8080", false},
        {"http://user:pass@localhost:8080", "localhost:8080", false},
        {"http://localhost:8080.evil.example", "localhost:8080", false},
        {"http://localhost:8080/", "localhost:8080", false},
        {"http://localhost:8080#", "localhost:8080", false},
        {"http://localhost:8080 http://evil.example", "localhost:8080", false},
        {"http://evil.example", "evil.example.", false},
    };
    (void)state;
    CHECK_ORIGINS(rows);
}

/* A cookie goes to every port of its host: whatever else serves pages there must not act. */
static void an_origin_is_scheme_host_and_port(void **state)
{
    static const struct browser_origin rows[] = {
        {"http://garden.example", "garden.example:8080", false},
        {"http://garden.example:9999", "garden.example:8080", false},
        {"http://garden.example:8080", "garden.example:8080", true},
        {"http://garden.example:8080", "192.168.1.7:8080", false},
        {"http://pi.home.arpa:8443", "pi.home.arpa:8080", false},
        {"https://pi.home.arpa", "192.168.1.7:8080", false},
        {"https://pi.home.arpa:8443/", "192.168.1.7:8080", false},
        {"https://pi.home.arpa:8443.evil.example", "192.168.1.7:8080", false},
    };
    (void)state;
    CHECK_ORIGINS(rows);
}

static void a_host_that_two_programs_may_read_differently_is_refused(void **state)
{
    static const char *const wrong[] = {
        "127.0.0.1%evil.com", " localhost",      "localhost:",        "garden.example:99999999",
        "localhost:0",        "localhost:65536", "localhost:+80",     "localhost: 80",
        "127.0.0.1:080a",     "[127.0.0.1]",     "local\thost",       "localhost,evil.example",
        "garden.example%00",  "[::1%25eth0/x]",  "localhost\xc3\xa9", "[::1]80"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (auth_serves_host(*state, wrong[i]))
            fail_msg("%s is served", wrong[i]);
    assert_true(auth_serves_host(*state, "[fe80::1%eth0]:8080"));
    assert_true(auth_serves_host(*state, "garden.example:65535"));
}

static void a_bearer_is_one_token_and_nothing_else(void **state)
{
    assert_int_equal(role_of_request(*state, "Bearer " OPERATOR, NULL), ROLE_OPERATOR);
    assert_int_equal(role_of_request(*state, "bearer  " OPERATOR "  ", NULL), ROLE_OPERATOR);
    assert_int_equal(role_of_request(*state, "Bearer " OPERATOR " junk", NULL), ROLE_NONE);
    assert_int_equal(role_of_request(*state, "Bearer " OPERATOR ",", NULL), ROLE_NONE);
    assert_int_equal(role_of_request(*state, "Bearer " OPERATOR "\t", NULL), ROLE_NONE);
    assert_int_equal(role_of_request(*state, "Bearer x " OPERATOR, NULL), ROLE_NONE);
}

static void tokens_that_are_set_later_replace_the_first_ones(void **state)
{
    static const struct tokens tokens = {.count = 1,
                                         .items = {{.role = ROLE_ADMIN, .text = ADMIN}}};
    assert_int_equal(role_of(*state, ADMIN), ROLE_ADMIN);
    auth_set_tokens(*state, &tokens);
    assert_int_equal(role_of(*state, ADMIN), ROLE_ADMIN);
    assert_int_equal(role_of(*state, OPERATOR), ROLE_NONE);
    assert_null(auth_token(*state, ROLE_VIEWER));
}

static void auth_compares_the_scheme_of_an_origin(void **state)
{
    static const struct browser_origin rows[] = {
        {"https://192.168.1.7:8080", "192.168.1.7:8080", false},
        {"https://pi.example", "pi.example",
         true}, /* through a proxy: the listener has another port */
        {"https://pi.example:8443", "pi.example:8443", true},
        {"ftp://192.168.1.7:8080", "192.168.1.7:8080", false},
        {"HTTP://192.168.1.7:8080", "192.168.1.7:8080", false},
    };
    (void)state;
    CHECK_ORIGINS(rows);
    assert_false(auth_is_own_origin("https://pi.example", "pi.example", 80));
    assert_true(auth_is_own_origin("http://pi.example", "pi.example", 80));
    assert_true(auth_is_own_origin("http://gateway", "gateway", 0));
}

static void auth_allows_whole_origins_and_nothing_like_them(void **state)
{
    static const struct {
        const char *origin;
        bool allowed;
    } rows[] = {
        {"https://lab.example", true},
        {"https://LAB.example:443", true},
        {"http://192.168.1.9:8000", true},
        {"http://lab.example", false},
        {"https://lab.example:8443", false},
        {"http://192.168.1.9", false},
        {"http://192.168.1.9:8001", false},
        {"https://lab.example.evil.example", false},
        {"https://user@lab.example", false},
        {"https://garden.example", false}, /* a host that is allowed is no origin */
        {"null", false},
        {"", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (auth_allows_origin(*state, rows[i].origin) != rows[i].allowed)
            fail_msg("origin %s", rows[i].origin);
}

static void auth_names_every_role(void **state)
{
    (void)state;
    assert_string_equal(role_name(ROLE_NONE), "none");
    assert_string_equal(role_name(ROLE_VIEWER), "viewer");
    assert_string_equal(role_name(ROLE_OPERATOR), "operator");
    assert_string_equal(role_name(ROLE_ADMIN), "admin");
}

#define AUTH_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        AUTH_TEST(auth_gives_each_token_its_role),
        AUTH_TEST(auth_gives_no_role_to_a_token_that_is_nearly_right),
        AUTH_TEST(auth_compares_no_more_bytes_than_the_token_has),
        cmocka_unit_test(auth_without_tokens_lets_nobody_in_by_an_empty_one),
        cmocka_unit_test(auth_in_mode_none_takes_everybody_for_an_admin),
        AUTH_TEST(auth_knows_root_and_its_own_user_on_a_unix_socket),
        AUTH_TEST(auth_takes_its_own_user_from_the_process),
        AUTH_TEST(auth_reads_the_scheme_of_authorization_in_any_case),
        AUTH_TEST(auth_takes_no_other_scheme_for_a_token),
        AUTH_TEST(auth_finds_its_cookie_among_others),
        AUTH_TEST(auth_believes_a_bearer_more_than_a_cookie),
        AUTH_TEST(auth_finds_the_cookie_behind_another_scheme),
        AUTH_TEST(auth_serves_literals_localhost_and_allowed_hosts),
        AUTH_TEST(auth_serves_no_name_of_others),
        AUTH_TEST(auth_refuses_a_host_that_is_too_long),
        AUTH_TEST(auth_serves_the_name_of_the_machine_with_and_without_local),
        AUTH_TEST(auth_serves_the_page_of_the_same_authority_alone),
        AUTH_TEST(auth_leaves_default_ports_of_an_origin_away),
        AUTH_TEST(auth_compares_all_of_an_ipv6_authority),
        AUTH_TEST(auth_is_not_tricked_by_an_origin_that_contains_its_host),
        AUTH_TEST(an_origin_is_scheme_host_and_port),
        AUTH_TEST(a_host_that_two_programs_may_read_differently_is_refused),
        AUTH_TEST(a_bearer_is_one_token_and_nothing_else),
        AUTH_TEST(tokens_that_are_set_later_replace_the_first_ones),
        AUTH_TEST(auth_compares_the_scheme_of_an_origin),
        AUTH_TEST(auth_allows_whole_origins_and_nothing_like_them),
        cmocka_unit_test(auth_names_every_role),
    };
    return cmocka_run_group_tests_name("protocol_access", tests, NULL, NULL);
}
