"""How much time the proxy itself takes: round trips straight to an echo server and through a proxy whose link does
nothing, taken in turns within one run, so that a busy machine slows both. Not a test: it asserts nothing.

    tests/realtime/proxy_latency.py build/release/loadgen/loadgen [ROUND_TRIPS]
"""

import pathlib
import socket
import statistics
import subprocess
import sys
import time

import plain_programs

SIZE = 80  # bytes, as a game's message
SCHEMES = ["tcp", "udp"]


def open_to(url):
    scheme, _, port = url.replace("//", "").split(":")
    kind = socket.SOCK_STREAM if scheme == "tcp" else socket.SOCK_DGRAM
    client = socket.socket(socket.AF_INET, kind)
    client.connect(("127.0.0.1", int(port)))
    if scheme == "tcp":
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


def round_trip(client, message):
    began = time.perf_counter()
    client.send(message)
    got = 0
    while got < len(message):
        got += len(client.recv(1000))
    return time.perf_counter() - began


def quantiles(samples):
    ordered = sorted(samples)
    return statistics.median(ordered), ordered[int(len(ordered) * 0.99)]


def measure(scheme, count):
    echo = subprocess.Popen([sys.executable, str(pathlib.Path(__file__).with_name("plain_echo.py")), scheme],
                            stdout=subprocess.PIPE, text=True)  # fmt: skip
    server = echo.stdout.readline().strip()
    proxy = subprocess.Popen([plain_programs.harness.program(), "proxy", "--listen", f"{scheme}://127.0.0.1:0", "--to",
                              server, "--set", "rtt=0s", "--quiet"], stdout=subprocess.PIPE, text=True)  # fmt: skip
    through = proxy.stdout.readline().split()[-1]
    try:
        clients = [open_to(server), open_to(through)]
        message = bytes(SIZE)
        for client in clients:
            for _ in range(100):
                round_trip(client, message)
        samples = [[], []]
        for _ in range(count):
            for client, into in zip(clients, samples):
                into.append(round_trip(client, message))
        (direct, direct_99), (proxied, proxied_99) = map(quantiles, samples)
        print(f"{scheme}: direct p50 {direct * 1e6:.0f} us, p99 {direct_99 * 1e6:.0f} us; through the proxy "
              f"p50 {proxied * 1e6:.0f} us, p99 {proxied_99 * 1e6:.0f} us; added at the median "
              f"{(proxied - direct) * 1e6:.0f} us for both directions")  # fmt: skip
    finally:
        proxy.terminate()
        echo.kill()
        proxy.wait()
        echo.wait()


if __name__ == "__main__":
    for each in SCHEMES:
        measure(each, int(sys.argv[2]) if len(sys.argv) > 2 else 5_000)
