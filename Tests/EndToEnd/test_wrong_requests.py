"""What a browser could send and should not: refused by code, and everything else goes on."""

import pytest

pytestmark = pytest.mark.any_browser

ASK = """async (path, body, type) => {
  const options = { method: 'POST', headers: { 'Content-Type': type }, body };
  const answer = await fetch(path, options);
  const json = await answer.json().catch(() => null);
  return { status: answer.status, code: json?.error?.code, field: json?.error?.field ?? null };
}"""
JSON = "application/json"

WITHOUT_SESSION = [
    ("/api/signOut", "{}"), ("/api/sessions/end", '{"session":"x"}'), ("/api/presence", '{"device":"x","state":"awake"}'),
    ("/api/calls/start", '{"device":"x","callee":"box","audio":true,"video":true}'),
    ("/api/calls/accept", '{"device":"x","call":"y"}'), ("/api/calls/hangUp", '{"device":"x","call":"y"}'),
]

WRONG = [
    ("/api/signIn", "{", JSON, 400, "badRequest"),
    ("/api/signIn", "[]", JSON, 400, "badRequest"),
    ("/api/signIn", '{"id":1,"password":"x"}', JSON, 400, "badRequest"),
    ("/api/signIn", '{"__proto__":{"id":"ada"}}', JSON, 400, "badRequest"),
    ("/api/signIn", '{"id":"ada","password":"x"}', "text/plain", 415, "unsupportedMediaType"),
    ("/api/signIn", '{"id":"' + "a" * 70_000 + '"}', JSON, 413, "tooLarge"),
    ("/api/me", "{}", JSON, 405, "methodNotAllowed"),
    ("/api/nothing", "{}", JSON, 404, "notFound"),
    ("/api/register", '{"id":"box","displayName":"B","password":"correct horse"}', JSON, 400, "invalid"),
    ("/api/register", '{"id":"b","displayName":"B","password":"correct horse"}', JSON, 400, "invalid"),
    ("/api/register", '{"id":"bb","displayName":"","password":"correct horse"}', JSON, 400, "invalid"),
    ("/api/register", '{"id":"bb","displayName":"B","password":"short"}', JSON, 400, "invalid"),
]


def test_nothing_without_a_session(browser, box, phones):
    page = phones(browser, box).page
    for path, body in WITHOUT_SESSION:
        page.allow(path, 401)
        assert page.run(ASK, path, body, JSON) == {"status": 401, "code": "notSignedIn", "field": None}, path
    for path in ("/api/people", "/api/sessions", "/api/events"):
        page.allow(path, 401)
        assert page.run("async (path) => (await fetch(path)).status", path) == 401


def test_malformed_requests_are_refused_and_the_box_goes_on(browser, box, phones):
    page = phones(browser, box).page
    for path, body, kind, status, code in WRONG:
        page.allow(path, status)
        answer = page.run(ASK, path, body, kind)
        assert (answer["status"], answer["code"]) == (status, code), f"{path} {body[:80]}"
    phones(browser, box).register("ada")


def test_calls_of_others_are_out_of_reach(browser, box, phones):
    ada = phones(browser, box).register("ada")
    mallory = phones(browser, box).register("mallory")
    box.press("call")
    ada.wait_ringing("Fieldbox")
    # Mallory learns the ids of Ada's call and device and uses them, with her own device and with Ada's.
    learn = "async () => { const { ringingCall } = await import('/app/calls.js'); const { state } = await import('/app/state.js'); return [ringingCall()?.id ?? null, state.device]; }"
    call, adas_device = ada.page.run(learn)
    _, own_device = mallory.page.run(learn)
    assert call and adas_device and own_device
    for action in ("accept", "reject", "hangUp", "reconnect"):
        mallory.page.allow(f"/api/calls/{action}", 404)
        for device in (own_device, adas_device):
            body = f'{{"device":"{device}","call":"{call}"}}'
            assert mallory.page.run(ASK, f"/api/calls/{action}", body, JSON)["code"] == "notFound", (action, device)
    mallory.page.allow("/api/calls/answer", 404)
    body = f'{{"device":"{own_device}","call":"{call}","peer":"x","sdp":"v=0"}}'
    assert mallory.page.run(ASK, "/api/calls/answer", body, JSON)["code"] == "notFound"
    ada.accept()
    ada.wait_connected()
    ada.prove_live_picture()


@pytest.mark.parametrize("sdp, status", [("", 400), ("v=0", 400), ("v=0\r\nm=video 9 X 96\r\n", 200), ("x" * 15_000, 400)],
                         ids=["empty", "cut off", "of no use", "long"])
def test_a_broken_answer_harms_nobody(browser, box, phones, sdp, status):
    ada = phones(browser, box).register("ada")
    ada.page.allow("/api/calls/answer", 400)
    ada.page.run("""(sdp) => {
      const own = window.fetch;
      window.fetch = (path, options) => {
        if (path !== '/api/calls/answer') return own(path, options);
        const answer = own(path, { ...options, body: JSON.stringify({ ...JSON.parse(options.body), sdp }) });
        answer.then(({ status }) => { window.testAnswered = status; });
        return answer;
      };
    }""", sdp)
    box.press("call")
    ada.wait_ringing("Fieldbox")
    assert ada.page.wait_for("window.testAnswered") == status
    ada.reject()
    ada.wait_home()
    box.wait_state("ready")
    ada.page.reload()
    ada.wait_signed_in()
    box.press("call")
    ada.wait_ringing("Fieldbox")
    ada.prove_live_picture("#preview")


def test_another_sites_page_gets_nothing(browser, box, phones):
    page = phones(browser, box).page
    headers = page.run("async () => Object.fromEntries((await fetch('/')).headers)")
    policy = headers["content-security-policy"]
    for rule in ("default-src 'none'", "script-src 'self'", "require-trusted-types-for 'script'"):
        assert rule in policy
    assert "access-control-allow-origin" not in headers
    assert "strict-transport-security" not in headers
    assert headers["x-content-type-options"] == "nosniff"
