#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What RFC 2367 promises a key manager, asked of the kernel message by message.

All of PROMISES are tried; the name and the reason of each that is broken are printed.  Exits 1 if there is one.  Runs on west, as root.
"""

import errno
import os
import struct
import sys
import time

import pfkey
from pfkey import (ACQUIRE, ADD, ADDFLOW, AES, AUTH, CURRENT, DELETE, DELFLOW, DST, DUMP, ENC, ENDS,
                   ESP, EXPIRE, FLOW, FLUSH, GET, GETSPI, GRPSA, HARD, ID_DST, ID_SRC, INT, IPIP,
                   KEYS, ME, PEER, PROP, RANGE, REGISTER, SA, SENS, SHA1, SOFT, SRC, UPDATE, Kernel,
                   addr, ext, ident, key, message, sa)

PROMISC, ERROR, PROXY = 11, 34, 7
EMPTY_LABEL = struct.pack("=IBBBBI", 7, 1, 1, 2, 0, 0) + bytes(8)


class Broken(Exception):
    pass


def expect(what, got, wanted):
    if got != wanted:
        raise Broken(f"{what}: {got}, not {wanted}")


def parts(octets):
    """The header's fields, and the extensions by number."""
    kind, err, satype, _, _, seq, pid = struct.unpack_from("=xBBBHHII", octets)
    found, at = {}, 16
    while at < len(octets):
        words, number = struct.unpack_from("=HH", octets, at)
        found[number] = octets[at + 4:at + words * 8]
        at += words * 8
    return kind, err, satype, seq, pid, found


def answer(kernel, octets, kind=None):
    """The errno and the extensions of the answer to a message."""
    kernel.drain()
    sent = kernel.send(octets)
    if sent:
        return sent, {}
    for told in kernel.drain():
        if told[1] == (kind or octets[1]):
            _, err, _, _, _, found = parts(told)
            return err, found
    raise Broken("no answer")


def why(found):
    return found[ERROR][4:].split(b"\0")[0].decode() if ERROR in found else ""


