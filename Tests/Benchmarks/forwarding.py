"""What the box forwards on one core, beside Janus on the same core in the same run: rooms of eight who all see each other, and one
who is watched by a hundred. 600 kbit/s of picture and sound each, AES-GCM, everything over real sockets."""

import statistics
import time

import janus
import load
import media_alone

# The box takes 128 peers, and of sound eight sections to a peer.
PEOPLE, MOST_ROOMS = 8, 16
WATCHERS, MOST_PUBLISHERS = 100, 8
# Both carry that with ease, so it is where they are compared.
COMPARED_ROOMS = 4
SERVERS = [media_alone.MediaAlone, janus.Janus]
# Full is who takes more of the core, loses more, or lets packets wait longer than is any good to a call.
MOST_OF_CORE, MOST_LOST, LONGEST_DELAY = 0.93, 1e-4, 50_000


def ladder(server, phones, seconds, steps, prepare, streams):
    """Measures step by step until the server is full. Returns the measurements of the steps that it carried, by step."""
    measured = {}
    for step in steps:
        prepare(step)
        # The first key frames are through, and congestion control has seen its first reports.
        time.sleep(2)
        one = phones.measure(server.pid, seconds)
        assert one["streams"] == streams(step), f"{one['streams']} streams of {streams(step)} at step {step}"
        share = one["used"] / one["seconds"]
        print(f"  {server.name}, {step}: {one['received'] / seconds:.0f} packets/s, {100 * share:.0f} % of the core, "
              f"{one['perProcessorSecond']:.0f} a processor second, delay {one['delayMedian']} µs, p99 {one['delayP99']} µs, "
              f"lost {one['lost']}, waited {1000 * one['waited'] / seconds:.0f} ms/s, generator "
              f"{100 * one['generatorUsed'] / seconds:.0f} %, load {one['load']:.1f}", flush=True)
        if one["lost"] > MOST_LOST * one["received"] or one["delayP99"] > LONGEST_DELAY or share > MOST_OF_CORE:
            break
        measured[step] = one
    return measured


def rooms(server, phones, seconds):
    """More and more rooms of eight."""
    present = 0

    def prepare(count):
        nonlocal present
        phones.send()
        for room in range(present, count):
            names = [f"room{room}-{place}" for place in range(PEOPLE)]
            for place, name in enumerate(names):
                server.join(phones, name, room * PEOPLE + place + 1, [other for other in names if other != name])
        server.settled(phones)
        present = count

    return ladder(server, phones, seconds, [1, 2, *range(COMPARED_ROOMS, MOST_ROOMS + 1, 2)], prepare,
                  lambda count: count * PEOPLE * (PEOPLE - 1) * 2)


def watched(server, phones, seconds):
    """More and more who are watched by the same hundred, the first of them alone."""
    names = [f"stage-{number}" for number in range(1, MOST_PUBLISHERS + 1)]
    for number, name in enumerate(names, 1):
        server.join(phones, name, number, [])
    for number in range(WATCHERS):
        server.join(phones, f"stage-w{number}", None, names)
    server.settled(phones)
    return ladder(server, phones, seconds, range(1, MOST_PUBLISHERS + 1), lambda count: phones.send(publishers=count),
                  lambda count: count * WATCHERS * 2)


def half(measured):
    """The measurement at half of the full load, or the next below."""
    most = max(one["received"] for one in measured.values())
    return max((one for one in measured.values() if one["received"] <= 0.55 * most), key=lambda one: one["received"])


def forwarding(rounds, folder, report):
    found = {}
    seconds = 4 if rounds < 3 else 8
    for index in range((rounds + 1) // 2):
        for scenario in rooms, watched:
            for kind in SERVERS:
                place = folder / f"{scenario.__name__}{index}{kind.name}"
                place.mkdir()
                server, phones = kind(place), load.Load()
                try:
                    found.setdefault((scenario, kind), []).append(scenario(server, phones, seconds))
                finally:
                    phones.stop()
                    server.stop()
    ours, theirs = SERVERS
    for scenario, step, what in (rooms, COMPARED_ROOMS, f"{COMPARED_ROOMS} rooms of {PEOPLE}"), (watched, 1, f"1 → {WATCHERS}"):
        for kind in SERVERS:
            assert all(step in one for one in found[scenario, kind]), f"{kind.name} did not carry {what}: this machine is too busy"
        per = {kind: [one[step]["perProcessorSecond"] for one in found[scenario, kind]] for kind in SERVERS}
        most = {kind: [max(step["perProcessorSecond"] for step in one.values()) for one in found[scenario, kind]] for kind in SERVERS}
        full = {kind: [max(step["received"] for step in one.values()) / seconds for one in found[scenario, kind]] for kind in SERVERS}
        for kind in SERVERS:
            report(f"{what}: packets for a processor second, {kind.name}", per[kind], "", "–")
        report(f"{what}: the same, box over Janus", [a / b for a, b in zip(per[ours], per[theirs])], "×", "at least 2")
        for kind in SERVERS:
            report(f"{what}: each near its full load, {kind.name}", most[kind], "", "–")
        report(f"{what}: the same, box over Janus", [a / b for a, b in zip(most[ours], most[theirs])], "×", "at least 2")
        last = MOST_ROOMS if scenario is rooms else MOST_PUBLISHERS
        for kind in SERVERS:
            note = "(or more: there were no more phones)" if any(last in one for one in found[scenario, kind]) else ""
            report(f"{what}: most packets/s on one core, {kind.name}", full[kind], "", "–", note)
    for scenario, what in (rooms, f"a room of {PEOPLE}"), (watched, f"1 → {WATCHERS}"):
        first = [one[1] for one in found[scenario, ours]]
        report(f"{what}: packets that did not arrive", [one["lost"] for one in first], "", 0)
        for key, percentile, target in ("delayMedian", "median", "–"), ("delayP99", "p99", 5):
            report(f"{what}: delay, {percentile}, fieldbox", [one[key] / 1000 for one in first], "ms", target,
                   "(sockets and phones included)")
    for scenario, what in (rooms, f"rooms of {PEOPLE}"), (watched, f"more → {WATCHERS}"):
        for kind in SERVERS:
            halves = [half(one) for one in found[scenario, kind]]
            packets = statistics.median(one["received"] for one in halves) / seconds
            note = f"(at {packets:.0f} packets/s)"
            for key, percentile, target in ("delayMedian", "median", "–"), ("delayP99", "p99", 5 if kind is ours else "–"):
                report(f"{what} at half its load: delay, {percentile}, {kind.name}", [one[key] / 1000 for one in halves], "ms", target, note)
