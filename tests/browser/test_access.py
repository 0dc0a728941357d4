"""Who may come in, and what they may do."""


def test_page_without_a_token_asks_for_it_and_lets_in(page, gateway):
    page.browser.get(gateway.url)
    page.until(lambda: page.all("#token"))
    field = page.find("#token")
    page.until(field.is_displayed)
    assert not page.all(".rung")
    page.until(lambda: page.script("return document.activeElement.id") == "token")
    field.send_keys("not-the-token")
    page.find("#login button").click()
    page.until(lambda: "not the token" in page.find("#login-error").text)
    field.clear()
    field.send_keys(gateway.token())
    page.find("#login button").click()
    page.live()
    page.control("red").click()
    page.shows("red", "on")


def test_link_with_a_wrong_token_says_so_and_leaves_the_address(page, gateway):
    page.browser.get(f"{gateway.url}/?token=wrong#console")
    page.until(lambda: "not the token" in page.find("#login-error").text)
    assert page.browser.current_url == f"{gateway.url}/#console"
    page.find("#token").send_keys(gateway.token())
    page.find("#login button").click()
    page.until(lambda: page.find("#view-console").is_displayed())


def test_link_with_an_old_token_lets_in_who_is_known(page, gateway):
    page.open()
    page.browser.get(f"{gateway.url}/?token=old")
    page.live()
    assert page.browser.current_url == f"{gateway.url}/"


def test_token_stays_neither_in_the_address_nor_where_scripts_read(page, gateway):
    page.open()
    token = gateway.token()
    assert token not in page.browser.current_url
    kept = page.script("return document.cookie + JSON.stringify(localStorage) + JSON.stringify(sessionStorage)"
                       " + document.documentElement.outerHTML")
    assert token not in kept


def test_viewer_sees_but_cannot_switch(page, gateway):
    page.open(token=gateway.token("viewer"))
    assert page.control("red").get_attribute("aria-disabled") == "true"
    assert not page.find("#off").is_displayed()
    page.control("red").click()
    page.until(lambda: "viewer" in page.find(".toast-alarm").text)
    gateway.set("green", 1)
    page.shows("green", "on")
    assert gateway.value("red") == 0


def test_log_out_leads_back_to_the_login(page):
    page.open()
    page.find("#settings").click()
    page.until(lambda: page.all("dialog[open]"))
    out = [one for one in page.all("dialog button") if one.text == "Log out"][0]
    page.until(out.is_displayed)
    out.click()
    page.until(lambda: page.find("#token").is_displayed())


def test_share_sheet_draws_a_code_for_viewer_and_operator(page, gateway):
    page.open()
    page.find("#share").click()
    page.until(lambda: page.all("dialog .qr"))
    links = lambda: [one.text for one in page.all("dialog .share-url")]
    assert gateway.token("viewer") in links()[0]
    view = page.find("dialog .qr path").get_attribute("d")
    page.find("dialog .choice label:nth-child(2)").click()
    page.until(lambda: links() and gateway.token() in links()[0])
    assert page.find("dialog .qr path").get_attribute("d") != view


def test_page_obeys_its_own_policy(page):
    page.open()
    page.control("red").click()
    page.shows("red", "on")
    for view in ("timeline", "sockets", "console", "circuit"):
        page.go(view)
    page.find("#settings").click()
    page.until(lambda: page.all("dialog[open]"))
    assert page.complaints() == []


def test_markup_from_strings_is_refused_by_the_browser(page):
    page.open()
    refused = page.script("""
      try { document.body.insertAdjacentHTML('beforeend', '<p>no</p>'); return false } catch { return true }""")
    assert refused
