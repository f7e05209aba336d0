"""A small HTTP service on the standard library alone.

Environment: HOST and PORT to listen on, ACCESS_LOG=1 for a line a request, LOADERIO_TOKEN to
answer the ownership question of loader.io.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from @{package} import add


class Handler(BaseHTTPRequestHandler):
    # Keep-alive is only fast when headers and body leave in one segment: a buffered wfile, no Nagle.
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    timeout = 30

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        token = os.environ.get("LOADERIO_TOKEN")
        if url.path == "/healthz":
            self._json(HTTPStatus.OK, {"status": "ok"})
        elif url.path == "/add":
            self._add(parse_qs(url.query))
        elif token and url.path == f"/loaderio-{token}.txt":
            self._send(HTTPStatus.OK, "text/plain", f"loaderio-{token}".encode())
        else:
            self._json(HTTPStatus.NOT_FOUND, {"error": "not found"})

    def _add(self, query: dict[str, list[str]]) -> None:
        a, b = query.get("a", [""])[0], query.get("b", [""])[0]
        try:
            total = add(int(a), int(b))
        except ValueError:
            self._json(HTTPStatus.BAD_REQUEST, {"error": "a and b must be integers"})
        else:
            self._json(HTTPStatus.OK, {"sum": total})

    def _json(self, status: HTTPStatus, body: dict[str, object]) -> None:
        self._send(status, "application/json", json.dumps(body).encode())

    def _send(self, status: HTTPStatus, kind: str, data: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        if os.environ.get("ACCESS_LOG"):
            super().log_message(format, *args)


class Server(ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        # A client that hangs up is no fault of ours: under load it would print thousands of tracebacks.
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def main() -> None:
    host, port = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8000"))
    server = Server((host, port), Handler)

    def stop(_signum: int, _frame: object) -> None:
        # shutdown() waits for serve_forever(), which this handler interrupts: another thread has to call it.
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    print(f"serving on http://{host}:{server.server_address[1]}", flush=True)
    server.serve_forever()
    server.server_close()


if __name__ == "__main__":
    main()
