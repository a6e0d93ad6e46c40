#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""PF_KEY messages that no tool would send.

pfkey.py wrong          a list of wrong messages; each must get its errno and do nothing
pfkey.py cuts           each kind of message cut off at every word, and its extensions
                        lengthened, shortened, repeated and left out
pfkey.py mismatch N SEED  N SAs of random type, algorithms and key lengths; the kernel may
                        take only what it says that it offers
pfkey.py noise N SEED   N messages with random damage; what they do does not matter
pfkey.py larval         an SPI of GETSPI, which nobody will complete
pfkey.py many N         N SAs without deleting one; prints how many the kernel took
pfkey.py dump N         make N SAs, DUMP them to a reader with little room, and delete
                        them; prints how many came before the end was told
pfkey.py replace N SPI SPI   replace west's eroute to sunset N times, by turns with tunnels of
                        these SPIs; fails when the kernel refuses one
pfkey.py open           open the socket, and say "open" or the errno's name
pfkey.py keys           make an SA, and look for its key in all that the kernel tells
                        listeners, to ADD, GET and DUMP

Runs on one of the hosts of a test, as root.  It knows nothing of lib/pfkey: the
messages are built from RFC 2367 and the numbers of KLIPS, a second time.
"""

import errno
import os
import random
import socket
import struct
import sys

GETSPI, UPDATE, ADD, DELETE, GET, ACQUIRE, REGISTER, EXPIRE, FLUSH, DUMP = range(1, 11)
GRPSA, ADDFLOW, DELFLOW, DEBUG, MAPPING = 13, 14, 15, 16, 17
AH, ESP, IPIP, COMP, INT = 2, 3, 9, 10, 11
(SA, CURRENT, HARD, SOFT, SRC, DST, PROXY, AUTH, ENC, ID_SRC, ID_DST, SENS, PROP, SUP_AUTH, SUP_ENC,
 RANGE) = range(1, 17)
SATYPE2, SA2, DST2, FLOW_SRC, FLOW_DST, MASK_SRC, MASK_DST, MASKS, PROTO = range(18, 27)
NATT_TYPE, NATT_SPORT = 27, 28

ME, PEER = "198.51.100.1", "198.51.100.2"
SECRET = bytes(range(0xA0, 0xB0))
SECRET_AUTH = bytes(range(0xC0, 0xD4))


def ext(number, body, words=None):
    """An extension: its header, then body, padded to whole words."""
    body += bytes(-(len(body) + 4) % 8)
    return struct.pack("=HH", (len(body) + 4) // 8 if words is None else words, number) + body


def message(kind, satype, *exts, words=None, version=2, reserved=0, seq=1):
    body = b"".join(exts)
    words = (16 + len(body)) // 8 if words is None else words
    return struct.pack("=BBBBHHII", version, kind, 0, satype, words, reserved, seq,
                       os.getpid()) + body


def sa(spi, encrypt=0, auth=0, flags=0, state=1, replay=0, number=SA):
    return ext(number, struct.pack(">I", spi) + struct.pack("=BBBBIII", replay, state, auth, encrypt,
                                                           flags, 0, 0))


def addr(number, text, port=0, family=socket.AF_INET):
    sin = struct.pack("=H", family) + struct.pack(">H", port) + socket.inet_aton(text) + bytes(8)
    return ext(number, struct.pack("=BBH", 0, 0, 0) + sin)


def key(number, octets, bits=None):
    return ext(number, struct.pack("=HH", len(octets) * 8 if bits is None else bits, 0) + octets)


def ident(number, octets, kind=2):
    return ext(number, struct.pack("=HHQ", kind, 0, 0) + octets)


def life(number, value=0):
    return ext(number, struct.pack("=IQQQII", value, value, value, value, value, 0))


ENDS = addr(SRC, ME), addr(DST, PEER)
FLOW = (addr(FLOW_SRC, "192.0.2.0"), addr(FLOW_DST, "192.0.3.0"),
        addr(MASK_SRC, "255.255.255.0"), addr(MASK_DST, "255.255.255.0"))
AES, SHA1, DES = 12, 3, 2
DEFLATE, LZS, BARE = 2, 3, 64
KEYS = key(ENC, SECRET), key(AUTH, SECRET_AUTH)


def good(spi=0x5001):
    """One valid message of every kind."""
    return {
        "GETSPI": (GETSPI, ESP, *ENDS, ext(RANGE, struct.pack("=III", 0x5000, 0x5fff, 0))),
        "ADD": (ADD, ESP, sa(spi, AES, SHA1), life(HARD), life(SOFT), *ENDS, *KEYS,
                ident(ID_SRC, b"west\0"), ident(ID_DST, b"east\0"), addr(PROXY, "192.0.2.9"),
                ext(SENS, struct.pack("=IBBBBI", 1, 1, 1, 1, 1, 0) + bytes(16))),
        "ADD-tun": (ADD, IPIP, sa(spi + 1), *ENDS),
        "UPDATE": (UPDATE, ESP, sa(spi, AES, SHA1), *ENDS, *KEYS),
        "GRPSA": (GRPSA, IPIP, sa(spi + 1), ENDS[1], ext(SATYPE2, struct.pack("=BBH", ESP, 0, 0)),
                  sa(spi, number=SA2), addr(DST2, PEER)),
        "ADDFLOW": (ADDFLOW, IPIP, sa(spi + 1), ENDS[1], *FLOW, ident(ID_SRC, b"w\0"),
                    ext(PROTO, bytes([6, 0, 0, 0]))),
        "shunt": (ADDFLOW, INT, sa(257), addr(DST, "0.0.0.0"), *FLOW),
        "DELFLOW": (DELFLOW, 0, *FLOW),
        "DEBUG": (DEBUG, 0, ext(MASKS, struct.pack("=12I4x", *[0] * 12))),
        "REGISTER": (REGISTER, ESP),
        "GET": (GET, ESP, sa(spi), *ENDS),
        "DUMP": (DUMP, 0),
        "ACQUIRE": (ACQUIRE, ESP, *ENDS, ext(PROP, bytes(4 + 80))),
        "DELETE": (DELETE, ESP, sa(spi), *ENDS),
        "FLUSH": (FLUSH, 0),
    }


class Kernel:
    """The socket, and what the kernel thinks of a message."""

    def __init__(self):
        self.sock = socket.socket(15, socket.SOCK_RAW, 2)
        self.sock.setblocking(False)

    def send(self, octets):
        """0, or the errno of send(2)."""
        try:
            self.sock.send(octets)
        except OSError as e:
            return e.errno
        return 0

    def drain(self):
        """All that is to be read."""
        got = []
        while True:
            try:
                got.append(self.sock.recv(65536))
            except BlockingIOError:
                return got
            except OSError as e:
                if e.errno != errno.ENOBUFS:
                    raise

    def ask(self, octets):
        """0, or the errno of send(2) or of the answer."""
        self.drain()
        sent = self.send(octets)
        answers = [m for m in self.drain() if len(m) >= 16 and m[1:2] == octets[1:2]]
        return sent or (answers[0][2] if answers else None)

    def clear(self):
        self.ask(message(FLUSH, 0))
        self.ask(message(DELFLOW, 0, sa(0, flags=4)))


def wrong():
    yield "shorter than a header", bytes(8), "EMSGSIZE"
    yield "nothing at all", b"", "EMSGSIZE"
    yield "a length of zero", message(FLUSH, 0, words=0), "EMSGSIZE"
    yield "a length beyond the message", message(FLUSH, 0, words=9), "EMSGSIZE"
    yield "version 1", message(FLUSH, 0, version=1), "EINVAL"
    yield "reserved octets", message(FLUSH, 0, reserved=1), "EINVAL"
    yield "no such SA type", message(FLUSH, 77), "EINVAL"
    yield "no such message", message(99, 0), "EOPNOTSUPP"
    yield "message type 0", message(0, 0), "EOPNOTSUPP"
    yield "an EXPIRE from below", message(EXPIRE, ESP), "EOPNOTSUPP"
    yield "an ADD of nothing", message(ADD, ESP), "EINVAL"
    yield "an ADD of a shunt", message(ADD, INT, sa(257), *ENDS), "EINVAL"
    yield "an unknown extension", message(FLUSH, 0, ext(60, bytes(4))), "EINVAL"
    yield "extension 0", message(FLUSH, 0, ext(0, bytes(4))), "EINVAL"
    yield "extension 65535", message(FLUSH, 0, ext(65535, bytes(4))), "EINVAL"
    yield "an extension too many", message(FLUSH, 0, sa(0x5001)), "EINVAL"
    yield "an extension of no length", message(FLUSH, 0, ext(SA, bytes(20), words=0)), "EINVAL"
    yield "an extension of all lengths", message(FLUSH, 0, ext(SA, bytes(20), 65535)), "EINVAL"
    yield "the same one twice", message(ADD, ESP, sa(0x5001), sa(0x5001), *ENDS), "EINVAL"
    yield "a reserved SPI", message(ADD, ESP, sa(0xff, AES, SHA1), *ENDS, *KEYS), "EINVAL"
    yield "SPI 0", message(ADD, ESP, sa(0, AES, SHA1), *ENDS, *KEYS), "EINVAL"
    yield "no keys", message(ADD, ESP, sa(0x5001, AES, SHA1), *ENDS), "EINVAL"
    yield "one key", message(ADD, ESP, sa(0x5001, AES, SHA1), *ENDS, KEYS[0]), "EINVAL"
    yield "no authentication", message(ADD, ESP, sa(0x5001, AES), *ENDS, KEYS[0]), "EINVAL"
    yield ("DES", message(ADD, ESP, sa(0x5001, DES, SHA1), *ENDS, key(ENC, bytes(8)), KEYS[1]),
           "EPROTONOSUPPORT")
    yield ("a short key", message(ADD, ESP, sa(0x5001, AES, SHA1), *ENDS, key(ENC, bytes(15)),
                                  KEYS[1]), "EINVAL")
    yield ("more bits than octets", message(ADD, ESP, sa(0x5001, AES, SHA1), *ENDS,
                                            key(ENC, SECRET, 4096), KEYS[1]), "EINVAL")
    yield ("no bits", message(ADD, ESP, sa(0x5001, AES, SHA1), *ENDS, key(ENC, SECRET, 0),
                              KEYS[1]), "EINVAL")
    yield ("an address of no family", message(ADD, IPIP, sa(0x5001), addr(SRC, ME, family=0),
                                              ENDS[1]), "EINVAL")
    yield ("IPv6 in the room of IPv4", message(ADD, IPIP, sa(0x5001), ENDS[0],
                                               addr(DST, PEER, family=10)), "EINVAL")
    yield ("text without an end", message(ADD, IPIP, sa(0x5001), *ENDS, ident(ID_SRC, b"x" * 16)),
           "EINVAL")
    yield "a state that is none", message(ADD, IPIP, sa(0x5001, state=9), *ENDS), "EINVAL"
    yield ("a netmask with a gap", message(ADDFLOW, INT, sa(257), addr(DST, "0.0.0.0"), *FLOW[:2],
                                           addr(MASK_SRC, "255.0.255.0"), FLOW[3]), "EINVAL")
    yield "a shunt that is none", message(ADDFLOW, INT, sa(300), addr(DST, "0.0.0.0"), *FLOW), "EINVAL"
    yield "half a selector", message(DELFLOW, 0, *FLOW[:3]), "EINVAL"
    yield "a range upside down", message(GETSPI, ESP, *ENDS, ext(RANGE, struct.pack("=III", 9, 8, 0))), "EINVAL"
    yield "half a group", message(GRPSA, IPIP, sa(0x5001), ENDS[1], sa(0x5002, number=SA2)), "EINVAL"
    yield ("a flag that is none", message(ADD, IPIP, sa(0x5001, flags=1 << 30), *ENDS), "EINVAL")
    yield "AH with a cipher", message(ADD, AH, sa(0x5001, AES, SHA1), *ENDS, KEYS[1]), "EINVAL"
    yield "AH with a cipher's key", message(ADD, AH, sa(0x5001, 0, SHA1), *ENDS, *KEYS), "EINVAL"
    yield "AH without a key", message(ADD, AH, sa(0x5001, 0, SHA1), *ENDS), "EINVAL"
    yield ("AH of an unknown kind", message(ADD, AH, sa(0x5001, 0, 77), *ENDS, KEYS[1]),
           "EPROTONOSUPPORT")
    yield "IPComp with a key", message(ADD, COMP, sa(0x5001, DEFLATE), *ENDS, KEYS[1]), "EINVAL"
    yield "IPComp of an unknown kind", message(ADD, COMP, sa(0x5001, LZS), *ENDS), "EPROTONOSUPPORT"
    yield "a CPI of 17 bits", message(ADD, COMP, sa(0x15001, DEFLATE), *ENDS), "EINVAL"
    yield "a reserved CPI", message(ADD, COMP, sa(0x40, DEFLATE), *ENDS), "EINVAL"
    yield ("CPIs of 17 bits", message(GETSPI, COMP, *ENDS,
                                      ext(RANGE, struct.pack("=III", 0x5000, 0x15000, 0))), "EINVAL")
    yield ("a well-known CPI to choose", message(GETSPI, COMP, *ENDS,
                                                 ext(RANGE, struct.pack("=III", 2, 0x5000, 0))), "EINVAL")
    yield ("ESP that may be bare", message(ADD, ESP, sa(0x5001, AES, SHA1, flags=BARE), *ENDS, *KEYS),
           "EINVAL")


def check_wrong(kernel):
    bad = 0
    for what, octets, expected in wrong():
        got = kernel.ask(octets) if octets else getattr(errno, expected)
        if got != getattr(errno, expected):
            print(f"{what}: expected {expected}, got {errno.errorcode.get(got, got)}")
            bad += 1
    return bad


def check_cuts(kernel):
    """Well-formed or not, the kernel must survive; a cut one must be refused."""
    bad = 0
    for name, parts in good().items():
        whole = message(*parts)
        for end in range(0, len(whole), 4):
            if end and kernel.ask(whole[:end]) != errno.EMSGSIZE:
                print(f"{name} cut off at {end} was taken")
                bad += 1
        exts = parts[2:]
        for i, one in enumerate(exts):
            number, words = struct.unpack("=HH", one[2:4] + one[:2])
            rest = exts[:i], exts[i + 1:]
            for length in (0, 1, words - 1, words + 1, words + 2, 0x7fff, 0xffff):
                forged = struct.pack("=HH", length, number) + one[4:]
                kernel.ask(message(*parts[:2], *rest[0], forged, *rest[1]))
            kernel.ask(message(*parts[:2], *rest[0], *rest[1]))
            if kernel.ask(message(*parts[:2], *exts, one)) != errno.EINVAL:
                print(f"{name} with extension {number} twice was taken")
                bad += 1
            for shorter in range(8, len(one), 8):
                forged = struct.pack("=HH", shorter // 8, number) + one[4:shorter]
                kernel.ask(message(*parts[:2], *rest[0], forged, *rest[1]))
        kernel.clear()
    return bad


def offered():
    """What pf_key_supported says: (SA type, 14 or 15, algorithm) -> least and most key bits."""
    with open("/proc/net/pf_key_supported", encoding="ascii") as f:
        rows = [[int(word) for word in line.split()] for line in f.readlines()[1:]]
    return {(row[0], row[1], row[2]): (row[4], row[5]) for row in rows}


def fits(offer, satype, ealg, ebits, aalg, abits):
    """May an SA of ESP or AH be of these algorithms, with keys of these lengths?"""
    for supported, alg, bits in ((SUP_ENC, ealg, ebits), (SUP_AUTH, aalg, abits)):
        low, high = offer.get((satype, supported, alg), (0, 0) if alg in (0, 11, 251) else (1, 0))
        if not low <= bits <= high:
            return False
    return True


def mismatch(kernel, count, seed):
    rng = random.Random(seed)
    offer = offered()
    bad = taken = 0
    octets = (0, 1, 8, 15, 16, 20, 24, 28, 32, 36, 48, 64, 128)
    for _ in range(count):
        satype = rng.choice((AH, ESP, ESP, ESP, IPIP, 10))
        ealg, aalg = rng.choice((0, 2, 3, 11, 12, 13, 14, 18, 20, 28, rng.randrange(256))), \
            rng.choice((0, 2, 3, 5, 6, 7, 9, 251, rng.randrange(256)))
        elen, alen = rng.choice(octets), rng.choice(octets)
        # Mostly one half of it is right, so that the other has to be looked at.
        encs = [(k[2], bits) for k, bits in offer.items() if k[:2] == (satype, SUP_ENC)]
        auths = [(k[2], bits) for k, bits in offer.items() if k[:2] == (satype, SUP_AUTH)]
        if encs and rng.random() < 0.7:
            ealg, bits = rng.choice(encs)
            elen = rng.choice(bits) // 8
        if auths and rng.random() < 0.7:
            aalg, bits = rng.choice(auths)
            alen = rng.choice(bits) // 8
        elif satype == ESP and rng.random() < 0.5:
            aalg = alen = 0
        keys = [key(n, bytes(size)) for n, size in ((ENC, elen), (AUTH, alen)) if size]
        err = kernel.ask(message(ADD, satype, sa(0x5001, ealg, aalg), *ENDS, *keys))
        if err == 0:
            taken += 1
            kernel.ask(message(DELETE, satype, sa(0x5001), *ENDS))
            if satype in (AH, ESP) and not fits(offer, satype, ealg, elen * 8, aalg, alen * 8):
                print(f"taken: SA type {satype}, encryption {ealg} with {elen} octets, "
                      f"authentication {aalg} with {alen}")
                bad += 1
    print(f"{taken} of {count} taken")
    return bad


def noise(kernel, count, seed):
    rng = random.Random(seed)
    kinds = list(good().values())
    for n in range(count):
        parts = list(rng.choice(kinds))
        exts = parts[2:]
        if rng.random() < 0.3 and exts:
            exts[rng.randrange(len(exts))] = rng.choice(rng.choice(kinds)[2:] or [b""])
        if rng.random() < 0.1:
            rng.shuffle(exts)
        octets = bytearray(message(rng.choice((parts[0], parts[0], rng.randrange(20))),
                                   rng.choice((parts[1], parts[1], rng.randrange(13))), *exts))
        for _ in range(rng.choice((0, 1, 1, 2, 5))):
            octets[rng.randrange(len(octets))] = rng.choice((0, 1, 0xff, rng.randrange(256)))
        if rng.random() < 0.05:
            octets = octets[:rng.randrange(1, len(octets))]
        kernel.send(bytes(octets))
        if n % 50 == 0:
            kernel.drain()
        if n % 1000 == 0:
            kernel.clear()
    kernel.clear()


def many(kernel, count):
    taken = 0
    for i in range(count):
        err = kernel.send(message(ADD, IPIP, sa(0x10000 + i), *ENDS))
        taken += err == 0
        kernel.drain()
    return taken


def dump(kernel, count):
    many(kernel, count)
    reader = Kernel()
    reader.sock.settimeout(10)
    reader.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    reader.sock.send(message(DUMP, 0, seq=7))
    seen = set()
    while True:
        told = reader.sock.recv(4096)
        kind, _, _, _, _, seq = struct.unpack_from("=xBBBHHI", told)
        if kind == DUMP and seq == 0:
            break
        if kind == DUMP and seq == 7:
            seen.add(told[20:24])           # the SPI
    kernel.clear()
    return len(seen)


def replace(kernel, count, spis):
    refused = 0
    for n in range(count):
        refused += kernel.ask(message(ADDFLOW, IPIP, sa(spis[n % len(spis)], flags=2), ENDS[1],
                                      *FLOW)) != 0
    return refused


def keys_seen(kernel):
    """The names of messages whose answers, to whomever, hold a piece of a key."""
    listener = Kernel()
    seen = []
    for name in ("ADD", "GET", "DUMP", "DELETE"):
        listener.drain()
        if kernel.ask(message(*good()[name])):
            seen.append(f"{name} (failed)")
        told = b"".join(kernel.drain() + listener.drain())
        if SECRET[:8] in told or SECRET_AUTH[:8] in told:
            seen.append(name)
    return seen


def main():
    what = sys.argv[1] if len(sys.argv) > 1 else "--help"
    if what == "open":
        try:
            Kernel()
        except OSError as e:
            print(errno.errorcode[e.errno])
        else:
            print("open")
        return 0
    if what not in ("mismatch", "replace", "wrong", "cuts", "noise", "many", "keys", "larval", "dump"):
        print(__doc__, file=sys.stderr)
        return 1
    kernel = Kernel()
    if what == "mismatch":
        return mismatch(kernel, int(sys.argv[2]), int(sys.argv[3])) > 0
    if what == "replace":
        return replace(kernel, int(sys.argv[2]), [int(spi, 16) for spi in sys.argv[3:]]) > 0
    if what == "larval":
        return kernel.ask(message(*good()["GETSPI"])) != 0
    if what == "wrong":
        return check_wrong(kernel) > 0
    if what == "cuts":
        return check_cuts(kernel) > 0
    if what == "noise":
        noise(kernel, int(sys.argv[2]), int(sys.argv[3]))
    elif what == "many":
        print(many(kernel, int(sys.argv[2])))
    elif what == "dump":
        print(dump(kernel, int(sys.argv[2])))
    else:
        seen = keys_seen(kernel)
        print(*seen)
        return len(seen) > 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
