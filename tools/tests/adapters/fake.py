#!/usr/bin/python3 -E
# SPDX-License-Identifier: MIT
"""An adapter that lets every packet pass, and misbehaves on request.

    fake.py [HOW [always]]

HOW names a way to misbehave, at each packet whose hex digits begin with "b", or
always. With "honest" it never misbehaves.
"""
import json
import os
import resource
import signal
import sys

HOW = sys.argv[1] if len(sys.argv) > 1 else "honest"
ALWAYS = "always" in sys.argv[2:]
VERDICTS = HOW in ("no-tier", "bad-verdict")


def hello():
    if HOW.startswith("hello-"):
        return None
    return {"impl": "fake", "version": "1", "profiles": ["linux-6.18"],
            "ops": [] if HOW == "no-op" else ["gro"],
            "tiers": ["output", "verdict"] if VERDICTS else ["output"]}


def passing(request):
    packets = [e["packet"] for e in request["input"] if "packet" in e]
    answer = {"seq": request["seq"],
              "output": [{"packet": packet} for packet in packets]}
    if VERDICTS:
        answer["verdict"] = ["passed"] * len(packets)
    return answer


def say(text):
    sys.stdout.write(text)
    sys.stdout.flush()


def note_process(pid):
    """Writes the process id down for the test, which checks that this process
    has ended.
    """
    with open(os.environ["PROCESSES"], "a", encoding="ascii") as notes:
        notes.write(f"{pid}\n")


def wait_for_ever():
    note_process(os.getpid())
    while True:
        signal.pause()


def leave_a_child_behind():
    if os.fork() == 0:
        wait_for_ever()
    os._exit(6)


def close_stdout():
    os.close(1)
    wait_for_ever()


def die_by_signal():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.kill(os.getpid(), signal.SIGSEGV)


def wait_for_writer():
    """Waits until the pipe is written to that the last argument names. Then it
    behaves.
    """
    with open(sys.argv[2], encoding="ascii") as pipe:
        pipe.read()


ACTIONS = {
    "exit": lambda: os._exit(5),
    "signal": die_by_signal,
    "hang": wait_for_ever,
    "orphan": leave_a_child_behind,
    "close": close_stdout,
    "garbage": lambda: say("Traceback (most recent call last)\n"),
    "half": lambda: (say('{"seq":'), os._exit(0)),
    "endless": lambda: say("x" * (65 << 20)),
    "array": lambda: say("[]\n"),
    "no-flush": lambda: (sys.stdout.write("{}\n"), wait_for_ever()),
}


def misbehave(answer):
    """Misbehaves. Returns the answer to send, or None if nothing is left to
    send.
    """
    output = answer["output"]
    if HOW == "wait":
        wait_for_writer()
    if HOW in ACTIONS:
        ACTIONS[HOW]()
        return None
    if HOW == "seq":
        answer["seq"] += 1
    elif HOW == "no-seq":
        del answer["seq"]
    elif HOW == "hex":
        output[0]["packet"] += "0"
    elif HOW in ("verdict", "bad-verdict"):
        answer["verdict"] = ["merged?"]
    elif HOW == "no-tier":
        del answer["verdict"]
    elif HOW == "field":
        answer["outputs"] = output
    elif HOW == "header":
        output[0] = {"header": output[0]["packet"], "payload": []}
    elif HOW == "wrong":
        output[0]["packet"] = "b2"
    elif HOW == "lost":
        output.clear()
    elif HOW == "skip":
        return {"seq": answer["seq"],
                "skipped": {"reason": "no \x1b[31m#b\nhere",
                            "issue": "https://example.org/1"}}
    elif HOW == "error":
        return {"seq": answer["seq"], "error": "out of\nluck"}
    elif HOW == "error-no-seq":
        return {"error": "what?"}
    elif HOW == "reject":
        return {"seq": answer["seq"], "rejected": "EINVAL"}
    return answer


def answer_to(request):
    answer = passing(request)
    if ALWAYS or any(e.get("packet", "").startswith("b")
                     for e in request["input"]):
        answer = misbehave(answer)
    return answer


def serve():
    for line in sys.stdin:
        request = json.loads(line)
        if request["cmd"] == "bye":
            return
        if request["cmd"] == "hello":
            answer = hello()
        else:
            answer = answer_to(request)
        twice = HOW == "twice" and request["cmd"] == "run"
        if answer is not None:
            say((json.dumps(answer) + "\n") * (2 if twice else 1))
        if HOW == "leave":
            return
        if HOW == "deaf":
            wait_for_ever()


def start():
    if HOW == "exit-at-once":
        sys.exit(3)
    if HOW == "hello-error":
        say('{"error":"not today"}\n')
    if HOW == "hello-nonsense":
        say('{"impl":"fake"}\n')
    if HOW == "never-flush":
        sys.stdout.write(json.dumps(hello()) + "\n")
        wait_for_ever()
    serve()
    if HOW == "bye-hang":
        wait_for_ever()


start()
