#include "protocol/http/authority_page.h"

#include "base/clock.h"
#include "net/tls_authority.h"
#include "protocol/http/http_exchange.h"

#include <string.h>
#include <strings.h>

enum {
    STEPS = 3,
    FINGERPRINT_LINE = 24, /* "AB:" eight times: 32 bytes are four lines, which a person compares */
    DATE_LENGTH = 10,      /* of RFC 3339: "2036-11-24" */
};

struct words {
    const char *language, *other, *other_name; /* the page's, and the one that it links to */
    const char *title, *why;
    const char *compare_title, *compare, *valid;
    const char *install, *get;
    const char *android[STEPS], *ios[STEPS];
    const char *then, *remove;
    const char *none; /* instead of all but the title */
};

static const struct words english = {
    .language = "en",
    .other = "ko",
    .other_name = "한국어",
    .title = "Trust this gateway",
    .why = "The gateway speaks HTTPS with a certificate that its own authority has signed. A phone "
           "that "
           "knows the authority opens the page without a warning.",
    .compare_title = "1. Compare the fingerprint",
    .compare =
        "It must be the one that <code>gpio-gateway tls new</code> printed on the gateway. If it "
        "differs, somebody else has answered: install nothing.",
    .valid = "valid until",
    .install = "2. Install the certificate",
    .get = "Get the certificate",
    .android =
        {"Tap “Get the certificate”. The phone saves the file ca.crt.",
         "Open Settings, Security, More security settings, Encryption &amp; credentials, Install a "
         "certificate, CA certificate. If it is called otherwise, search the settings for “CA "
         "certificate”.",
         "Choose “Install anyway”, then the file ca.crt."},
    .ios = {"In Safari, tap “Get the certificate” and allow the download.",
            "Open Settings, Profile Downloaded. “More Details” shows the fingerprint once more. "
            "Install "
            "the profile.",
            "Open Settings, General, About, Certificate Trust Settings, and switch the certificate "
            "on."},
    .then =
        "From now on the https address of the gateway opens without a warning. Only there a page "
        "may keep the screen on.",
    .remove = "A person with the gateway's file ca.key could deceive a phone that trusts it. "
              "Remove the "
              "certificate when you no longer use the gateway.",
    .none = "This gateway has no certificate authority of its own, so there is nothing to install. "
            "On the "
            "gateway, <code>gpio-gateway tls new</code> makes one, and listen.https uses it.",
};

static const struct words korean = {
    .language = "ko",
    .other = "en",
    .other_name = "English",
    .title = "이 게이트웨이의 인증서 설치",
    .why = "이 게이트웨이는 자체 인증 기관이 서명한 인증서로 HTTPS를 제공합니다. 휴대전화에 이 "
           "인증 기관을 "
           "등록하면 경고 없이 페이지가 열립니다.",
    .compare_title = "1. 지문 비교",
    .compare = "게이트웨이에서 <code>gpio-gateway tls new</code>가 출력한 지문과 같아야 합니다. "
               "다르면 다른 "
               "누군가가 응답한 것이므로 아무것도 설치하지 마십시오.",
    .valid = "만료일",
    .install = "2. 인증서 설치",
    .get = "인증서 받기",
    .android =
        {"“인증서 받기”를 누르면 ca.crt 파일이 저장됩니다.",
         "설정, 보안, 기타 보안 설정, 암호화 및 사용자 인증 정보, 인증서 설치, CA 인증서를 차례로 "
         "여십시오. 이름이 다르면 설정에서 “CA 인증서”를 검색하십시오.",
         "“무시하고 설치”를 선택한 다음 ca.crt 파일을 고르십시오."},
    .ios = {"Safari에서 “인증서 받기”를 누르고 다운로드를 허용하십시오.",
            "설정에서 “프로파일이 다운로드됨”을 여십시오. “세부사항 더 보기”에서 지문을 다시 "
            "확인할 수 "
            "있습니다. 프로파일을 설치하십시오.",
            "설정, 일반, 정보, 인증서 신뢰 설정을 차례로 열고 이 인증서를 켜십시오."},
    .then = "이제 게이트웨이의 https 주소가 경고 없이 열립니다. 화면을 켜 두는 기능은 https "
            "페이지에서만 쓸 "
            "수 있습니다.",
    .remove =
        "게이트웨이의 ca.key 파일을 가진 사람은 이 인증서를 신뢰하는 휴대전화를 속일 수 있습니다. "
        "게이트웨이를 더 이상 쓰지 않으면 인증서를 삭제하십시오.",
    .none = "이 게이트웨이에는 자체 인증 기관이 없으므로 설치할 것이 없습니다. 게이트웨이에서 "
            "<code>gpio-gateway tls new</code>로 만들면 listen.https가 사용합니다.",
};

