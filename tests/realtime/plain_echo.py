"""An echo server in a process of its own: plain_echo.py tcp|udp prints its URL, and serves until it is killed."""

import sys
import threading

import plain_programs

if __name__ == "__main__":
    server = plain_programs.TcpServer(plain_programs.echo) if sys.argv[1] == "tcp" else plain_programs.UdpEcho()
    print(server.url, flush=True)
    threading.Event().wait()
