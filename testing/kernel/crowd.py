#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Many SAs and eroutes, and readers that must not lose one.

crowd.py dump N         DUMP N SAs to a reader with little room, while others are made,
                        completed and deleted; each that is there all the time must come
                        exactly once
crowd.py proc N         the same for /proc/net/ipsec_spi and ipsec_eroute, with N of each
crowd.py fill N         make N SAs and N eroutes, and leave them; prints how many there are

Runs on one of the hosts of a test, as root.  Exits 1 and says what is missing or doubled.
"""

import collections
import os
import socket
import struct
import sys
import time

import pfkey

STAY, COME, LARVAL = 0x10000, 0x8000000, 0x4000000
LARVAE = 100


class Crowd(pfkey.Kernel):
    """A socket that asks a lot, and whose answers count for little."""

    def __init__(self):
        super().__init__()
        self.add_octets = bytearray(pfkey.message(pfkey.ADD, pfkey.IPIP, pfkey.sa(1), *pfkey.ENDS))
        self.del_octets = bytearray(pfkey.message(pfkey.DELETE, pfkey.IPIP, pfkey.sa(1),
                                                  *pfkey.ENDS))
        self.flow = bytearray(pfkey.message(pfkey.ADDFLOW, pfkey.INT, pfkey.sa(257),
                                            pfkey.addr(pfkey.DST, "0.0.0.0"),
                                            *self.selector("10.0.0.0", "192.0.3.0")))
        self.unflow = bytearray(pfkey.message(pfkey.DELFLOW, 0,
                                              *self.selector("10.0.0.0", "192.0.3.0")))

    @staticmethod
    def selector(src, dst):
        return (pfkey.addr(pfkey.FLOW_SRC, src), pfkey.addr(pfkey.FLOW_DST, dst),
                pfkey.addr(pfkey.MASK_SRC, "255.255.255.255"),
                pfkey.addr(pfkey.MASK_DST, "255.255.255.0"))

    def add(self, spi):
        struct.pack_into(">I", self.add_octets, 20, spi)
        self.sock.send(self.add_octets)

    def delete(self, spi):
        struct.pack_into(">I", self.del_octets, 20, spi)
        self.sock.send(self.del_octets)

    def add_flow(self, n):
        """An eroute from 10.x.y.z: the first flow extension lies behind SA and ADDRESS_DST."""
        struct.pack_into(">I", self.flow, 16 + 24 + 24 + 12, 0x0a000000 + n)
        self.sock.send(self.flow)

    def del_flow(self, n):
        struct.pack_into(">I", self.unflow, 16 + 12, 0x0a000000 + n)
        self.sock.send(self.unflow)

    def larva(self, spi):
        self.sock.send(pfkey.message(pfkey.GETSPI, pfkey.IPIP, *pfkey.ENDS,
                                     pfkey.ext(pfkey.RANGE, struct.pack("=III", spi, spi, 0))))

    def complete(self, spi):
        self.sock.send(pfkey.message(pfkey.UPDATE, pfkey.IPIP, pfkey.sa(spi), *pfkey.ENDS))


def judge(what, seen, expected, extra_ok):
    """Each of expected exactly once, and of the rest only what extra_ok takes."""
    missing = [x for x in expected if not seen[x]]
    doubled = [x for x, n in seen.items() if n > 1]
    strange = [x for x in seen if x not in expected and not extra_ok(x)]
    for word, those in (("missing", missing), ("doubled", doubled), ("strange", strange)):
        if those:
            print(f"{what}: {len(those)} {word}, such as {those[0]:#x}")
    return bool(missing or doubled or strange)


def dump(n):
    crowd = Crowd()
    for i in range(n):
        crowd.add(STAY + i)
    for i in range(LARVAE):
        crowd.larva(LARVAL + i)
        crowd.add(COME + i)
    reader = pfkey.Kernel()
    reader.sock.settimeout(30)
    reader.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    reader.sock.send(pfkey.message(pfkey.DUMP, 0, seq=7))
    seen = collections.Counter()
    reads, larvae, gone, come = 0, 0, 0, LARVAE
    step = max(1, n // 500)
    while True:
        try:
            told = reader.sock.recv(4096)
        except OSError as e:            # what others were told did not fit
            if e.errno != pfkey.errno.ENOBUFS:
                raise
            continue
        kind, _, _, _, _, seq = struct.unpack_from("=xBBBHHI", told)
        if kind != pfkey.DUMP:
            continue
        if seq == 0:
            break
        seen[struct.unpack_from(">I", told, 20)[0]] += 1
        reads += 1
        if reads % step == 0:
            crowd.add(COME + come)
            come += 1
            if gone < come - 20:
                crowd.delete(COME + gone)
                gone += 1
            if larvae < LARVAE:
                crowd.complete(LARVAL + larvae)
                larvae += 1
    expected = {STAY + i for i in range(n)} | {LARVAL + i for i in range(LARVAE)}
    bad = judge("DUMP", seen, expected, lambda spi: COME <= spi < COME + come)
    print(f"{n} SAs dumped, {come} made, {gone} deleted and {larvae} completed meanwhile")
    crowd.clear()
    return bad


def read_while(path, work):
    """All of a file in pieces of a page, with work done between the pieces."""
    fd = os.open(path, os.O_RDONLY)
    pieces = []
    while True:
        piece = os.read(fd, 4096)
        if not piece:
            os.close(fd)
            return b"".join(pieces).decode()
        pieces.append(piece)
        work()


def proc(n):
    crowd = Crowd()
    for i in range(n):
        crowd.add(STAY + i)
        crowd.add_flow(i)
    come = [0]

    def work():
        crowd.add(COME + come[0])
        crowd.add_flow(0x800000 + come[0])
        if come[0] >= 5:
            crowd.delete(COME + come[0] - 5)
            crowd.del_flow(0x800000 + come[0] - 5)
        come[0] += 1

    bad = False
    for name, field in (("ipsec_spi", 0), ("ipsec_eroute", 1)):
        seen = collections.Counter()
        began = time.monotonic()
        text = read_while("/proc/net/" + name, work)
        for line in text.splitlines():
            word = line.split()[field]
            if field == 0:
                seen[int(word.split("@")[0][3:], 16)] += 1
            else:
                seen[struct.unpack(">I", socket.inet_aton(word.split("/")[0]))[0]] += 1
        first = STAY if field == 0 else 0x0a000000
        later = COME if field == 0 else 0x0a800000
        bad |= judge(name, seen, {first + i for i in range(n)}, lambda x, later=later: x >= later)
        print(f"{name}: {len(text)} octets in {time.monotonic() - began:.1f} s,"
              f" {come[0]} made meanwhile")
    crowd.clear()
    return bad


def fill(n):
    crowd = Crowd()
    for i in range(n):
        crowd.add(STAY + i)
        crowd.add_flow(i)
    for name in ("ipsec_spi", "ipsec_eroute"):
        with open("/proc/net/" + name) as f:
            print(name, sum(1 for _ in f))
    return False


def main():
    what = {"dump": dump, "proc": proc, "fill": fill}.get(sys.argv[1] if len(sys.argv) == 3 else "")
    if not what:
        print(__doc__, file=sys.stderr)
        return 1
    return what(int(sys.argv[2]))


if __name__ == "__main__":
    sys.exit(main())
