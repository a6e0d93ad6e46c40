#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Datagrams as fast as may be, and how many of them came.

flood.py send ADDRESS PORT STOP [FILL]  until the file STOP is there; prints how many
flood.py receive ADDRESS PORT           until SIGTERM; prints "ready", and how many

The sender waits a little now and then, so that what is lost is not lost for want of room
in a queue.
"""

import os
import signal
import socket
import sys
import time

BURST, PAUSE = 20, 0.004


def send(address, port, stop, fill=100):
    s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
    n = 0
    print("ready", flush=True)
    while not os.path.exists(stop):
        for _ in range(BURST):
            s.sendto(b"clear text " + b"x" * fill, (address, port))
            n += 1
        time.sleep(PAUSE)
    print(n)


class Stopped(Exception):
    pass


def stopped(*_):
    raise Stopped


def receive(address, port):
    s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, 33, 1 << 22)        # SO_RCVBUFFORCE
    s.bind((address, port))
    signal.signal(signal.SIGTERM, stopped)
    n = 0
    print("ready", flush=True)
    try:
        while True:
            s.recv(2048)
            n += 1
    except Stopped:
        print(n)


def main():
    if len(sys.argv) in (5, 6) and sys.argv[1] == "send":
        send(sys.argv[2], int(sys.argv[3]), sys.argv[4], *map(int, sys.argv[5:]))
    elif len(sys.argv) == 4 and sys.argv[1] == "receive":
        receive(sys.argv[2], int(sys.argv[3]))
    else:
        print(__doc__, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
