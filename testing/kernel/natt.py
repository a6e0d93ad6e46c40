#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the kernel tests of ESP in UDP need besides the tools.

natt.py hold TYPE PORT [gro]   hold an IPv4 socket with the option UDP_ENCAP, TYPE 2 as of
                               RFC 3948 or 1 as of the drafts, as a key daemon does; say
                               "holds", then each datagram that the kernel leaves to it,
                               as "ADDRESS PORT OCTETS-IN-HEX"
natt.py listen                 say "listens", then each X_NAT_T_NEW_MAPPING, as
                               "SPI OLD-ADDRESS OLD-PORT NEW-ADDRESS NEW-PORT"
natt.py move SPI SRC DST SPORT DPORT [NEW-DST]
                               UPDATE the SA esp SPI@DST to packets from SRC and these
                               ports, or to NEW-DST; "-" leaves one as it is
natt.py get SPI DST            the SA's "TYPE SRC SPORT DPORT OA NEW-DST", of GET
natt.py wrong SPI SRC DST      UPDATEs of that SA that must be refused, or do nothing
natt.py hostile SPI DST PORT   datagrams to DST from port PORT that nobody should
                               send: keepalives, and all lengths of ESP and of almost ESP
natt.py flood DST PORT N       N keepalives
natt.py replay FILE PORT DST   the UDP datagrams to port 4500 of a capture of Ethernet
                               once more, from port PORT

