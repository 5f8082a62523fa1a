# SPDX-License-Identifier: MIT
"""A headless Chromium, for pictures and tests of pages. The Chrome DevTools
Protocol drives it through a pipe.
"""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

# Debian has it without windows, which is smaller, and with them.
PROGRAM = (shutil.which("chromium-headless-shell")
           or shutil.which("chromium"))
PATIENCE = 60

# Without a GPU, a sandbox (root has none) and what a browser asks the network.
OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
           "--disable-background-networking", "--disable-component-update",
           "--disable-sync", "--hide-scrollbars", "--remote-debugging-pipe")


class Browser:
    """One page. Use it by `with`."""

    def __init__(self, width=1400, height=1000):
        self.size = width, height
        self.number = 0
        self.events = []
        self.buffer = b""

    def __enter__(self):
        # Chromium reads commands from descriptor 3 and writes to 4.
        their_read, self.to = os.pipe()
        self.of, their_write = os.pipe()
        self.profile = tempfile.TemporaryDirectory(prefix="grove-browser-")
        self.process = subprocess.Popen(
            ["sh", "-c", f'exec "$@" 3<&{their_read} 4>&{their_write}', "sh",
             PROGRAM, *OPTIONS, f"--user-data-dir={self.profile.name}",
             f"--window-size={self.size[0]},{self.size[1]}", "about:blank"],
            pass_fds=(their_read, their_write), stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        os.close(their_read)
        os.close(their_write)
        self.session = None
        page = next(target for target in self.call("Target.getTargets")
                    ["targetInfos"] if target["type"] == "page")
        self.session = self.call("Target.attachToTarget", flatten=True,
                                 targetId=page["targetId"])["sessionId"]
        for domain in "Page", "Network", "Runtime", "Log":
            self.call(f"{domain}.enable")
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.close(self.to)
        os.close(self.of)
        shutil.rmtree(self.profile.name, ignore_errors=True)

    def receive(self):
        """The next message; a dead or silent browser is an error."""
        end = time.monotonic() + PATIENCE
        while b"\0" not in self.buffer:
            left = end - time.monotonic()
            if left < 0 or not select.select([self.of], [], [], left)[0]:
                raise TimeoutError("chromium says nothing")
            data = os.read(self.of, 1 << 16)
            if not data:
                raise EOFError("chromium has ended")
            self.buffer += data
        message, _, self.buffer = self.buffer.partition(b"\0")
        return json.loads(message)

    def call(self, method, **parameters):
        """Calls a method of the protocol and returns its result."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while True:
            said = self.receive()
            if said.get("id") == self.number:
                if "error" in said:
                    raise ValueError(f"{method}: {said['error']}")
                return said["result"]
            self.events.append(said)

    def named(self, method):
        """What the events of this name told."""
        return [event["params"] for event in self.events
                if event.get("method") == method]

    def open(self, path, fragment=""):
        """Opens a file and waits until the page says that it is ready."""
        self.events.clear()
        self.call("Page.navigate", url=path.as_uri() + fragment)
        if not self.wait_for("document.documentElement?.dataset.ready"):
            raise TimeoutError(f"{path} is not ready: "
                               f"{self.named('Runtime.exceptionThrown')}")

    def wait_for(self, expression):
        """Waits until the expression is true. Returns whether it is."""
        end = time.monotonic() + PATIENCE
        while not self.value(f"!!({expression})"):
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        return True

    def value(self, expression):
        """The value of an expression of JavaScript."""
        done = self.call("Runtime.evaluate", expression=expression,
                         returnByValue=True)
        if "exceptionDetails" in done:
            raise ValueError(f"{expression}: {done['exceptionDetails']}")
        return done["result"].get("value")

    def click(self, x, y):
        for kind in "mouseMoved", "mousePressed", "mouseReleased":
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y,
                      button="left", clickCount=1)

    def press(self, key):
        for kind in "keyDown", "keyUp":
            self.call("Input.dispatchKeyEvent", type=kind, key=key)

    def dark(self, dark):
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme",
             "value": "dark" if dark else "light"}])

    def picture(self):
        """A picture of the window, as PNG."""
        return base64.b64decode(self.call("Page.captureScreenshot")["data"])
