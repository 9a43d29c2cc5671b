"""A headless Chromium that is told what to do through two pipes, in the DevTools protocol: nothing but Python is needed.

    with Chromium() as browser:
        page = browser.open('http://127.0.0.1:8080/')
        page.wait('document.querySelector("h1")')
        page.press('/'); page.type('amount')
        assert page.errors == []
"""
import base64
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

KEYS = {"Enter": ("Enter", 13, "\r"), "Escape": ("Escape", 27, ""), "ArrowDown": ("ArrowDown", 40, ""),
        "/": ("Slash", 191, "/")}


def find_chromium():
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class Chromium:
    def __init__(self, patience=30):
        self.patience = patience
        self.profile = tempfile.TemporaryDirectory(prefix="plumb-chromium-")
        their_in, self.out = os.pipe()
        self.inn, their_out = os.pipe()
        # Chromium reads descriptor 3 and writes to 4. Shuffling goes by numbers that are not in the way.
        high_in, high_out = os.dup2(their_in, 60, False), os.dup2(their_out, 61, False)

        def move():
            os.dup2(high_in, 3)
            os.dup2(high_out, 4)

        words = [find_chromium(), "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--no-first-run",
                 "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update", "--disable-sync",
                 "--disable-extensions", "--metrics-recording-only", "--hide-scrollbars", "--force-color-profile=srgb",
                 f"--user-data-dir={self.profile.name}", "about:blank"]
        self.process = subprocess.Popen(words, preexec_fn=move, close_fds=True, pass_fds=(3, 4, high_in, high_out),
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        start_new_session=True)
        for descriptor in (their_in, their_out, high_in, high_out):
            os.close(descriptor)
        self.number, self.buffer, self.events = 0, b"", []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        os.close(self.out)
        os.close(self.inn)
        self.profile.cleanup()

    def call(self, method, session=None, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        text = json.dumps(message).encode() + b"\0"
        while text:
            text = text[os.write(self.out, text):]
        wanted = self.number
        while True:
            answer = self.read()
            if answer.get("id") == wanted:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)

    def read(self):
        import select
        while b"\0" not in self.buffer:
            if not select.select([self.inn], [], [], self.patience)[0]:
                raise TimeoutError("chromium does not answer")
            piece = os.read(self.inn, 1 << 16)
            if not piece:
                raise RuntimeError("chromium has ended")
            self.buffer += piece
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def open(self, url, width=1280, height=860, dark=False):
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, session)
        for domain in ("Page", "Runtime", "Log"):
            page.call(f"{domain}.enable")
        page.resize(width, height)
        page.shade(dark)
        page.go(url)
        return page


class Page:
    def __init__(self, browser, session):
        self.browser, self.session = browser, session

    def call(self, method, **parameters):
        return self.browser.call(method, self.session, **parameters)

    def go(self, url):
        self.call("Page.navigate", url=url)

    def resize(self, width, height):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)

    def shade(self, dark):
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def run(self, script):
        """The value of an expression."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{script}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def wait(self, script):
        """Until an expression is true."""
        end = time.monotonic() + self.browser.patience
        while time.monotonic() < end:
            try:
                if self.run(f"!!({script})"):
                    return
            except RuntimeError:
                pass  # between two pages
            time.sleep(0.02)
        raise TimeoutError(f"did not come true: {script}\n{self.run('document.body?.innerText')}\n{self.errors}")

    def press(self, key):
        code, number, text = KEYS[key]
        about = {"key": key, "code": code, "windowsVirtualKeyCode": number}
        self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **about)
        self.call("Input.dispatchKeyEvent", type="keyUp", **about)

    def type(self, text):
        self.call("Input.insertText", text=text)

    def click(self, selector):
        """Where a person would: in the middle of it, with the mouse."""
        x, y = self.run(f"(() => {{ const e = document.querySelector({json.dumps(selector)}); e.scrollIntoView({{block: 'center'}});"
                        "const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2] })()")
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def picture(self, path):
        data = self.call("Page.captureScreenshot", format="png")["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    @property
    def errors(self):
        """What the console was told: errors, warnings, exceptions, refused loads."""
        self.run("0")
        told = []
        for event in self.browser.events:
            about = event.get("params", {})
            if event.get("sessionId") != self.session:
                continue
            if event["method"] == "Runtime.exceptionThrown":
                told.append(about["exceptionDetails"].get("exception", {}).get("description") or str(about))
            elif event["method"] == "Runtime.consoleAPICalled" and about["type"] in ("error", "warning", "assert"):
                told.append(str(about["args"]))
            elif event["method"] == "Log.entryAdded" and about["entry"]["level"] in ("error", "warning"):
                told.append(about["entry"]["text"] + " " + about["entry"].get("url", ""))
        return told