Runs on one of the hosts of a test, as root.
"""

import errno
import socket
import struct
import sys

import pfkey

UDP_ENCAP, UDP_GRO = 100, 104
SPORT, DPORT, OA = 28, 29, 30


def say(*words):
    print(*words, flush=True)


def hold(kind, port, *options):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.IPPROTO_UDP, UDP_ENCAP, int(kind))
    if "gro" in options:
        sock.setsockopt(socket.IPPROTO_UDP, UDP_GRO, 1)
    sock.bind(("0.0.0.0", int(port)))
    say("holds")
    while True:
        octets, (addr, sport) = sock.recvfrom(65536)
        say(addr, sport, octets.hex())


def extensions(message):
    """Number to octets behind the header."""
    found, at = {}, 16
    while at + 4 <= len(message):
        words, number = struct.unpack_from("=HH", message, at)
        if not words:
            break
        found[number] = message[at + 4:at + words * 8]
        at += words * 8
    return found


def address(octets):
    return socket.inet_ntoa(octets[8:12])


def port(octets):
    return struct.unpack_from(">H", octets)[0]


def listen():
    sock = pfkey.Kernel().sock
    sock.setblocking(True)
    say("listens")
    while True:
        message = sock.recv(65536)
        if message[1] != pfkey.MAPPING:
            continue
        got = extensions(message)
        say("0x" + got[pfkey.SA][:4].hex().lstrip("0"), address(got[pfkey.SRC]), port(got[SPORT]),
            address(got[pfkey.DST]), port(got[DPORT]))


def natt_port(number, value):
    return pfkey.ext(number, struct.pack(">H", int(value)) + bytes(2))


def update(spi, src, dst, sport="-", dport="-", new="-", *more):
    exts = [pfkey.sa(int(spi, 0)), pfkey.addr(pfkey.SRC, src), pfkey.addr(pfkey.DST, dst)]
    if new != "-":
        exts.append(pfkey.addr(pfkey.DST2, new))
    if sport != "-":
        exts.append(natt_port(SPORT, sport))
    if dport != "-":
        exts.append(natt_port(DPORT, dport))
    return pfkey.message(pfkey.UPDATE, pfkey.ESP, *exts, *more)


def move(*args):
    err = pfkey.Kernel().ask(update(*args))
    if err:
        say(errno.errorcode.get(err, err))
    return 1 if err else 0


def get(spi, dst):
    kernel = pfkey.Kernel()
    kernel.drain()
    err = kernel.send(pfkey.message(pfkey.GET, pfkey.ESP, pfkey.sa(int(spi, 0)),
                                    pfkey.addr(pfkey.SRC, "0.0.0.0"), pfkey.addr(pfkey.DST, dst)))
    if err:
        return err
    got = extensions(kernel.drain()[0])
    say(got[27][0] if 27 in got else 0, address(got[pfkey.SRC]),
        *(port(got[n]) if n in got else "-" for n in (SPORT, DPORT)),
        *(address(got[n]) if n in got else "-" for n in (OA, pfkey.DST2)))
    return 0


def kind(value):
    return pfkey.ext(27, bytes([value, 0, 0, 0]))


def wrong(spi, src, dst):
    """Each must get its errno."""
    v6 = struct.pack("=HHI", 10, 0, 0) + bytes(15) + b"\1" + bytes(4)
    cases = [
        ("another type", update(spi, src, dst, "4500", "4500", "-", kind(1)), "EINVAL"),
        ("no type any more", update(spi, src, dst, "4500", "4500", "-", kind(0)), "EINVAL"),
        ("a type that is none", update(spi, src, dst, "4500", "4500", "-", kind(9)), "EINVAL"),
        ("port 0", update(spi, src, dst, "0"), "EINVAL"),
        ("an address without ports", update(spi, src, dst, "-", "-", src), "EINVAL"),
        ("an IPv6 address", update(spi, src, dst, "4500", "4500", "-",
                                   pfkey.ext(pfkey.DST2, bytes(4) + v6)), "EINVAL"),
        ("an SA that there is not", update("0x7777", src, dst, "4500", "4500"), "ENOENT"),
        ("an ADD without ports", pfkey.message(
            pfkey.ADD, pfkey.ESP, pfkey.sa(0x7778, 12, 3), pfkey.addr(pfkey.SRC, src),
            pfkey.addr(pfkey.DST, dst), *pfkey.KEYS, kind(2)), "EINVAL"),
        ("an ADD of ports alone", pfkey.message(
            pfkey.ADD, pfkey.ESP, pfkey.sa(0x7778, 12, 3), pfkey.addr(pfkey.SRC, src),
            pfkey.addr(pfkey.DST, dst), *pfkey.KEYS, natt_port(SPORT, 1), natt_port(DPORT, 1)),
         "EINVAL"),
        ("a tunnel header in UDP", pfkey.message(
            pfkey.ADD, pfkey.IPIP, pfkey.sa(0x7779), pfkey.addr(pfkey.SRC, src),
            pfkey.addr(pfkey.DST, dst), kind(2), natt_port(SPORT, 1), natt_port(DPORT, 1)),
         "EINVAL"),
    ]
    kernel, bad = pfkey.Kernel(), 0
    for what, octets, expected in cases:
        got = kernel.ask(octets)
        if got != getattr(errno, expected):
            say(f"{what}: expected {expected}, got {errno.errorcode.get(got, got)}")
            bad += 1
    return bad


def hostile(spi, dst, sport):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("0.0.0.0", int(sport)))
    name = struct.pack(">I", int(spi, 0))
    to = (dst, 4500)
    for length in range(80):
        sock.sendto(b"\xff" * length, to)
        sock.sendto(bytes(length), to)
        sock.sendto((name + struct.pack(">I", 1 << 20) + bytes(range(72)))[:length], to)
    for length in (1000, 1400, 9000, 65000):
        sock.sendto(name + b"\xff" * length, to)


def flood(dst, sport, count):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("0.0.0.0", int(sport)))
    sock.connect((dst, 4500))
    for _ in range(int(count)):
        sock.send(b"\xff")


def datagrams(octets):
    """What went to UDP port 4500, from a file of tcpdump's."""
    order = "<" if octets[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    at = 24
    while at + 16 <= len(octets):
        length = struct.unpack_from(order + "I", octets, at + 8)[0]
        frame = octets[at + 16:at + 16 + length]
        at += 16 + length
        if len(frame) < 42 or frame[12:14] != b"\x08\x00" or frame[23] != 17:
            continue
        udp = 14 + (frame[14] & 15) * 4
        if frame[udp + 2:udp + 4] == struct.pack(">H", 4500):
            yield frame[udp + 8:udp + struct.unpack_from(">H", frame, udp + 4)[0]]


def replay(path, sport, dst):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("0.0.0.0", int(sport)))
    count = 0
    with open(path, "rb") as file:
        for octets in datagrams(file.read()):
            sock.sendto(octets, (dst, 4500))
            count += 1
    say(count)


def main():
    verbs = {f.__name__: f for f in (hold, listen, move, get, wrong, hostile, flood, replay)}
    verb = verbs.get(sys.argv[1] if len(sys.argv) > 1 else "")
    if not verb:
        print(__doc__, file=sys.stderr)
        return 1
    return verb(*sys.argv[2:]) or 0


if __name__ == "__main__":
    sys.exit(main())
