"""One deadline for the whole suite. Nothing sleeps for a guessed time; everything waits for what it needs until here."""

import os
import time


# For work on the tests: give up on a single wait after so many seconds.
PATIENCE = float(os.environ.get("FIELDBOX_PATIENCE", "inf"))


class OutOfTime(AssertionError):
    pass


class Deadline:
    def __init__(self, seconds):
        self.end = time.monotonic() + seconds

    def remaining(self):
        """Seconds left; at least a hundredth, so that what is there already can still be taken."""
        return max(0.01, min(self.end - time.monotonic(), PATIENCE))

    def is_over(self):
        return time.monotonic() >= self.end

    def wait_until(self, what, probe, every=0.03):
        """Asks `probe` until it gives something true, and returns that. `what` is for the error."""
        end = min(self.end, time.monotonic() + PATIENCE)
        while True:
            found = probe()
            if found:
                return found
            if time.monotonic() >= end:
                raise OutOfTime(f"out of time, waiting until {what}; last seen: {found!r}")
            time.sleep(every)


SUITE = Deadline(float(os.environ.get("FIELDBOX_BROWSER_SECONDS", "1500")))
