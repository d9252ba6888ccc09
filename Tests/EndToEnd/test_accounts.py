"""Registering, signing in, sessions on several devices, and names that try to be more than text."""

import pytest

from harness.phone import PASSWORD

pytestmark = pytest.mark.any_browser


def test_registering_shows_the_box(browser, box, phones):
    phone = phones(browser, box).register("ada", "Ada Lovelace")
    assert phone.page.text('.person[data-kind="box"] .person-name') == "Fieldbox"
    assert phone.page.run("() => document.querySelector('.person').dataset.kind") == "box"
    phone.wait_presence("box", "online")
    assert phone.page.run("() => document.cookie") == "", "the session must be out of reach of scripts"


def test_what_is_wrong_is_said_beside_the_field(browser, box, phones):
    phone = phones(browser, box)
    page = phone.page
    page.click("#tab-register")
    page.type("#register-id", "A b")
    page.type("#register-password", "short")
    page.click("#register button[type=submit]")
    page.wait_for("document.activeElement.id === 'register-name'")
    assert page.text("#register-name-error") == "Please fill this in."
    assert page.text("#register-id-error").startswith("Use 2 to 32 of")
    assert page.text("#register-password-error") == "Use 8 to 128 characters."
    assert page.run("() => document.querySelector('#register-id').getAttribute('aria-describedby')") == "register-id-error"
    assert phone.page.run("() => document.body.dataset.screen") == "welcome"


def test_a_taken_id_is_refused(browser, box, phones):
    phones(browser, box).register("ada")
    other = phones(browser, box)
    other.page.allow("/api/register", 409)
    other.page.click("#tab-register")
    for field, text in [("name", "Another Ada"), ("id", "ADA"), ("password", PASSWORD)]:
        other.page.type(f"#register-{field}", text)
    other.page.click("#register button[type=submit]")
    other.page.wait_shown("#register-id-error")
    assert other.page.text("#register-id-error") == "This user name is taken. Choose another one."


def test_signing_in_wrong_and_right(browser, box, phones):
    phone = phones(browser, box).register("ada")
    page = phone.page
    page.run("""() => {
      const own = window.fetch;
      window.fetch = async (path, options) => {
        if (path === '/api/sessions') await new Promise((resolve) => { window.testAnswer = resolve; });
        return own(path, options);
      };
    }""")
    page.click("#open-settings")
    page.wait_for("Boolean(window.testAnswer)")
    before, after = page.run("""async () => {
      await Promise.all(document.getAnimations().map((one) => one.finished));
      const place = () => document.querySelector('#sign-out').getBoundingClientRect().top;
      const before = place();
      window.testAnswer();
      while (!document.querySelector('.session')) await new Promise((resolve) => setTimeout(resolve, 10));
      return [before, place()];
    }""")
    assert before == after, "the button to sign out moves when the list comes"
    page.click("#sign-out")
    page.wait_shown("#sign-in")
    page.allow("/api/signIn", 401)
    answers = []
    for id, password in [("ada", "wrong horse"), ("nobody", PASSWORD)]:
        phone.sign_in(id, password)
        page.wait_shown("#sign-in .form-error")
        answers.append(page.text("#sign-in .form-error"))
    assert answers == ["User name or password is wrong."] * 2, "an unknown id must look like a wrong password"
    phone.sign_in("ada").wait_signed_in()


def test_a_session_lasts_over_a_reload_and_ends_from_another_device(browser, box, phones):
    first = phones(browser, box).register("ada")
    first.page.reload()
    first.wait_signed_in()
    second = phones(browser, box).sign_in("ada").wait_signed_in()
    first.page.click("#open-settings")
    first.page.wait_for("document.querySelectorAll('.session').length === 2")
    first.page.click(".session:last-child .session-end")
    second.page.wait_shown("#welcome")
    second.page.allow("/api/events", 401)
    first.page.wait_for("document.querySelectorAll('.session').length === 1")
    second.page.reload()
    second.page.wait_shown("#sign-in")


def test_a_name_is_text_and_nothing_else(browser, box, phones):
    name = '<img src=x onerror="console.error(1)"> & <b>Bo</b>'
    phones(browser, box).register("bo", name)
    other = phones(browser, box).register("ada")
    other.wait_presence("bo", "online")
    assert other.page.text('.person[data-id="bo"] .person-name') == name
    assert other.page.run("() => document.querySelectorAll('#people img, #people b').length") == 0


def test_people_come_and_go_and_can_be_searched(browser, box, phones):
    ada = phones(browser, box).register("ada", "Ada Lovelace")
    lin = phones(browser, box).register("lin", "林晓雨")
    ada.wait_presence("lin", "online")
    ada.page.type("#search", "lo")
    assert ada.page.texts(".person-name") == []
    assert ada.page.text("#people-empty") == "No one named “lo”."
    ada.page.run("() => { const s = document.querySelector('#search'); s.value = '晓'; s.dispatchEvent(new Event('input')); }")
    assert ada.page.texts(".person-name") == ["林晓雨"]
    ada.page.press("Escape")
    assert ada.page.texts(".person-name") == ["Fieldbox", "林晓雨"]
    lin.page.click("#open-settings")
    lin.page.click("#sign-out")
    ada.wait_presence("lin", "offline")
    unusable = ada.page.run("() => document.querySelector('.person[data-id=lin] .person-video').getAttribute('aria-disabled')")
    assert unusable == "true"
