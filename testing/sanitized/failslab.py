#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Each kind of PF_KEY message, once for every allocation that it makes, which then fails.

failslab.py             prints a line a message: how many allocations it made, and what
                        came of their failures; status 1 if one left half of its work

A message whose allocation failed must either have been refused, and then have changed
nothing, or have been obeyed.  /proc/thread-self/fail-nth has the kernel fail the N-th
allocation of this thread from then on; what is read back tells whether there was an N-th.

Runs on one of the hosts of a test, as root, in a kernel with CONFIG_FAILSLAB.
"""

import errno
import os
import sys

sys.path.insert(0, "/test")
import pfkey  # noqa: E402

NTH = "/proc/thread-self/fail-nth"
MOST = 500
TABLES = "spi", "spigrp", "eroute"

# What must have been done before, for the message to have something to do.
BEFORE = {
    "UPDATE": ("GETSPI",),
    "GRPSA": ("ADD", "ADD-tun"),
    "ADDFLOW": ("ADD", "ADD-tun", "GRPSA"),
    "DELFLOW": ("ADD", "ADD-tun", "GRPSA", "ADDFLOW"),
    "GET": ("ADD",),
    "DUMP": ("ADD", "ADD-tun"),
    "DELETE": ("ADD", "ADD-tun", "GRPSA", "ADDFLOW"),
    "FLUSH": ("ADD", "ADD-tun", "GRPSA", "ADDFLOW"),
}


class Kernel(pfkey.Kernel):
    """Who lost a message for want of memory is told so once, when reading."""

    def drain(self):
        while True:
            try:
                return super().drain()
            except OSError as e:
                if e.errno != errno.ENOMEM:
                    raise


def state():
    """How many SAs, groups and eroutes there are."""
    counts = []
    for table in TABLES:
        with open(f"/proc/net/ipsec_{table}", encoding="ascii") as f:
            counts.append(sum(1 for _ in f))
    return tuple(counts)


def prepare(kernel, messages, name):
    kernel.clear()
    for earlier in BEFORE.get(name, ()):
        err = kernel.ask(messages[earlier])
        if err:
            sys.exit(f"{earlier}, before {name}: error {err}")
    kernel.drain()


def try_all(kernel, messages, name):
    """How many allocations there were, were survived, or refused; and what went wrong."""
    prepare(kernel, messages, name)
    before = state()
    kernel.ask(messages[name])
    after = state()
    survived = refused = 0
    octets = messages[name]
    for n in range(1, MOST):
        prepare(kernel, messages, name)
        # Opened before, for opening allocates, too.
        write, read = os.open(NTH, os.O_WRONLY), os.open(NTH, os.O_RDONLY)
        os.write(write, str(n).encode())
        err = kernel.send(octets)
        was = os.read(read, 16).strip(b"\0\n ") == b"0"
        os.write(write, b"0")
        os.close(write)
        os.close(read)
        answers = [m for m in kernel.drain() if len(m) >= 16 and m[1:2] == octets[1:2]]
        said = err or (answers[0][2] if answers else None)
        if not was:
            return n - 1, survived, refused, None
        now = state()
        if said == 0:
            survived += 1
        else:
            refused += 1
        # Done, but there was no memory to say so: that is no error.
        allowed = (after,) if said == 0 else (before,) if said else (before, after)
        if now not in allowed:
            return n, survived, refused, f"said {said}, and {TABLES} went {before} -> {now}"
    return MOST, survived, refused, "no end of allocations"


def main():
    kernel = Kernel()
    messages = {name: pfkey.message(*parts) for name, parts in pfkey.good(0x5001).items()}
    bad = 0
    for name in messages:
        count, survived, refused, wrong = try_all(kernel, messages, name)
        print(f"{name}: {count} allocations failed, {survived} survived, {refused} refused"
              + (f": WRONG at {count}: {wrong}" if wrong else ""))
        bad += wrong is not None
    kernel.clear()
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
