"""Nobody answers: the next preset rings, then everyone."""


def test_the_presets_ring_in_turn_and_then_everyone(browsers, open_box, phones):
    box = open_box(calls__presets="ada, ben", **{"calls__ring-seconds": 5})
    chromium, firefox = browsers("chromium"), browsers("firefox")
    ada = phones(chromium, box).register("ada")
    ben = phones(firefox, box).register("ben")
    cleo = phones(chromium, box).register("cleo")
    for other in ("ada", "ben"):
        cleo.wait_presence(other, "online")
    box.press("call")
    ada.wait_ringing("Fieldbox")
    assert not ben.page.is_shown("#incoming") and not cleo.page.is_shown("#incoming")
    ada.wait_notice("You missed a call from Fieldbox.")
    ben.wait_ringing("Fieldbox")
    assert not cleo.page.is_shown("#incoming")
    cleo.wait_ringing("Fieldbox")
    ada.wait_ringing("Fieldbox")
    cleo.accept()
    cleo.wait_connected()
    for other in (ada, ben):
        other.wait_notice("Already answered elsewhere.")
        other.wait_home()
    cleo.prove_live_picture()
    cleo.hang_up()
    box.wait_state("ready")


def test_nobody_answers_at_all(browser, open_box, phones):
    box = open_box(**{"calls__ring-seconds": 0.5})
    phone = phones(browser, box).register("ada")
    box.press("call")
    phone.wait_ringing("Fieldbox")
    phone.wait_notice("You missed a call from Fieldbox.")
    box.wait_state("ready")
    phone.wait_home()
