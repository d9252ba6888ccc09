"""One deadline for the whole suite. Nothing sleeps for a guessed time; everything waits for what it needs until here."""

import os
import time


class OutOfTime(AssertionError):
    pass


class Deadline:
    def __init__(self, seconds):
        self.end = time.monotonic() + seconds

    def remaining(self):
        """Seconds left; at least a hundredth, so that what is there already can still be taken."""
        return max(0.01, self.end - time.monotonic())

    def wait_until(self, what, probe, every=0.03):
        """Asks `probe` until it gives something true, and returns that. `what` is for the error."""
        while True:
            found = probe()
            if found:
                return found
            if time.monotonic() >= self.end:
                raise OutOfTime(f"the suite's time is over, waiting until {what}; last seen: {found!r}")
            time.sleep(every)


SUITE = Deadline(float(os.environ.get("FIELDBOX_BROWSER_SECONDS", "480")))
