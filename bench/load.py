"""A bounded load from this machine to this machine."""

from __future__ import annotations

import http.client
import threading
import time

CONNECTIONS = 8
SECONDS = 6
# A cookie comes from the browser it was given to: another's is written anew with every answer.
AGENT = "bench"


def requests_per_second(port: int, path: str, cookie: str) -> float:
    """Successful requests a second over eight kept-alive connections, after a short warm-up."""
    _wait_until_up(port)
    counts = [0] * CONNECTIONS
    started = threading.Barrier(CONNECTIONS + 1)
    end = threading.Event()

    def run(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        headers = {"Cookie": cookie, "User-Agent": AGENT} if cookie else {}
        for _ in range(3):
            _get(connection, path, headers)
        started.wait()
        while not end.is_set():
            _get(connection, path, headers)
            counts[number] += 1
        connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    started.wait()
    began = time.perf_counter()
    time.sleep(SECONDS)
    end.set()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - began)


def _get(connection: http.client.HTTPConnection, path: str, headers: dict) -> None:
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 200, answer.status


def _wait_until_up(port: int) -> None:
    for _ in range(1_200):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("The server did not start.")
