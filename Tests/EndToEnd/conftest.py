"""Browsers once for the suite, boxes once for a file or for a test, phones for each test."""

import re
import signal

import pytest

from harness.box import ADDRESS, OUTPUT, Box
from harness.browsers import EVERY_BROWSER, installed
from harness.deadline import SUITE
from harness.phone import Phone

NAMES = ["chromium", "firefox"]


def output_folder(request):
    return OUTPUT / "browsers" / re.sub(r"[^\w.-]+", "_", request.node.nodeid.split("EndToEnd/")[-1])


@pytest.fixture(scope="session")
def browsers(tmp_path_factory):
    """Starts a browser when it is first asked for by name."""
    running = {}
    kinds = installed()

    def browser(name):
        if name not in kinds:
            pytest.skip(f"{name} is not installed here")
        if name not in running:
            running[name] = kinds[name](tmp_path_factory.mktemp(name))
        return running[name]

    yield browser
    for one in running.values():
        one.close()


def pytest_configure(config):
    config.addinivalue_line("markers", "any_browser: the box or the page's own logic is what is tested, and one browser does")


def pytest_generate_tests(metafunc):
    if "browser" in metafunc.fixturenames:
        one_does = metafunc.definition.get_closest_marker("any_browser") and not EVERY_BROWSER
        metafunc.parametrize("browser", NAMES[:1] if one_does else NAMES, indirect=True)


@pytest.fixture
def browser(request, browsers):
    return browsers(request.param)


@pytest.fixture
def open_box(request, tmp_path):
    """Starts boxes with settings of the test's own; each must end in good order, its children never restarted."""
    boxes = []

    def start(restarts=0, **settings):
        box = Box(tmp_path / f"box{len(boxes)}", **settings)
        boxes.append((box, restarts))
        return box.start()

    yield start
    for box, restarts in boxes:
        try:
            children = box.status()["children"]
            assert sum(child["restarts"] for child in children.values()) == restarts, children
            assert box.stop() == 0, "the box did not end in good order"
        finally:
            box.stop()
            box.keep_output(output_folder(request) / box.folder.name)


@pytest.fixture
def box(open_box):
    return open_box()


@pytest.fixture
def phones(request):
    """Opens the client in a browser. After the test no phone may have met anything that it did not provoke."""
    opened = []

    def phone(browser, box):
        one = Phone.of(browser, box)
        opened.append(one)
        return one.open()

    phone.also = opened.append
    yield phone
    failed = getattr(request.node, "failed", False)
    problems = []
    for index, one in enumerate(opened):
        try:
            if failed:
                one.page.screenshot(output_folder(request) / f"phone{index}.png")
            one.page.check()
        except Exception as problem:  # every phone is looked at before the first is complained about
            problems.append(problem)
        one.page.close()
    if problems and not failed:
        raise problems[0]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.when == "call" and report.failed:
        item.failed = True
        if SUITE.is_over():
            item.session.shouldfail = "the suite's time is over"
    return report


@pytest.fixture
def screens():
    """Where the screenshots go that people look at."""
    return OUTPUT / "screenshots"


def pytest_sessionstart(session):
    if not ADDRESS:
        pytest.exit("these tests need a network of their own: Tests/run --only browsers, or put "
                    "Tests/EndToEnd/in-namespace before this command", returncode=2)
    # Whoever ends the suite from outside still gets everything cleared away that it started.
    signal.signal(signal.SIGTERM, lambda number, frame: pytest.exit("ended from outside", 1))
    (OUTPUT / "screenshots").mkdir(parents=True, exist_ok=True)
