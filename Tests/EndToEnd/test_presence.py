"""Who is there is told honestly: a page that nobody sees may not ring."""


def test_a_hidden_page_is_asleep_and_a_shown_one_awake(browser, box, phones):
    ada = phones(browser, box).register("ada")
    lin = phones(browser, box).register("lin")
    ada.wait_presence("lin", "online")
    lin.page.another_tab()
    ada.wait_presence("lin", "asleep")
    lin.page.bring_to_front()
    ada.wait_presence("lin", "online")


def test_somebody_in_a_call_is_busy_and_a_closed_page_is_gone(browser, open_box, phones):
    box = open_box(**{"calls__grace-seconds": 0.5})
    ada = phones(browser, box).register("ada")
    lin = phones(browser, box).register("lin")
    ada.wait_presence("lin", "online")
    lin.call("box")
    lin.wait_phase("calling")
    ada.wait_presence("lin", "busy")
    lin.hang_up()
    ada.wait_presence("lin", "online")
    lin.page.open("about:blank")
    ada.wait_presence("lin", "offline")


def test_a_lost_stream_is_shown_and_resumed(browser, box, phones):
    phone = phones(browser, box).register("ada")
    device = phone.page.run("async () => (await import('/app/state.js')).state.device")
    # The stream breaks as on a Wi-Fi that goes away: the page learns of an error, and its next attempts fail.
    phone.page.run("""() => {
      window.testOwnSource = window.EventSource;
      window.EventSource = class extends window.testOwnSource {
        constructor() { super('https://127.0.0.1:9/'); }
      };
      dispatchEvent(new Event('online'));
    }""")
    phone.page.wait_shown("#offline")
    phone.page.run("() => { window.EventSource = window.testOwnSource; }")
    phone.page.wait_hidden("#offline")
    assert phone.page.run("async () => (await import('/app/state.js')).state.device") == device
    phone.wait_presence("box", "online")
    box.press("call")
    phone.wait_ringing("Fieldbox")
    # What a browser itself says of a connection that cannot be made, or that breaks.
    phone.page.problems = [one for one in phone.page.problems if "127.0.0.1:9" not in one and "/api/events" not in one]
