"""The looker for faults of a screen finds what it is there for."""

BREAK = {
    "target of": "(page) => { page.querySelector('#sign-in button').style.cssText = 'min-height: 0; height: 10px'; }",
    "has no name": "(page) => { page.querySelector('#sign-in button').textContent = ''; }",
    "contrast": "(page) => { page.querySelector('#sign-in label').style.color = '#cccccc'; }",
    "beyond the edge": "(page) => { page.querySelector('#sign-in label').style.cssText = 'position: fixed; left: -20px'; }",
    "wider than the window": "(page) => { page.documentElement.style.width = '3000px'; }",
}


def test_faults_are_found(browser, box, phones):
    page = phones(browser, box).page
    for words, change in BREAK.items():
        page.reload()
        page.wait_shown("#sign-in")
        assert page.script("faults", 24, None) == []
        page.run(f"() => {{ ({change})(document); }}")
        assert any(words in fault for fault in page.script("faults", 24, None)), words
