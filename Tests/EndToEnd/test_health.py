"""How the box is, as an administrator sees it."""

import re

import pytest

pytestmark = pytest.mark.any_browser


def administrator(browser, box, phones, name="grace"):
    phone = phones(browser, box).register(name)
    box.press("call")
    phone.wait_ringing("Fieldbox")
    box.press("hangup")
    phone.page.wait_hidden("#incoming")
    box.wait_state("ready")
    return phone


def open_health(phone):
    phone.page.click("#open-settings")
    phone.page.wait_shown("#open-health")
    phone.page.click("#open-health")
    phone.page.wait_shown("#health-rows dd")
    return phone


def test_an_administrator_sees_what_is_wrong_and_since_when(browser, open_box, phones):
    box = open_box()
    phone = open_health(administrator(browser, box, phones))
    page = phone.page
    page.wait_for("document.querySelector('#health-summary').dataset.well === 'true'")
    box.unplug("camera")
    page.wait_for("document.querySelector('#health-summary').dataset.well === 'false'")
    assert page.run("() => document.querySelector('.fault-what').textContent") == "Camera"
    assert page.run("() => document.querySelector('.fault-detail').textContent") == "unplugged"
    before = box.status()["selfTest"]["number"]
    page.click("#self-test")
    page.wait_for("document.querySelector('#notices').textContent.includes('1 found wrong')")
    assert box.status()["selfTest"]["number"] == before + 1
    box.plug("camera")
    page.wait_for("document.querySelector('#health-summary').dataset.well === 'true'")


def test_an_administrator_saves_the_log(browser, open_box, phones):
    box = open_box()
    phone = open_health(administrator(browser, box, phones))
    text = phone.page.run("async () => (await fetch(document.querySelector('#save-log').href)).text()")
    assert re.search(r"^\d{4}-\d\d-\d\dT\S+Z info fieldbox: server: ready, process \d+$", text, re.M), text
    assert "user-1 became administrator" in text and "grace" not in text


def test_nobody_else_sees_it(browser, open_box, phones):
    box = open_box()
    phone = phones(browser, box).register("ada")
    phone.page.click("#open-settings")
    phone.page.wait_shown("#sign-out")
    assert phone.page.run("() => document.querySelector('#open-health').hidden")
