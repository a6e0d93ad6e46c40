#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Everything at once, for so many seconds.

hammer.py sas SECONDS SEED      make, complete, change, group, dump and delete SAs
hammer.py flows SECONDS SEED    add, replace and delete eroutes to hosts of the far net
hammer.py packets SECONDS SEED  send packets to these hosts
hammer.py read SECONDS          read all files of /proc, and DUMP
hammer.py spaces SECONDS SEED   make network namespaces, fill them with SAs, eroutes and
                                nonsense, and let them go
hammer.py refuse SECONDS        answer every ACQUIRE with a refusal

Each prints how much it has done.  What the kernel answers does not matter: it must live.
Each works with SPIs and addresses of its own, so that a tunnel beside it goes on working.
"""

import ctypes
import errno
import os
import random
import socket
import struct
import sys
import time

import pfkey

NEWNET = 0x40000000
SPIS, HOSTS = range(0x7000, 0x7040), range(100, 116)


def until(seconds):
    end = time.monotonic() + seconds
    n = 0
    while time.monotonic() < end:
        n += 1
        yield n


def sas(seconds, rng):
    kernel = pfkey.Kernel()
    n = 0
    for n in until(seconds):
        spi = rng.choice(SPIS)
        kind = rng.choice((pfkey.ESP, pfkey.IPIP))
        full = (pfkey.sa(spi, pfkey.AES, pfkey.SHA1), *pfkey.ENDS, *pfkey.KEYS) \
            if kind == pfkey.ESP else (pfkey.sa(spi), *pfkey.ENDS)
        kernel.send(rng.choice((
            lambda: pfkey.message(pfkey.ADD, kind, *full),
            lambda: pfkey.message(pfkey.ADD, kind, *full, pfkey.life(pfkey.HARD, 1)),
            lambda: pfkey.message(pfkey.UPDATE, kind, *full),
            lambda: pfkey.message(pfkey.UPDATE, kind, pfkey.sa(spi), pfkey.life(pfkey.SOFT, 1),
                                  *pfkey.ENDS),
            lambda: pfkey.message(pfkey.GETSPI, kind, *pfkey.ENDS, pfkey.ext(
                pfkey.RANGE, struct.pack("=III", SPIS[0], SPIS[-1], 0))),
            lambda: pfkey.message(pfkey.GRPSA, pfkey.IPIP, pfkey.sa(spi), pfkey.ENDS[1],
                                  pfkey.ext(pfkey.SATYPE2, bytes([pfkey.ESP, 0, 0, 0])),
                                  pfkey.sa(rng.choice(SPIS), number=pfkey.SA2),
                                  pfkey.addr(pfkey.DST2, pfkey.PEER)),
            lambda: pfkey.message(pfkey.GRPSA, kind, pfkey.sa(spi), pfkey.ENDS[1]),
            lambda: pfkey.message(pfkey.GET, kind, pfkey.sa(spi), *pfkey.ENDS),
            lambda: pfkey.message(pfkey.DELETE, kind, pfkey.sa(spi), *pfkey.ENDS)))())
        if n % 20 == 0:
            kernel.drain()
    for spi in SPIS:
        for kind in (pfkey.ESP, pfkey.IPIP):
            kernel.ask(pfkey.message(pfkey.DELETE, kind, pfkey.sa(spi), *pfkey.ENDS))
    return n


def to_host(host):
    return (pfkey.addr(pfkey.FLOW_SRC, "192.0.2.0"), pfkey.addr(pfkey.FLOW_DST, f"192.0.3.{host}"),
            pfkey.addr(pfkey.MASK_SRC, "255.255.255.0"),
            pfkey.addr(pfkey.MASK_DST, "255.255.255.255"))


def flows(seconds, rng):
    kernel = pfkey.Kernel()
    n = 0
    for n in until(seconds):
        flow = to_host(rng.choice(HOSTS))
        if rng.random() < 0.2:
            kernel.send(pfkey.message(pfkey.DELFLOW, 0, *flow))
        elif rng.random() < 0.3:
            kernel.send(pfkey.message(pfkey.ADDFLOW, pfkey.IPIP,
                                      pfkey.sa(rng.choice(SPIS), flags=rng.choice((0, 2, 2, 8))),
                                      pfkey.ENDS[1], *flow))
        else:
            kernel.send(pfkey.message(pfkey.ADDFLOW, pfkey.INT,
                                      pfkey.sa(rng.randrange(257, 262), flags=rng.choice((0, 2, 2))),
                                      pfkey.addr(pfkey.DST, "0.0.0.0"), *flow))
        if n % 20 == 0:
            kernel.drain()
    for host in HOSTS:
        kernel.ask(pfkey.message(pfkey.DELFLOW, 0, *to_host(host)))
    return n


def packets(seconds, rng):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    n = 0
    for n in until(seconds):
        try:
            s.sendto(b"x" * rng.choice((10, 100, 1000)), (f"192.0.3.{rng.choice(HOSTS)}", 4000))
        except OSError:                         # %reject was heard
            pass
        if n % 20 == 0:
            time.sleep(0.01)
    return n


def read(seconds, _):
    kernel = pfkey.Kernel()
    n = 0
    for n in until(seconds):
        for name in ("ipsec_spi", "ipsec_spigrp", "ipsec_eroute", "pf_key", "pf_key_registered",
                     "ipsec/status", "ipsec/drops"):
            with open("/proc/net/" + name, "rb") as f:
                f.read()
        kernel.send(pfkey.message(pfkey.DUMP, 0))
        kernel.drain()
    return n


def one_space(rng):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(NEWNET):
        raise OSError(ctypes.get_errno(), "unshare")
    kernel = pfkey.Kernel()
    pfkey.noise(kernel, 200, rng.randrange(1 << 30))
    for i in range(50):
        kernel.send(pfkey.message(pfkey.ADD, pfkey.ESP, pfkey.sa(0x1000 + i, pfkey.AES, pfkey.SHA1),
                                  *pfkey.ENDS, *pfkey.KEYS))
        kernel.send(pfkey.message(pfkey.ADDFLOW, pfkey.INT, pfkey.sa(260),
                                  pfkey.addr(pfkey.DST, "0.0.0.0"), *to_host(i)))
    if rng.random() < 0.5:                      # and go with a DUMP half read
        kernel.send(pfkey.message(pfkey.DUMP, 0))


def spaces(seconds, rng):
    n = 0
    for n in until(seconds):
        seed = rng.randrange(1 << 30)
        child = os.fork()
        if not child:
            one_space(random.Random(seed))
            os._exit(0)
        if os.waitpid(child, 0)[1]:
            sys.exit("a namespace could not be made or filled")
    return n


def refuse(seconds, _):
    kernel = pfkey.Kernel()
    kernel.ask(pfkey.message(pfkey.REGISTER, pfkey.ESP))
    n = 0
    for _ in until(seconds):
        for told in kernel.drain():
            if told[1] != pfkey.ACQUIRE or told[2]:
                continue
            refusal = bytearray(told)
            refusal[2] = errno.ETIMEDOUT
            kernel.send(bytes(refusal))
            n += 1
        time.sleep(0.02)
    return n


def main():
    work = {f.__name__: f for f in (sas, flows, packets, read, spaces, refuse)}
    if len(sys.argv) not in (3, 4) or sys.argv[1] not in work:
        print(__doc__, file=sys.stderr)
        return 1
    seed = int(sys.argv[3]) if len(sys.argv) == 4 else 0
    n = work[sys.argv[1]](float(sys.argv[2]), random.Random(seed))
    print(f"{sys.argv[1]}: {n}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
