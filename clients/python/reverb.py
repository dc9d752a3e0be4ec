"""A server as a user runs it, and a client that remembers what it heard."""

import os
import pathlib
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request

import pysher

ROOT = pathlib.Path(__file__).resolve().parents[2]
APP_ID, KEY, SECRET = "4711", "client-suite-key", "client-suite-secret"
# long enough for a launcher that has to build first
START_WITHIN = 300
STOP_WITHIN = 20
HEAR_WITHIN = 20


class Reverb:
    """`./reverb start`, a process of its own on a free port."""

    def __init__(self, environment=None):
        """`environment` goes over what makes the application, which is left out where a file has it."""
        self.port = free_port()
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("REVERB_", "REDIS_"))}
        variables = inherited | {
            "REVERB_SERVER_HOST": "127.0.0.1",
            "REVERB_SERVER_PORT": str(self.port),
            "REVERB_MANAGEMENT_PORT": "0",
        } | (environment or {"REVERB_APP_ID": APP_ID, "REVERB_APP_KEY": KEY, "REVERB_APP_SECRET": SECRET})
        self.process = subprocess.Popen([str(ROOT / "reverb"), "start"], env=variables, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + START_WITHIN
        while not self._up():
            if self.process.poll() is not None:
                raise AssertionError(f"./reverb start ended with {self.process.returncode} before it served")
            if time.monotonic() > deadline:
                self.process.kill()
                raise AssertionError(f"the server did not answer within {START_WITHIN} s")
            time.sleep(0.02)

    def _up(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/up", timeout=1) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise


class Subscriber:
    """Pysher, connected; what it hears is kept until a test takes it."""

    def __init__(self, reverb, user_id="1"):
        self._heard = []
        self._changed = threading.Condition()
        self._client = pysher.Pusher(
            KEY,
            custom_host="127.0.0.1",
            port=reverb.port,
            secure=False,
            secret=SECRET,
            user_data={"user_id": user_id, "user_info": {"name": f"User {user_id}"}},
            log_level=50,
        )
        self._client.connection.bind("pusher:connection_established", lambda _: self._hear(None, "connected", None))
        # a subscription's answer may come before the library returns the channel to bind to
        self._deliver = self._client.connection.event_handler
        self._client.connection.event_handler = self._heard_on_channel
        self._client.connect()
        self.take(None, "connected")

    @property
    def socket_id(self):
        return self._client.connection.socket_id

    def subscribe(self, name):
        """Returns the data of the server's answer."""
        self._client.subscribe(name)
        return self.take(name, "pusher_internal:subscription_succeeded")

    def unsubscribe(self, name):
        self._client.unsubscribe(name)

    def trigger(self, name, event, data):
        self._client.channel(name).trigger(event, data)

    def _heard_on_channel(self, event, data, channel):
        self._deliver(event, data, channel)
        self._hear(channel, event, data)

    def _hear(self, channel, event, data):
        with self._changed:
            self._heard.append((channel, event, data))
            self._changed.notify_all()

    def take(self, channel, event):
        """The data of the oldest such event that was not taken yet, or of the next to come."""
        with self._changed:
            def first():
                return next((h for h in self._heard if h[:2] == (channel, event)), None)
            if not self._changed.wait_for(first, HEAR_WITHIN):
                raise AssertionError(f"no {event} on {channel} within {HEAR_WITHIN} s; heard: {self._heard}")
            heard = first()
            self._heard.remove(heard)
            return heard[2]

    def close(self):
        self._client.disconnect(timeout=0)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
