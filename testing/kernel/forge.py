#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""IPsec packets that are authentic, and wrong in another way; or just not authentic.

forge.py esp SRC DST ENCKEY AUTHKEY
    reads lines "SPI SEQ CASE" and sends for each the packet of CASE, of ESP with AES-CBC
    and HMAC-SHA1; answers each with the line
forge.py ah SRC DST AUTHKEY
    the same with AH and HMAC-SHA1, on IPv4 or IPv6
forge.py comp SRC DST ENCKEY AUTHKEY CPI
    the same with IPComp inside authentic ESP
forge.py bare SRC DST CPI
    the same with IPComp alone
forge.py list KIND
    the cases of esp, ah, ah6, comp or bare, each with the reasons a receiver may count it
    for; none if it must be taken

Runs on one of the hosts of a test, as root: see forge.sh.
"""

import hashlib
import hmac
import os
import socket
import struct
import sys
import zlib

from hostile import ESP_CASES, GOOD, ICMP, IP, Sa, checksum, flip, ipv4, ping

AH, COMP, ESP = 51, 108, 50

# AH, RFC 4302.  A packet is the IP header as it is sent, the one that is hashed, and the rest.


class Header:
    """IPv4 or IPv6, with options or extension headers: as sent, and as AH sees it."""

    def __init__(self, src, dst, ttl=64, tos=0, sent=b"", hashed=b""):
        self.src, self.dst, self.ttl, self.tos = src, dst, ttl, tos
        self.sent, self.hashed = sent, hashed
        self.v6 = ":" in src

    def build(self, length, ttl, tos, more):
        if not self.v6:
            head = struct.pack("!BBHHHBBH4s4s", 0x45 + len(more) // 4, tos, 20 + len(more) + length,
                               0x1234, 0, ttl, AH, 0, socket.inet_aton(self.src),
                               socket.inet_aton(self.dst))
            return head + more
        # A hop-by-hop header, if any: its first octet says that AH follows.
        return struct.pack("!IHBB16s16s", 0x60000000 | tos << 20, length + len(more),
                           0 if more else AH, ttl, socket.inet_pton(socket.AF_INET6, self.src),
                           socket.inet_pton(socket.AF_INET6, self.dst)) + more


def ah(key, spi, seq, ip, payload=None, next_header=IP, words=None, reserved=0, padding=b""):
    """An authentic packet, whatever else is wrong with it."""
    payload = GOOD if payload is None else payload
    head = struct.pack("!BBHII", next_header, (24 + len(padding)) // 4 - 2 if words is None else words,
                       reserved, spi, seq)
    length = len(head) + 12 + len(padding) + len(payload)
    hashed = ip.build(length, 0, 0, ip.hashed) + head + bytes(12) + padding + payload
    icv = hmac.new(key, hashed, hashlib.sha1).digest()[:12]
    sent = ip.build(length, ip.ttl, ip.tos, ip.sent)
    if not ip.v6:
        sent = sent[:10] + struct.pack("!H", checksum(sent)) + sent[12:]
    return sent, head + icv + padding + payload


def ah_case(change=lambda ip, rest: (ip, rest), header=None, number=None, **options):
    def make(src, dst, key, spi, seq):
        ip, rest = change(*ah(key, spi, seq if number is None else number,
                              Header(src, dst, **(header or {})), **options))
        if ":" not in src:                  # what was cut off or added is no lie of the IP header
            size = len(ip) + len(rest)
            ip = ip[:2] + struct.pack("!H", size) + ip[4:10] + b"\0\0" + ip[12:]
            ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
        else:
            ip = ip[:4] + struct.pack("!H", len(ip) - 40 + len(rest)) + ip[6:]
        return ip + rest
    return make


def rest(change):
    return lambda ip, rest: (ip, change(rest))


AH_CASES = {
    "good": (ah_case(), ""),
    "flipped-icv": (ah_case(rest(lambda r: flip(r, 23))), "auth"),
    "flipped-icv-first": (ah_case(rest(lambda r: flip(r, 12))), "auth"),
    "flipped-payload": (ah_case(rest(lambda r: flip(r, -1))), "auth"),
    "flipped-next-header": (ah_case(rest(lambda r: flip(r, 0))), "auth"),
    "flipped-reserved": (ah_case(rest(lambda r: flip(r, 2))), "auth"),
    "flipped-sequence": (ah_case(rest(lambda r: flip(r, 10))), "auth"),
    "an-octet-less": (ah_case(rest(lambda r: r[:-1])), "auth"),
    "an-octet-more": (ah_case(rest(lambda r: r + b"\0")), "auth"),
    "no-payload": (ah_case(rest(lambda r: r[:24])), "auth"),
    "noise": (ah_case(rest(lambda r: r[:12] + os.urandom(1200))), "auth"),
    "spi-only": (ah_case(rest(lambda r: r[:8])), "malformed"),
    "no-icv": (ah_case(rest(lambda r: r[:12])), "malformed"),
    "icv-cut-short": (ah_case(rest(lambda r: r[:23])), "malformed"),
    "length-0": (ah_case(words=0), "malformed"),
    "length-short": (ah_case(words=3), "malformed"),
    "length-long": (ah_case(words=5), "malformed"),
    "length-255": (ah_case(words=255), "malformed"),
    "padding-in-excess": (ah_case(padding=bytes(8)), "malformed"),
    "sequence-0": (ah_case(number=0), "replay"),
    "empty": (ah_case(payload=b""), "malformed"),
    "not-a-tunnel": (ah_case(payload=ping(), next_header=ICMP), "bundle"),
    "ah-in-ah": (ah_case(payload=bytes(40), next_header=AH), "bundle"),
    "wrong-inner-source": (
        ah_case(payload=ipv4("203.0.113.9", "192.0.2.1", ICMP, ping())), "policy"),
    "inner-length-lies": (
        ah_case(payload=ipv4("192.0.3.1", "192.0.2.1", ICMP, ping(), length=900)), "malformed"),
    # What routers do to a packet is none of AH's business, and a receiver ignores this field.
    "good-other-ttl": (ah_case(header={"ttl": 3, "tos": 0xB8}), ""),
    "good-reserved-set": (ah_case(reserved=0x1234), ""),
}
ROUTE, ALERT, STAMP = b"\7\7\4\0\0\0\0\1", b"\x94\4\0\0", b"\x44\x08\5\0\0\0\0\0"
AH4_CASES = AH_CASES | {
    "flipped-id": (ah_case(lambda ip, r: (flip(ip, 5), r)), "auth"),
    "flipped-alert": (ah_case(lambda ip, r: (ip[:22] + b"\0\1", r),
                              header={"sent": ALERT, "hashed": ALERT}), "auth"),
    "unexpected-option": (ah_case(lambda ip, r: (b"\x46" + ip[1:] + b"\1\1\1\0", r)), "auth"),
    "good-options": (ah_case(header={"sent": ALERT + ROUTE + STAMP,
                                     "hashed": ALERT + bytes(7) + b"\1" + bytes(8)}), ""),
}
HOPS = bytes([AH, 0, 0x3E, 4])
AH6_CASES = AH_CASES | {
    "flipped-option": (ah_case(lambda ip, r: (flip(ip, 47), r),
                               header={"sent": b"\x33\0\x1e\4abcd", "hashed": b"\x33\0\x1e\4abcd"}),
                       "auth"),
    "good-options": (ah_case(header={"sent": HOPS + b"abcd", "hashed": HOPS + bytes(4)}), ""),
}


# IPComp, RFC 3173.


def deflate(data):
    z = zlib.compressobj(9, zlib.DEFLATED, -11)
    return z.compress(data) + z.flush()


def comp(cpi, data, next_header=IP):
    return struct.pack("!BBH", next_header, 0, cpi) + data


LONG = ipv4("192.0.3.1", "192.0.2.1", ICMP, ping(b"forged" * 200))
COMP_CASES = {
    "good": (lambda cpi: comp(cpi, deflate(LONG)), ""),
    "good-flags": (lambda cpi: comp(cpi, deflate(LONG))[:1] + b"\xff" + comp(cpi, deflate(LONG))[2:], ""),
    "good-stored": (lambda cpi: comp(cpi, b"\1" + struct.pack("<HH", len(GOOD), len(GOOD) ^ 0xFFFF) + GOOD),
                    ""),
    "no-stream": (lambda cpi: comp(cpi, b""), "expand"),
    "garbage": (lambda cpi: comp(cpi, b"\xff" * 100), "expand"),
    "noise": (lambda cpi: comp(cpi, b"\6" + os.urandom(900)), "expand"),
    "stream-cut-short": (lambda cpi: comp(cpi, deflate(LONG)[:-3]), "expand"),
    "stream-of-one-octet": (lambda cpi: comp(cpi, deflate(LONG)[:1]), "expand"),
    "more-behind": (lambda cpi: comp(cpi, deflate(LONG) + b"\0"), "expand"),
    "zlib-header": (lambda cpi: comp(cpi, zlib.compress(LONG)), "expand"),
    "back-too-far": (lambda cpi: comp(cpi, b"\x4b\x04\xff\xff\xff\x00"), "expand"),
    "stored-length-lies": (lambda cpi: comp(cpi, b"\1\xff\xff\0\0" + GOOD), "expand"),
    "bomb": (lambda cpi: comp(cpi, deflate(bytes(1200000))), "expand"),
    "bomb-just-too-long": (lambda cpi: comp(cpi, deflate(LONG + bytes(65536 - len(LONG)))), "expand"),
    "bomb-of-nothing": (lambda cpi: comp(cpi, (b"\0" + b"\0\0\xff\xff") * 200), "expand"),
    "twice": (lambda cpi: comp(cpi, deflate(comp(cpi, deflate(LONG))), COMP), "expand"),
    "not-a-tunnel": (lambda cpi: comp(cpi, deflate(ping(b"x" * 500)), ICMP), "bundle"),
    "inner-length-lies": (
        lambda cpi: comp(cpi, deflate(ipv4("192.0.3.1", "192.0.2.1", ICMP, ping(), length=900))),
        "malformed"),
    "inner-empty": (lambda cpi: comp(cpi, deflate(b"")), "malformed"),
    "wrong-inner-source": (
        lambda cpi: comp(cpi, deflate(ipv4("203.0.113.9", "192.0.2.1", ICMP, ping(b"x" * 500)))),
        "policy"),
}
# Where the CPI is not looked at first.
COMP_IN_ESP = COMP_CASES | {
    "wrong-cpi": (lambda cpi: comp(cpi ^ 1, deflate(LONG)), "bundle"),
    "header-cut-short": (lambda cpi: comp(cpi, b"")[:3], "bundle"),
    "header-missing": (lambda cpi: b"", "bundle"),
}


def send(dst, packet):
    family = socket.AF_INET6 if ":" in dst else socket.AF_INET
    with socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW) as s:
        s.sendto(packet, (dst, 0))


def orders():
    """What is asked for; each line is answered when its packets have been sent."""
    for line in sys.stdin:
        spi, seq, case = line.split()
        yield int(spi, 0), int(seq), case
        print(line, end="", flush=True)


def secret(text):
    return bytes.fromhex(text[2:])


def send_esp(src, dst, enckey, authkey):
    for spi, seq, case in orders():
        sa = Sa(spi, secret(enckey), secret(authkey))
        twice = case == "replayed"
        packet = ESP_CASES["good" if twice else case][0](sa, seq)
        for _ in range(2 if twice else 1):
            send(dst, ipv4(src, dst, ESP, packet))


def send_ah(src, dst, authkey):
    cases = AH6_CASES if ":" in src else AH4_CASES
    for spi, seq, case in orders():
        twice = case == "replayed"
        packet = cases["good" if twice else case][0](src, dst, secret(authkey), spi, seq)
        for _ in range(2 if twice else 1):
            send(dst, packet)


def send_comp(src, dst, enckey, authkey, cpi):
    for spi, seq, case in orders():
        packet = COMP_IN_ESP[case][0](int(cpi, 0))
        sa = Sa(spi, secret(enckey), secret(authkey))
        send(dst, ipv4(src, dst, ESP, sa.seal(seq, packet, next_header=COMP)))


def send_bare(src, dst, cpi):
    for _, _, case in orders():
        send(dst, ipv4(src, dst, COMP, COMP_CASES[case][0](int(cpi, 0))))


LISTS = {"esp": ESP_CASES, "ah": AH4_CASES, "ah6": AH6_CASES, "comp": COMP_IN_ESP, "bare": COMP_CASES}
KINDS = {"esp": (send_esp, 4), "ah": (send_ah, 3), "comp": (send_comp, 5), "bare": (send_bare, 3)}


def main(kind="", *arguments):
    if kind == "list" and len(arguments) == 1:
        for name, (_, reasons) in LISTS[arguments[0]].items():
            print(name, reasons)
    elif kind in KINDS and len(arguments) == KINDS[kind][1]:
        KINDS[kind][0](*arguments)
    else:
        sys.exit(__doc__)


main(*sys.argv[1:])