static const struct words *find_words(const struct http_exchange *http_exchange)
{
    const char *wanted = http_exchange->query(http_exchange, "language");
    if (!wanted)
        wanted = http_exchange->header(http_exchange, "Accept-Language");
    return wanted && strncasecmp(wanted, "ko", 2) == 0 ? &korean : &english;
}

/* The name comes out of a certificate, which may have any. */
static void write_escaped(struct buffer *out, const char *text)
{
    for (; *text; text++)
        if (strchr("<>&\"'", *text))
            (void)buffer_printf(out, "&#%d;", *text);
        else
            (void)buffer_append(out, text, 1);
}

static void write_fingerprint(struct buffer *out, const char *fingerprint)
{
    for (size_t at = 0; at < strlen(fingerprint); at += FINGERPRINT_LINE)
        (void)buffer_printf(out, "%.*s\n", FINGERPRINT_LINE, fingerprint + at);
}

static void write_steps(struct buffer *out, const char *system, const char *const steps[STEPS])
{
    (void)buffer_printf(out, "<h3>%s</h3>\n<ol>\n", system);
    for (size_t i = 0; i < STEPS; i++)
        (void)buffer_printf(out, "<li>%s</li>\n", steps[i]);
    (void)buffer_append_text(out, "</ol>\n");
}

static void write_head(struct buffer *out, const struct words *words)
{
    (void)buffer_printf(out,
                        "<!doctype html>\n<html lang=\"%s\">\n<meta charset=\"utf-8\">\n"
                        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                        "<meta name=\"color-scheme\" content=\"light dark\">\n<title>%s</title>\n"
                        "<link rel=\"stylesheet\" href=\"tokens.css\">\n<link rel=\"stylesheet\" "
                        "href=\"page.css\">\n"
                        "<main class=\"login\">\n<h2>%s</h2>\n<p><a href=\"?language=%s\" "
                        "hreflang=\"%s\">%s</a></p>\n",
                        words->language, words->title, words->title, words->other, words->other,
                        words->other_name);
}

static void write_authority(struct buffer *out, const struct words *words,
                            const struct tls_authority *authority)
{
    char time[CLOCK_TEXT_SIZE];
    (void)clock_format(authority->ends_s * CLOCK_NS_PER_SECOND, time);
    (void)buffer_printf(out, "<p>%s</p>\n<h3>%s</h3>\n<p>%s</p>\n<pre id=\"fingerprint\">",
                        words->why, words->compare_title, words->compare);
    write_fingerprint(out, authority->fingerprint);
    (void)buffer_append_text(out, "</pre>\n<p class=\"hint\">");
    write_escaped(out, authority->name);
    (void)buffer_printf(out, ", SHA-256, %s %.*s</p>\n", words->valid, DATE_LENGTH, time);
    (void)buffer_printf(
        out, "<h3>%s</h3>\n<p><a class=\"button button-strong\" href=\"ca.crt\">%s</a></p>\n",
        words->install, words->get);
    write_steps(out, "Android", words->android);
    write_steps(out, "iPhone, iPad", words->ios);
    (void)buffer_printf(out, "<p>%s</p>\n<p class=\"hint\">%s</p>\n", words->then, words->remove);
}

void authority_page_answer(struct http_exchange *http_exchange,
                           const struct tls_authority *authority)
{
    struct buffer *out = &http_exchange->answer;
    const struct words *words = find_words(http_exchange);
    write_head(out, words);
    if (authority)
        write_authority(out, words, authority);
    else
        (void)buffer_printf(out, "<p>%s</p>\n", words->none);
    (void)buffer_append_text(out, "</main>\n</html>\n");
    http_exchange->status = authority ? 200 : 404;
    http_exchange->media_type = "text/html; charset=utf-8";
    http_exchange_add_header(http_exchange, "Content-Security-Policy",
                             "default-src 'none'; style-src 'self'; frame-ancestors 'none'");
    http_exchange_add_header(http_exchange, "Vary", "Accept-Language");
}
