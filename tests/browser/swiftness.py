"""How soon the page shows what is: its first live state, and what was switched in another page.

The pages themselves take the times; nothing here polls.
"""

import contextlib

# `painted(then)`: then, with the page's clock in milliseconds, once what the document holds now is painted.
# A ResizeObserver that just began is called in the frame under way, or the next, after layout; the message
# it posts arrives when the main thread has painted that frame and handed it over.
PAINTED = """
  const painted = (then) => {
    const frame = new ResizeObserver(() => {
      frame.disconnect();
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => { port1.close(); then(performance.now()); };
      port2.postMessage(null);
    });
    frame.observe(document.documentElement);
  };
"""

# The page's own word for it is data-link on its body; the lines are its rungs. The page's clock is 0 when
# the navigation starts, before the redirect that takes the token out of the address.
LOAD = "(() => {" + PAINTED + """
  window.firstLive = new Promise((resolve) => {
    const changes = new MutationObserver(() => {
      if (document.body?.dataset.link !== 'live' || !document.querySelector('.rung[data-on]')) return;
      changes.disconnect();
      painted(resolve);
    });
    changes.observe(document, { subtree: true, childList: true, attributeFilter: ['data-link', 'data-on'] });
  });
})();"""

# The browser asks for the icon of a tab by itself, and twice.
LOADED = """
  const done = arguments[arguments.length - 1];
  firstLive.then((ms) => done({
    ms, cached: performance.getEntriesByType('resource')
      .filter((one) => one.deliveryType === 'cache' && one.initiatorType !== 'other').map((one) => one.name),
  }));"""

# Two pages have one clock: the moment that theirs began, and the time since then.
TOGGLED = """
  window.reached = new Promise((resolve) => {
    const channel = new BroadcastChannel('swiftness');
    let began;
    addEventListener('click', (event) => { began = performance.timeOrigin + event.timeStamp; },
      { capture: true, once: true });
    channel.onmessage = ({ data }) => { channel.close(); resolve(data - began); };
  });"""

WATCHING = PAINTED + """
  const channel = new BroadcastChannel('swiftness');
  new MutationObserver(() => painted((now) => channel.postMessage(performance.timeOrigin + now)))
    .observe(document.querySelector(arguments[0]), { attributes: true, attributeFilter: ['data-on'] });"""


@contextlib.contextmanager
def _opened(browser, address):
    """The address in a window of its own, which a tab behind another is not: that would not be painted.
    Gives what its first live state took."""
    before = browser.current_window_handle
    browser.switch_to.new_window("window")
    try:
        browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": LOAD})
        browser.get(address)
        yield browser.execute_async_script(LOADED)
    finally:
        browser.close()
        browser.switch_to.window(before)


def loads(browser, address, count):
    """Milliseconds from the start of the navigation until the first live state is painted, of each load:
    every one as the first, in a new window, without a cookie and with an empty cache."""
    took = []
    for _ in range(count):
        browser.execute_cdp_cmd("Network.clearBrowserCookies", {})
        browser.execute_cdp_cmd("Network.clearBrowserCache", {})
        with _opened(browser, address) as load:
            if load["cached"]:
                raise RuntimeError(f"not a cold load: {load['cached']}")
            took.append(load["ms"])
    return took


def toggles(browser, address, line, count):
    """Milliseconds from each click on the line's switch in one window until another has painted its change."""
    rung = f"#rung-{line}"
    took = []
    with _opened(browser, address):
        browser.execute_script(WATCHING, rung)
        with _opened(browser, address):
            switch = browser.find_element("css selector", f"{rung} .rung-press")
            for _ in range(count):
                browser.execute_script(TOGGLED)
                switch.click()
                took.append(browser.execute_async_script("reached.then(arguments[0])"))
    return took
