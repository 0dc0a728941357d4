"""The circuit on screens that are low, magnified, or in the system's own few colours."""

import pytest


def colour(page, selector, name, pseudo=None):
    return page.script("return getComputedStyle(document.querySelector(arguments[0]), arguments[2])[arguments[1]]",
                       selector, name, pseudo)


def system_colour(page, name):
    return page.script("""
      const probe = document.body.appendChild(document.createElement('i'));
      probe.style.color = arguments[0];
      const found = getComputedStyle(probe).color;
      probe.remove();
      return found;""", name)


def test_forced_colours_keep_wires_states_and_the_current_tab(page, gateway):
    page.media(forced_colors="active")
    page.open()
    page.control("red").click()
    page.shows("red", "on")
    ink, paper, lit = (system_colour(page, name) for name in ("CanvasText", "Canvas", "Highlight"))
    assert ink != paper
    assert colour(page, "#rung-red .rail-gnd", "backgroundColor") == ink
    assert colour(page, "#rung-buzzer .wire-in", "backgroundColor") == ink
    assert colour(page, "#rung-red .wire-in", "backgroundColor") == lit
    assert colour(page, "#rung-red .word", "backgroundColor", "::before") == lit
    assert colour(page, "#rung-green .word", "backgroundColor", "::before") != lit
    page.until(lambda: colour(page, "#rung-red .track", "backgroundColor") == lit, "after its transition")
    assert colour(page, ".link-dot", "backgroundColor") == ink
    assert colour(page, "#tab-timeline", "borderBottomColor") == paper
    assert colour(page, "#tab-circuit", "borderBottomColor") != paper
    page.until(lambda: page.all("#board .run"))
    assert colour(page, '#board .run[data-line="buzzer"]', "stroke") == ink
    assert colour(page, '#board .run[data-line="red"]', "stroke") == lit
    # A module's two feeds are two wires and no block.
    assert "gradient" in colour(page, "#rung-buzzer .wire-out", "backgroundImage")
    assert colour(page, "#rung-buzzer .wire-out", "backgroundColor") == "rgba(0, 0, 0, 0)"


@pytest.mark.parametrize("width,height", [(320, 212), (640, 320), (844, 390)])
def test_low_screen_shows_what_has_the_focus(page, width, height):
    page.size(width, height, touch=True)
    page.open()
    assert page.script("return document.documentElement.scrollWidth") <= width
    # Nothing stays in place over the circuit.
    assert page.script("""return [...document.querySelectorAll('body *')].filter((one) =>
      one.getClientRects().length && ['fixed', 'sticky'].includes(getComputedStyle(one).position)
      && one.getBoundingClientRect().height > 8).map((one) => one.className)""") == []
    hidden = page.script("""
      return [...document.querySelectorAll('#rungs button')].filter((button) => {
        button.focus();
        button.scrollIntoView({ block: 'nearest' });
        const { left, right, top, bottom } = button.getBoundingClientRect();
        const seen = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
        return top < 0 || bottom > innerHeight || !button.contains(seen);
      }).map((button) => button.getAttribute('aria-label') ?? button.getAttribute('aria-labelledby'))""")
    assert hidden == []


def test_phone_on_its_side_has_bar_and_tabs_in_one_row(page):
    page.size(844, 390, touch=True)
    page.open()
    assert page.script("return document.querySelector('main').getBoundingClientRect().top") <= 60
    assert page.script("""const { scrollWidth, clientWidth } = document.querySelector('#title');
      return scrollWidth <= clientWidth""")
