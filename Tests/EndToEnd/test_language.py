"""Chinese and English: complete, switchable, kept."""

import json
import re

from harness.box import TOP

CLIENT = TOP / "Sources/WebClient"


def test_both_languages_have_every_word(browser, box, phones):
    page = phones(browser, box).page
    words = page.run("async () => (await import('/app/words.js')).words")
    assert set(words) == {"en", "zh"}
    assert set(words["en"]) == set(words["zh"])
    for key in words["en"]:
        blanks = [set(re.findall(r"\{(\w+)\}", words[language][key])) for language in ("en", "zh")]
        assert blanks[0] == blanks[1], f"{key} has other blanks in the other language"
        assert all(words[language][key].strip() for language in words), key
    used = set(re.findall(r'data-t(?:-label|-placeholder)?="([^"]+)"', (CLIENT / "index.html").read_text()))
    for script in CLIENT.glob("app/*.js"):
        used |= set(re.findall(r"say\('([^']+)'", script.read_text()))
    assert used <= set(words["en"]), f"words that are missing: {used - set(words['en'])}"


def test_the_errors_of_the_protocol_have_words(browser, box, phones):
    page = phones(browser, box).page
    words = page.run("async () => (await import('/app/words.js')).words.en")
    protocol = (TOP / "Sources/Signaling/PROTOCOL.md").read_text()
    codes = re.findall(r"^\| `(\w+)` \| \d{3} \|", protocol, re.MULTILINE)
    assert len(codes) > 10
    assert [code for code in codes if f"error.{code}" not in words] == []
    reasons = re.search(r"^\| `reason` \| in `ended` only: (.+) \|$", protocol, re.MULTILINE)[1]
    for reason in re.findall(r"`(\w+)`", reasons):
        assert any(key.startswith(f"reason.{reason}") for key in words), reason


def test_switching_the_language_lasts(browser, box, phones):
    phone = phones(browser, box)
    page = phone.page
    assert page.run("() => document.documentElement.lang") == "en"
    page.click('[data-language="zh"]')
    assert page.text("#tab-sign-in") == "登录"
    page.reload()
    page.wait_shown("#sign-in")
    assert page.run("() => document.documentElement.lang") == "zh-CN"
    phone.register("lin", "林晓雨")
    assert page.text('.person[data-kind="box"] .presence-words') == "在线"
    page.click("#open-settings")
    page.run("() => document.querySelector('input[name=language][value=en]').click()")
    assert page.text("#sign-out") == "Sign out"
    assert json.loads(page.run("() => JSON.stringify(localStorage.getItem('fieldbox.language'))")) == "en"
