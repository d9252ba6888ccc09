"""One person with several tabs: all ring, the first answer wins, the others fall silent."""

import pytest

pytestmark = pytest.mark.any_browser


def test_all_tabs_ring_and_one_answers(browser, box, phones):
    first = phones(browser, box).register("ada")
    second = first.another_tab()
    phones.also(second)
    box.press("call")
    for tab in (first, second):
        tab.wait_ringing("Fieldbox")
    second.accept()
    second.wait_connected()
    first.wait_notice("Already answered elsewhere.")
    first.wait_home()
    second.prove_live_picture()
    second.hang_up()
    box.wait_state("ready")


def test_refusing_in_one_tab_refuses_in_all(browser, box, phones):
    first = phones(browser, box).register("ada")
    second = first.another_tab()
    phones.also(second)
    box.press("call")
    for tab in (first, second):
        tab.wait_ringing("Fieldbox")
    first.reject()
    second.wait_home()


def test_closing_the_tab_ends_its_call(browser, box, phones):
    first = phones(browser, box).register("ada")
    tab = first.another_tab()
    box.press("call")
    tab.wait_ringing("Fieldbox")
    tab.accept()
    tab.wait_connected()
    box.wait_state("inCall")
    tab.page.close()
    box.wait_state("ready")


def test_many_tabs_of_one_browser(browser, box, phones):
    first = phones(browser, box).register("ada")
    tabs = [first] + [first.another_tab() for _ in range(7)]
    for tab in tabs[1:]:
        phones.also(tab)
    box.press("call")
    for tab in tabs:
        tab.wait_ringing("Fieldbox")
    tabs[-1].reject()
    for tab in tabs:
        tab.wait_home()
