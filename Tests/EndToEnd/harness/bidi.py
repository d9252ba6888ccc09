"""A small client of WebDriver BiDi: commands with answers, events with handlers, over one socket."""

import contextlib
import json
import threading

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from .deadline import SUITE, OutOfTime


class BiDiError(Exception):
    pass


class BiDi:
    def __init__(self, url):
        self._life = contextlib.ExitStack()
        self._socket = self._life.enter_context(
            connect(url, max_size=None, open_timeout=SUITE.remaining(), ping_interval=None))
        self._changed = threading.Condition()
        self._answers = {}
        self._handlers = {}
        self._number = 0
        self._closed = False
        threading.Thread(target=self._receive, daemon=True).start()

    def send(self, method, /, **params):
        """Sends a command and returns its result."""
        with self._changed:
            self._number += 1
            number = self._number
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        with self._changed:
            there = lambda: number in self._answers or self._closed
            if not self._changed.wait_for(there, SUITE.remaining()):
                raise OutOfTime(f"out of time, waiting for the answer to {method} {str(params)[:300]}")
            answer = self._answers.pop(number, None)
        if answer is None:
            raise BiDiError(f"{method}: the browser closed the connection")
        if answer.get("type") == "error":
            raise BiDiError(f"{method}: {answer.get('error')}: {answer.get('message')}")
        return answer["result"]

    def on(self, event, handler):
        """Calls `handler(params)` for each such event, on the receiving thread."""
        self._handlers.setdefault(event, []).append(handler)

    def close(self):
        self._life.close()

    def _receive(self):
        try:
            for text in self._socket:
                message = json.loads(text)
                if message.get("type") == "event":
                    for handler in self._handlers.get(message["method"], []):
                        handler(message["params"])
                elif "id" in message:
                    with self._changed:
                        self._answers[message["id"]] = message
                        self._changed.notify_all()
        except (ConnectionClosed, OSError):
            pass
        with self._changed:
            self._closed = True
            self._changed.notify_all()
