"""Webhooks of a running server, as `pusher`, the server SDK for Python, validates them."""

import http.server
import json
import pathlib
import tempfile
import threading
import unittest

import pusher

from reverb import APP_ID, HEAR_WITHIN, KEY, SECRET, Reverb, Subscriber


class Receiver(http.server.ThreadingHTTPServer):
    """Keeps each request as key, signature and body; fails the first."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests = []
        self.changed = threading.Condition()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/pusher"

    def await_events(self, validate, wanted):
        """The valid events, once all of the names in `wanted` are among them."""
        def events():
            valid = [validate(*request) for request in self.requests]
            return [event for webhook in valid if webhook for event in webhook["events"]]
        with self.changed:
            found = self.changed.wait_for(lambda: wanted <= {event["name"] for event in events()}, HEAR_WITHIN)
            if not found:
                raise AssertionError(f"not {wanted} but {events()}")
            return events()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        with self.server.changed:
            first = not self.server.requests
            self.server.requests.append((self.headers["X-Pusher-Key"], self.headers["X-Pusher-Signature"], body))
            self.server.changed.notify_all()
        self.send_response(503 if first else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Webhooks(unittest.TestCase):
    def test_the_library_takes_every_request_a_repeated_one_too(self):
        receiver = Receiver()
        self.addCleanup(receiver.server_close)
        self.addCleanup(receiver.shutdown)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        config = pathlib.Path(folder.name, "reverb.json")
        config.write_text(json.dumps({
            "webhooks": {"allow_private": True},
            "apps": [{"app_id": APP_ID, "key": KEY, "secret": SECRET, "webhooks": [receiver.url]}],
        }))
        reverb = Reverb({"REVERB_CONFIG": str(config)})
        self.addCleanup(reverb.stop)
        application = pusher.Pusher(APP_ID, KEY, SECRET, ssl=False, host="127.0.0.1", port=reverb.port)
        client = Subscriber(reverb, "7")
        client.subscribe("presence-room")
        client.trigger("presence-room", "client-typing", {"on": "\u00fc\u20ac"})
        events = receiver.await_events(application.validate_webhook, {"channel_occupied", "member_added", "client_event"})
        typed = next(event for event in events if event["name"] == "client_event")
        self.assertEqual(json.loads(typed["data"]), {"on": "\u00fc\u20ac"})
        self.assertEqual(typed["user_id"], "7")
        client.close()
        receiver.await_events(application.validate_webhook, {"member_removed", "channel_vacated"})
        self.assertGreater(len(receiver.requests), 1)
        for key, signature, body in receiver.requests:
            self.assertIsNotNone(application.validate_webhook(key, signature, body))
            self.assertIsNone(application.validate_webhook(key, signature, body + " "))
            self.assertIsNone(application.validate_webhook("another", signature, body))


if __name__ == "__main__":
    unittest.main()
