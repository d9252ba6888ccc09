"""What can be seen from the client's files alone."""

import json
import re

from harness.box import TOP

CLIENT = TOP / "Sources/WebClient"
ROUTES = json.loads((TOP / "Sources/Signaling/openapi.json").read_text())["paths"]
PAGE = (CLIENT / "index.html").read_text()
SCRIPTS = {path.name: path.read_text() for path in sorted(CLIENT.glob("app/*.js"))}
STYLES = {path.name: path.read_text() for path in sorted(CLIENT.glob("style/*.css"))}


def test_text_never_becomes_markup():
    sinks = r"\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|eval|Function\()"
    assert {name: re.findall(sinks, text) for name, text in SCRIPTS.items() if re.search(sinks, text)} == {}
    assert not re.search(r"\son\w+=|\sstyle=|<style|<script(?! type=\"module\" src=)|javascript:", PAGE)


def test_nothing_comes_from_outside():
    for name, text in {"index.html": PAGE, **SCRIPTS, **STYLES}.items():
        addresses = set(re.findall(r"(?:https?:)?//[\w.-]+\.\w+[^\s'\")]*", re.sub(r"^\s*//.*$", "", text, flags=re.M)))
        assert addresses <= {"http://www.w3.org/2000/svg"}, f"{name}: {addresses}"
    assert "iceServers: []" in SCRIPTS["connection.js"]


def test_everything_that_is_named_is_there():
    for path in re.findall(r'(?:src|href)="(/[^"]+)"', PAGE) + re.findall(r'url\("(/[^"]+)"\)', "".join(STYLES.values())):
        assert (CLIENT / path[1:]).is_file() or path in ROUTES, path
    for name, text in SCRIPTS.items():
        for module in re.findall(r"from '\./([\w]+\.js)'", text):
            assert module in SCRIPTS, f"{name} imports {module}"
        for id in re.findall(r"find\('([\w-]+)'\)", text):
            assert f'id="{id}"' in PAGE, f"{name} looks for #{id}"
    icons = set(re.findall(r'<symbol id="icon-([\w-]+)"', PAGE))
    used = set(re.findall(r'href="#icon-([\w-]+)"', PAGE)) | set(re.findall(r"#icon-([\w-]+)'", SCRIPTS["avatar.js"]))
    assert used <= icons and len(icons) == len(re.findall("<symbol ", PAGE))


def test_files_stay_small():
    assert {name: text.count("\n") for name, text in SCRIPTS.items() if text.count("\n") >= 300} == {}
