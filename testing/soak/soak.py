#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A tunnel between west and east whose SAs are replaced every second, and its traffic.

soak.py rekey SECONDS            make the SAs of both gateways, say "keyed", go on replacing
                                 them, and say at last how many times
soak.py traffic SECONDS RATE ME PEER GO
                                 say "ready", wait for the file GO, send RATE datagrams a
                                 second from ME to PEER, receive those from there until
                                 three seconds after the last, and say "SENT RECEIVED"

Keys are those of generation N on both gateways at once: first all that receives, then all
that sends, then the eroutes, which are replaced in one step.  What sent before is deleted
at once, with packets inside; what received, two generations later, or every fifth time
at once, with packets on their way to it.
"""

import ctypes
import hashlib
import os
import select
import socket
import struct
import sys
import time

sys.path.insert(0, "/test")
import pfkey  # noqa: E402

REPLACE, INFLOW = 2, 8
GATEWAYS = {"west": ("198.51.100.1", "192.0.2.0"), "east": ("198.51.100.2", "192.0.3.0")}
OTHER = {"west": "east", "east": "west"}


class Gateway(pfkey.Kernel):
    """The PF_KEY socket of a namespace, and what is done through it."""

    def __init__(self, name):
        libc = ctypes.CDLL(None, use_errno=True)
        home = os.open("/proc/self/ns/net", os.O_RDONLY)
        there = os.open(f"/run/netns/{name}", os.O_RDONLY)
        if libc.setns(there, 0):
            raise OSError(ctypes.get_errno(), name)
        super().__init__()
        libc.setns(home, 0)
        os.close(home)
        os.close(there)
        self.me, self.net = GATEWAYS[name]
        self.peer, self.far = GATEWAYS[OTHER[name]]

    def do(self, what, *message):
        err = self.ask(pfkey.message(*message))
        if err:
            raise OSError(err, f"{self.me}: {what}: {os.strerror(err)}")

    def bundle(self, spi, src, dst, secret):
        """An IPIP SA in an ESP SA."""
        ends = pfkey.addr(pfkey.SRC, src), pfkey.addr(pfkey.DST, dst)
        self.do("ADD", pfkey.ADD, pfkey.ESP, pfkey.sa(spi, pfkey.AES, pfkey.SHA1, replay=255),
                *ends, pfkey.key(pfkey.AUTH, secret[:20]), pfkey.key(pfkey.ENC, secret[20:36]))
        self.do("ADD", pfkey.ADD, pfkey.IPIP, pfkey.sa(spi), *ends)
        self.do("GRPSA", pfkey.GRPSA, pfkey.IPIP, pfkey.sa(spi), ends[1],
                pfkey.ext(pfkey.SATYPE2, struct.pack("=BBH", pfkey.ESP, 0, 0)),
                pfkey.sa(spi, number=pfkey.SA2), pfkey.addr(pfkey.DST2, dst))

    def flow(self, spi, dst, flags, src_net, dst_net):
        mask = "255.255.255.0"
        self.do("ADDFLOW", pfkey.ADDFLOW, pfkey.IPIP, pfkey.sa(spi, flags=flags),
                pfkey.addr(pfkey.DST, dst), pfkey.addr(pfkey.FLOW_SRC, src_net),
                pfkey.addr(pfkey.FLOW_DST, dst_net), pfkey.addr(pfkey.MASK_SRC, mask),
                pfkey.addr(pfkey.MASK_DST, mask))

    def delete(self, spi, src, dst):
        self.do("DELETE", pfkey.DELETE, pfkey.IPIP, pfkey.sa(spi), pfkey.addr(pfkey.SRC, src),
                pfkey.addr(pfkey.DST, dst))


def spi_of(generation):
    return 0x1000 + generation


def secret_of(generation, src):
    return hashlib.sha512(f"{generation} {src}".encode()).digest()


def replace(gateways, n):
    """Let generation n take over."""
    for g in gateways:
        g.bundle(spi_of(n), g.peer, g.me, secret_of(n, g.peer))
        g.flow(spi_of(n), g.me, INFLOW, g.far, g.net)
    for g in gateways:
        g.bundle(spi_of(n), g.me, g.peer, secret_of(n, g.me))
        g.flow(spi_of(n), g.peer, REPLACE, g.net, g.far)
    hasty = 1 if n % 5 == 0 else 2
    for g in gateways:
        if n > 1:
            g.delete(spi_of(n - 1), g.me, g.peer)
        for old in range(max(n - 2, 1), n - hasty + 1):
            if not (old == n - 2 and (n - 1) % 5 == 0):     # that went a second ago
                g.delete(spi_of(old), g.peer, g.me)


def rekey(seconds):
    gateways = [Gateway("west"), Gateway("east")]
    replace(gateways, 1)
    print("keyed", flush=True)
    began = time.monotonic()
    n = 1
    while n < int(seconds):
        n += 1
        time.sleep(max(0, began + n - time.monotonic()))
        replace(gateways, n)
    print(n, flush=True)


def traffic(seconds, rate, me, peer, go):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, 33, 8 << 20)         # SO_RCVBUFFORCE
    sock.bind((me, 5000))
    sock.setblocking(False)
    print("ready", flush=True)
    while not os.path.exists(go):
        time.sleep(0.05)
    sent = received = 0
    began = last = time.monotonic()
    end = began + int(seconds)
    while True:
        now = time.monotonic()
        if now >= end and now >= last + 3:
            break
        due = int((min(now, end) - began) * int(rate))
        try:
            while sent < due:
                sock.sendto(struct.pack(">I", sent) + bytes(sent % 900), (peer, 5000))
                sent += 1
        except BlockingIOError:
            pass                                            # what is under way is enough
        select.select([sock], [], [], 0.005)
        try:
            while sock.recv(2048):
                received += 1
                last = time.monotonic()
        except BlockingIOError:
            pass
    print(sent, received, flush=True)


if __name__ == "__main__":
    {"rekey": rekey, "traffic": traffic}[sys.argv[1]](*sys.argv[2:])
