"""A client of the box that is no browser: HTTPS that trusts the box's own authority, and the event stream."""

import http.client
import json
import queue
import ssl
import threading
import urllib.parse

from .deadline import SUITE


class Visitor:
    def __init__(self, box):
        authority = box.root / "var/lib/fieldbox/authority/ca.crt"
        self._context = ssl.create_default_context(cafile=str(authority))
        address = urllib.parse.urlsplit(box.loopback_url)
        self._host, self._port = address.hostname, address.port
        self._origin = f"https://{address.netloc}"
        self._cookie = None
        self.events = queue.Queue()
        self.device = None

    def _connect(self):
        return http.client.HTTPSConnection(self._host, self._port, context=self._context, timeout=SUITE.remaining())

    def _headers(self):
        headers = {"Origin": self._origin, "Content-Type": "application/json"}
        return headers | ({"Cookie": self._cookie} if self._cookie else {})

    def post(self, path, **body):
        connection = self._connect()
        try:
            return self._post(connection, path, body)
        finally:
            connection.close()

    def _post(self, connection, path, body):
        connection.request("POST", path, json.dumps(body), self._headers())
        response = connection.getresponse()
        answer = json.loads(response.read())
        assert response.status == 200, answer
        cookie = response.getheader("Set-Cookie")
        if cookie:
            assert {"HttpOnly", "Secure", "SameSite=Strict", "Path=/"} <= set(cookie.replace("; ", ";").split(";"))
            self._cookie = cookie.split(";")[0]
        return answer

    def listen(self):
        """Opens the event stream; events come into `events` as (name, data). Returns the `hello`."""
        connection = self._connect()
        connection.request("GET", "/api/events", headers=self._headers())
        response = connection.getresponse()
        assert response.status == 200
        assert response.getheader("Content-Type").startswith("text/event-stream")
        threading.Thread(target=self._read, args=(response,), daemon=True).start()
        name, hello = self.events.get(timeout=SUITE.remaining())
        assert name == "hello"
        self.device = hello["device"]
        return hello

    def _read(self, response):
        name = None
        try:
            for line in response:
                key, _, value = line.decode().rstrip("\n").partition(": ")
                if key == "event":
                    name = value
                elif key == "data":
                    self.events.put((name, json.loads(value)))
        except (OSError, ValueError, http.client.HTTPException):
            pass  # the box has ended the stream

    def wait_event(self, name, condition=lambda data: True):
        """The next event of that name for which the condition holds."""
        while True:
            got, data = self.events.get(timeout=SUITE.remaining())
            if got == name and condition(data):
                return data