def wait_for(kernel, kind, seconds=10):
    """The first message of that kind, as parts()."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for told in kernel.drain():
            if told[1] == kind:
                return parts(told)
        time.sleep(0.05)
    raise Broken(f"no message of type {kind}")


def lifetime(octets):
    """allocations, bytes, addtime, usetime, packets"""
    return struct.unpack_from("=IQQQI", octets)


def limits(number, allocations=0, octets=0, added=0, used=0, packets=0):
    return ext(number, struct.pack("=IQQQII", allocations, octets, added, used, packets, 0))


def an_spi_is_reserved_and_completed(kernel):
    err, found = answer(kernel, message(GETSPI, ESP, *ENDS, ext(RANGE, struct.pack("=III", 0x5000,
                                                                                   0x5fff, 0))))
    expect("GETSPI", err, 0)
    spi = struct.unpack_from(">I", found[SA])[0]
    if not 0x5000 <= spi <= 0x5fff:
        raise Broken(f"SPI {spi:#x} is outside of the range")
    expect("its state", found[SA][5], 0)
    reference = struct.unpack_from("=I", found[SA], 12)[0]
    err, found = answer(kernel, message(UPDATE, ESP, sa(spi, AES, SHA1), *ENDS, *KEYS))
    expect("UPDATE", err, 0)
    expect("its state", found[SA][5], 1)
    expect("its reference", struct.unpack_from("=I", found[SA], 12)[0], reference)
    err, found = answer(kernel, message(GET, ESP, sa(spi), *ENDS))
    expect("GET", err, 0)
    expect("algorithms", (found[SA][7], found[SA][6]), (AES, SHA1))


def what_a_manager_tells_of_an_sa_it_gets_back(kernel):
    extras = (addr(PROXY, "192.0.2.9"), ident(ID_SRC, b"west@example.com\0", 3),
              ident(ID_DST, b"east.example.com\0", 2), ext(SENS, EMPTY_LABEL))
    err, _ = answer(kernel, message(ADD, IPIP, sa(0x5001), *ENDS, *extras))
    expect("ADD", err, 0)
    for kind in (GET, DUMP):
        octets = message(kind, IPIP, sa(0x5001), *ENDS) if kind == GET else message(kind, IPIP)
        _, found = answer(kernel, octets)
        for one in extras:
            number = struct.unpack_from("=H", one, 2)[0]
            expect(f"extension {number} of message {kind}", found.get(number), one[4:])


def lifetimes_of_an_sa_in_use_can_be_changed(kernel):
    answer(kernel, message(ADD, ESP, sa(0x5001, AES, SHA1), limits(HARD, added=1000), *ENDS, *KEYS))
    err, _ = answer(kernel, message(UPDATE, ESP, sa(0x5001), limits(SOFT, octets=77),
                                    limits(HARD, added=2000), *ENDS))
    expect("UPDATE", err, 0)
    _, found = answer(kernel, message(GET, ESP, sa(0x5001), *ENDS))
    expect("soft", lifetime(found[SOFT])[1], 77)
    expect("hard", lifetime(found[HARD])[2], 2000)
    err, found = answer(kernel, message(UPDATE, ESP, sa(0x5001, AES, SHA1), *ENDS, *KEYS))
    expect("UPDATE of its keys", err, errno.EINVAL)
    if "can be changed; make another SA" not in why(found):
        raise Broken(f"and says: {why(found)}")
    listener = Kernel()
    err, _ = answer(kernel, message(UPDATE, ESP, sa(0x5001), limits(HARD, added=1), *ENDS))
    expect("UPDATE", err, 0)
    _, _, satype, _, _, found = wait_for(listener, EXPIRE)
    expect("EXPIRE's SA type", satype, ESP)
    if HARD not in found or CURRENT not in found:
        raise Broken("an EXPIRE without its lifetimes")


def a_refusal_says_which_extension_and_why(kernel):
    answer(kernel, message(ADD, IPIP, sa(0x5001), *ENDS))
    answer(kernel, message(ADDFLOW, INT, sa(257), addr(DST, "0.0.0.0"), *FLOW))
    me = f"[{os.getpid()}]"
    table = (
        (message(ADD, IPIP, sa(0x5001), *ENDS), errno.EEXIST, SA, "tun0x5001@198.51.100.2 is in use", me),
        (message(ADD, IPIP, sa(0xff), *ENDS), errno.EINVAL, SA, "SPI 0xff is reserved"),
        (message(ADD, IPIP, sa(0x5002, state=0), *ENDS), errno.EINVAL, SA, "sadb_sa_state is 0"),
        (message(ADD, IPIP, sa(0x5002), ENDS[0]), errno.EINVAL, DST, "ADDRESS_DST: missing"),
        (message(ADD, IPIP, sa(0x5002), *ENDS, ext(RANGE, bytes(12))), errno.EINVAL, RANGE,
         "SPIRANGE: not for this message type"),
        (message(ADD, ESP, sa(0x5002, AES, SHA1), *ENDS, key(ENC, bytes(16), 4096), KEYS[1]),
         errno.EINVAL, ENC, "sadb_key_bits is 4096, must be 72 to 128"),
        (message(ADD, ESP, sa(0x5002, 2, SHA1), *ENDS, *KEYS), errno.EPROTONOSUPPORT, SA, "encryption 2"),
        (message(ADD, ESP, sa(0x5002, AES, 0), *ENDS, KEYS[0]), errno.EINVAL, SA, "authentication 0"),
        (message(ADD, ESP, sa(0x5002, AES, SHA1), *ENDS, key(ENC, bytes(15)), KEYS[1]), errno.EINVAL,
         SA, "15 and 20 octets"),
        (message(UPDATE, IPIP, sa(0x5009), *ENDS), errno.ENOENT, SA, "there is no tun0x5009"),
        (message(DELETE, IPIP, sa(0x5009), *ENDS), errno.ESRCH, SA, "there is no tun0x5009"),
        (message(GET, IPIP, sa(0x5009), *ENDS), errno.ESRCH, SA, "there is no tun0x5009"),
        (message(GRPSA, IPIP, sa(0x5001), ENDS[1], ext(18, bytes([IPIP, 0, 0, 0])),
                 sa(0x5009, number=19), addr(20, PEER)), errno.ENOENT, 19, "X_SA2: there is no"),
        (message(GETSPI, IPIP, *ENDS, ext(RANGE, struct.pack("=III", 0x5001, 0x5001, 0))),
         errno.EEXIST, RANGE, "no free SPI found in 0x5001 to 0x5001"),
        (message(GETSPI, IPIP, *ENDS, ext(RANGE, struct.pack("=III", 1, 99, 0))), errno.EINVAL, RANGE,
         "SPI 0x1 is reserved"),
        (message(ADDFLOW, INT, sa(258), addr(DST, "0.0.0.0"), *FLOW), errno.EEXIST, 0,
         "192.0.2.0/24 -> 192.0.3.0/24 leads to %drop", me),
        (message(ADDFLOW, INT, sa(300), addr(DST, "0.0.0.0"), *FLOW), errno.EINVAL, SA, "must be 256"),
        (message(DELFLOW, INT, sa(259), *FLOW), errno.ENOENT, 0, "no %hold for exactly"),
        (message(DELFLOW, 0, addr(21, "10.0.0.0"), *FLOW[1:]), errno.ENOENT, 0, "no eroute for exactly"),
        (message(FLUSH, 77), errno.EINVAL, 0, "sadb_msg_satype is 77"),
        (message(99, 0), errno.EOPNOTSUPP, 0, "sadb_msg_type is 99"),
        (message(EXPIRE, ESP), errno.EOPNOTSUPP, 0, "not for this direction"),
        (message(PROMISC, 1), errno.EOPNOTSUPP, 0, "shown to nobody"),
        (message(PROMISC, 0), errno.EOPNOTSUPP, 0, "shown to nobody"),
        (message(ACQUIRE, ESP), errno.EINVAL, 0, "neither an errno nor what is wanted"),
        (message(REGISTER, INT), errno.EINVAL, 0, "SA type not for this message type"),
    )
    for octets, number, at_fault, *words in table:
        err, found = answer(kernel, octets)
        expect(f"{words[0]}: errno", errno.errorcode.get(err, err), errno.errorcode[number])
        if not all(word in why(found) for word in words):
            raise Broken(f"\"{words}\" expected, but it says \"{why(found)}\"")
        expect(f"{words[0]}: extension at fault", struct.unpack_from("=H", found[ERROR])[0], at_fault)


def a_refusal_goes_to_the_asker_alone(kernel):
    listener = Kernel()
    listener.ask(message(REGISTER, ESP))
    listener.drain()
    answer(kernel, message(DELETE, IPIP, sa(0x5009), *ENDS))
    expect("messages to others", len(listener.drain()), 0)
    answer(kernel, message(ADD, IPIP, sa(0x5001), *ENDS))
    expect("messages to others", len(listener.drain()), 1)
    answer(kernel, message(GET, IPIP, sa(0x5001), *ENDS))
    expect("messages to others", len(listener.drain()), 0)


def a_program_may_ask_the_managers_for_an_sa(kernel):
    comb = struct.pack("=BBHHHHHII", SHA1, AES, 0, 160, 160, 128, 256, 0, 0) + bytes(56)
    wish = message(ACQUIRE, ESP, *ENDS, ext(PROP, struct.pack("=B3x", 32) + comb), seq=4242)
    err, found = answer(kernel, wish)
    expect("ACQUIRE with nobody there", err, errno.EPROTONOSUPPORT)
    manager, other = Kernel(), Kernel()
    manager.ask(message(REGISTER, ESP))
    other.ask(message(REGISTER, IPIP))
    other.drain()
    expect("ACQUIRE", kernel.send(wish), 0)
    _, _, _, seq, pid, found = wait_for(manager, ACQUIRE)
    expect("whose it is", (seq, pid), (4242, os.getpid()))
    if PROP not in found:
        raise Broken("the proposal is gone")
    expect("messages to a manager of other SAs", len(other.drain()), 0)
    refusal = bytearray(wish)
    refusal[2] = errno.ETIMEDOUT
    expect("a manager's refusal", manager.send(bytes(refusal)), 0)


def an_sa_serves_as_many_flows_as_it_may(kernel):
    answer(kernel, message(ADD, IPIP, sa(0x5001), limits(SOFT, allocations=2),
                           limits(HARD, allocations=3), *ENDS))
    flows = [(addr(21, f"10.0.{n}.0"), *FLOW[1:]) for n in range(5)]
    listener = Kernel()
    for n in range(3):
        err, _ = answer(kernel, message(ADDFLOW, IPIP, sa(0x5001, flags=2), ENDS[1], *flows[n]))
        expect(f"flow {n}", err, 0)
        err, _ = answer(kernel, message(ADDFLOW, IPIP, sa(0x5001, flags=2), ENDS[1], *flows[n]))
        expect(f"flow {n} again", err, 0)
        if n == 1:
            expect("soft, not hard", HARD in wait_for(listener, EXPIRE)[5], False)
    err, found = answer(kernel, message(ADDFLOW, IPIP, sa(0x5001, flags=8), ENDS[1], *flows[3]))
    expect("one flow too many", err, errno.EKEYEXPIRED)
    if "hard limit of allocations" not in why(found):
        raise Broken(f"and says: {why(found)}")
    found = wait_for(listener, EXPIRE)[5]
    expect("hard", HARD in found, True)
    expect("allocations", lifetime(found[CURRENT])[0], 3)
    err, _ = answer(kernel, message(GET, IPIP, sa(0x5001), *ENDS))
    expect("GET afterwards", err, errno.ESRCH)


def no_listener_ever_sees_a_key(kernel):
    """Whatever happens to an SA, and whoever listens, how ever registered."""
    listeners = [Kernel() for _ in range(4)]
    for listener, satype in zip(listeners, (2, ESP, IPIP, 10)):
        listener.ask(message(REGISTER, satype))
    kernel.ask(message(GETSPI, ESP, *ENDS, ext(RANGE, struct.pack("=III", 0x5002, 0x5002, 0))))
    told = []
    full = sa(0x5001, AES, SHA1), *ENDS, *KEYS
    for octets in (message(ADD, ESP, *full), message(ADD, ESP, *full), message(UPDATE, ESP, *full),
                   message(UPDATE, ESP, sa(0x5002, AES, SHA1), *ENDS, *KEYS),
                   message(ADD, ESP, *full, KEYS[0]), message(ADD, ESP, *full)[:-8],
                   message(ADD, ESP, sa(0x5003, AES, SHA1), *ENDS, KEYS[0], key(AUTH, pfkey.SECRET)),
                   message(PROMISC, 1), message(GET, ESP, sa(0x5001), *ENDS), message(DUMP, 0),
                   message(UPDATE, ESP, sa(0x5001), limits(HARD, added=1), *ENDS),
                   message(DELETE, ESP, sa(0x5002), *ENDS)):
        kernel.send(octets)
        told += kernel.drain()
    end = time.monotonic() + 10
    while kernel.ask(message(GET, ESP, sa(0x5001), *ENDS)) == 0 and time.monotonic() < end:
        time.sleep(0.1)
        told += kernel.drain()
    for listener in listeners:
        told += listener.drain()
    kinds = {m[1] for m in told}
    expect("kinds of messages heard", {ADD, UPDATE, GET, DUMP, DELETE, EXPIRE} <= kinds, True)
    said = b"".join(told)
    for name in ("/proc/net/ipsec_spi", "/proc/net/pf_key", "/proc/net/pf_key_registered",
                 "/proc/net/ipsec/status"):
        with open(name, "rb") as f:
            said += f.read()
    for secret in (pfkey.SECRET, pfkey.SECRET_AUTH):
        for at in range(0, len(secret) - 3, 4):
            if secret[at:at + 4] in said or secret[at:at + 4].hex().encode() in said:
                raise Broken("a piece of a key was told")


PROMISES = (
    an_spi_is_reserved_and_completed,
    what_a_manager_tells_of_an_sa_it_gets_back,
    lifetimes_of_an_sa_in_use_can_be_changed,
    a_refusal_says_which_extension_and_why,
    a_refusal_goes_to_the_asker_alone,
    a_program_may_ask_the_managers_for_an_sa,
    an_sa_serves_as_many_flows_as_it_may,
    no_listener_ever_sees_a_key,
)


def main():
    broken = 0
    for promise in PROMISES:
        kernel = Kernel()
        kernel.clear()
        kernel.drain()
        try:
            promise(kernel)
        except Broken as e:
            print(f"{promise.__name__}: {e}")
            broken += 1
        kernel.clear()
        kernel.sock.close()
    print(f"{len(PROMISES) - broken} of {len(PROMISES)} promises are kept")
    return broken > 0


if __name__ == "__main__":
    sys.exit(main())
