#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets that nobody sends by mistake.

hostile.py esp SRC DST ENCKEY AUTHKEY [esn]
    reads lines "SPI SEQ CASE" and sends for each an ESP packet (AES-CBC, HMAC-SHA1-96) that
    is wrong in the way of CASE; answers each with the line
hostile.py ike SRC DST PCAP COUNT SEED
    COUNT Main and Quick Mode messages from PCAP, each damaged, as if from SRC port 500
hostile.py too-big ROUTER SRC DST SPI MTU
    an ICMP error to SRC, as if ROUTER had found SRC's ESP packet to DST longer than MTU
hostile.py list
    the cases of esp, each with the reasons a receiver may count it for

Runs on one of the hosts of a test, as root.  It has to forge addresses and keep its own
idea of lengths, so it builds everything from the IP header on by itself; the
encryption is left to libcrypto, which shares nothing with the module under test.
"""

import ctypes
import hashlib
import hmac
import os
import random
import socket
import struct
import sys
import time

IP, UDP, TCP, ICMP = 4, 17, 6, 1


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ipv4(src, dst, proto, payload, length=None, ihl=5):
    length = 20 + len(payload) if length is None else length
    head = struct.pack("!BBHHHBBH4s4s", 0x40 | ihl, 0, length, 0x1234, 0, 64, proto, 0,
                       socket.inet_aton(src), socket.inet_aton(dst))
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def ping(data=b"forged"):
    head = struct.pack("!BBHHH", 8, 0, 0, 7, 1)
    return head[:2] + struct.pack("!H", checksum(head + data)) + head[4:] + data


crypto = ctypes.CDLL("libcrypto.so.3")
for name in ("EVP_CIPHER_CTX_new", "EVP_aes_128_cbc", "EVP_aes_256_cbc"):
    getattr(crypto, name).restype = ctypes.c_void_p


def encrypt(key, iv, text):
    """AES-CBC without padding of its own."""
    cipher = {16: crypto.EVP_aes_128_cbc, 32: crypto.EVP_aes_256_cbc}[len(key)]
    context = ctypes.c_void_p(crypto.EVP_CIPHER_CTX_new())
    out, n = ctypes.create_string_buffer(len(text) + 16), ctypes.c_int(0)
    ok = crypto.EVP_EncryptInit_ex(context, ctypes.c_void_p(cipher()), None, key, iv)
    crypto.EVP_CIPHER_CTX_set_padding(context, 0)
    ok = ok and crypto.EVP_EncryptUpdate(context, out, ctypes.byref(n), text, len(text))
    crypto.EVP_CIPHER_CTX_free(context)
    if not ok or n.value != len(text):
        sys.exit("hostile.py: libcrypto refuses to encrypt")
    return out.raw[:n.value]


class Sa:
    def __init__(self, spi, enckey, authkey, esn=False):
        self.spi, self.enckey, self.authkey, self.esn = spi, enckey, authkey, esn

    def seal(self, seq, inner, next_header=IP, padding=None):
        """An ESP packet, RFC 4303 section 2, authentic whatever is inside."""
        n = -(len(inner) + 2) % 16
        pad = bytes(range(1, n + 1)) if padding is None else padding(n)
        plain = inner + pad + bytes([min(n, 255) if padding is None else len(pad), next_header])
        return self.authentic(seq, os.urandom(16), plain)

    def authentic(self, seq, iv, plain):
        head = struct.pack("!II", self.spi, seq & 0xFFFFFFFF)
        body = head + iv + (encrypt(self.enckey, iv, plain) if plain else b"")
        # Extended numbers: the upper half is hashed last, and not sent (section 2.2.1).
        high = struct.pack("!I", seq >> 32) if self.esn else b""
        return body + hmac.new(self.authkey, body + high, hashlib.sha1).digest()[:12]


def flip(packet, at):
    packet = bytearray(packet)
    packet[at] ^= 0x10
    return bytes(packet)


GOOD = ipv4("192.0.3.1", "192.0.2.1", ICMP, ping())


def long_pad(sa, seq):
    """The pad length says more than there is."""
    plain = GOOD + bytes(-(len(GOOD) + 2) % 16) + bytes([255, IP])
    return sa.authentic(seq, os.urandom(16), plain)


# name: (how to make it, the reasons it may be dropped for)
ESP_CASES = {
    "good": (lambda sa, seq: sa.seal(seq, GOOD), ""),
    "header-only": (lambda sa, seq: struct.pack("!II", sa.spi, seq), "malformed"),
    "no-ciphertext": (lambda sa, seq: sa.seal(seq, GOOD)[:24], "malformed"),
    "icv-cut-short": (lambda sa, seq: sa.seal(seq, GOOD)[:-5], "malformed|auth"),
    "one-octet-less": (lambda sa, seq: sa.seal(seq, GOOD)[:-1], "malformed|auth"),
    "a-block-less": (lambda sa, seq: sa.seal(seq, GOOD)[:-16], "auth"),
    "a-block-more": (lambda sa, seq: sa.seal(seq, GOOD) + os.urandom(16), "auth"),
    "flipped-icv": (lambda sa, seq: flip(sa.seal(seq, GOOD), -1), "auth"),
    "flipped-text": (lambda sa, seq: flip(sa.seal(seq, GOOD), 30), "auth"),
    "flipped-iv": (lambda sa, seq: flip(sa.seal(seq, GOOD), 9), "auth"),
    "flipped-sequence": (lambda sa, seq: flip(sa.seal(seq, GOOD), 6), "auth"),
    "noise": (lambda sa, seq: struct.pack("!II", sa.spi, seq) + os.urandom(1200), "malformed|auth"),
    "oversize": (lambda sa, seq: struct.pack("!II", sa.spi, seq) + os.urandom(1412), "malformed|auth"),
    "sequence-0": (lambda sa, seq: sa.seal(0, GOOD), "replay"),
    "padding-not-123": (lambda sa, seq: sa.seal(seq, GOOD, padding=lambda n: bytes(n)), "padding"),
    "padding-too-long": (long_pad, "padding|malformed"),
    "wrong-inner-source": (
        lambda sa, seq: sa.seal(seq, ipv4("203.0.113.9", "192.0.2.1", ICMP, ping())), "policy"),
    "wrong-inner-destination": (
        lambda sa, seq: sa.seal(seq, ipv4("192.0.3.1", "203.0.113.9", ICMP, ping())), "policy"),
    "inner-swapped": (
        lambda sa, seq: sa.seal(seq, ipv4("192.0.2.1", "192.0.3.1", ICMP, ping())), "policy"),
    "dummy": (lambda sa, seq: sa.seal(seq, os.urandom(30), next_header=59), "dummy"),
    "not-a-tunnel": (lambda sa, seq: sa.seal(seq, ping(), next_header=ICMP), "bundle|policy"),
    "inner-too-short": (lambda sa, seq: sa.seal(seq, GOOD[:14]), "malformed"),
    "inner-length-lies": (
        lambda sa, seq: sa.seal(seq, ipv4("192.0.3.1", "192.0.2.1", ICMP, ping(), length=900)),
        "malformed"),
    "inner-header-length-lies": (
        lambda sa, seq: sa.seal(seq, ipv4("192.0.3.1", "192.0.2.1", ICMP, ping(), ihl=15)),
        "malformed"),
    "inner-not-ip": (lambda sa, seq: sa.seal(seq, b"\xf0" + GOOD[1:]), "malformed"),
    "inner-empty": (lambda sa, seq: sa.seal(seq, b""), "malformed"),
}


def send_raw(src, dst, proto, payload):
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as s:
        s.sendto(ipv4(src, dst, proto, payload), (dst, 0))


def esp(src, dst, enckey, authkey, esn=False):
    for line in sys.stdin:
        spi, seq, case = line.split()
        sa = Sa(int(spi, 0), bytes.fromhex(enckey[2:]), bytes.fromhex(authkey[2:]), bool(esn))
        if case == "replayed":
            packets = [sa.seal(int(seq), GOOD)] * 2
        else:
            packets = [ESP_CASES[case][0](sa, int(seq))]
        for packet in packets:
            send_raw(src, dst, 50, packet)
        print(line, end="", flush=True)


def too_big(router, src, dst, spi, mtu):
    quoted = ipv4(src, dst, 50, struct.pack("!II", int(spi, 0), 1), length=1500)
    error = struct.pack("!BBHHH", 3, 4, 0, 0, int(mtu)) + quoted
    error = error[:2] + struct.pack("!H", checksum(error)) + error[4:]
    send_raw(router, src, ICMP, error)


def ike_messages(pcap):
    """The UDP payloads of port 500 in a capture of Ethernet frames."""
    with open(pcap, "rb") as f:
        data = f.read()
    at, found = 24, []
    while at + 16 <= len(data):
        size = struct.unpack_from("<I", data, at + 8)[0]
        frame = data[at + 16:at + 16 + size]
        at += 16 + size
        if len(frame) > 42 and frame[12:14] == b"\x08\x00" and frame[23] == UDP:
            udp = 14 + (frame[14] & 15) * 4
            if 500 in struct.unpack_from("!HH", frame, udp):
                found.append(frame[udp + 8:udp + struct.unpack_from("!H", frame, udp + 4)[0]])
    return found


def damage(rng, message):
    kind = rng.randrange(8)
    m = bytearray(message)
    if kind == 0:                       # truncated
        return bytes(m[:rng.randrange(len(m))])
    if kind == 1:                       # longer than it says
        return bytes(m) + rng.randbytes(rng.randrange(1, 800))
    if kind == 2:                       # the header's length lies
        struct.pack_into("!I", m, 24, rng.choice([0, 1, 27, 28, 0x7FFFFFFF, 0xFFFFFFFF, len(m) + 1]))
    elif kind == 3:                     # a payload's length lies
        struct.pack_into("!H", m, min(30, len(m) - 2), rng.choice([0, 1, 3, 4, 5, 0x7FFF, 0xFFFF]))
    elif kind == 4:                     # another exchange, version or next payload
        m[rng.choice([16, 17, 18, 19])] = rng.randrange(256)
    elif kind == 5:                     # a new cookie, so a new exchange
        m[0:8] = rng.randbytes(8)
        m[28 + rng.randrange(max(1, len(m) - 28)) if len(m) > 28 else 0] ^= 0xFF
    elif kind == 6:                     # noise behind a good header
        return bytes(m[:28]) + rng.randbytes(max(0, len(m) - 28))
    for _ in range(rng.randrange(1, 6)):
        m[rng.randrange(len(m))] ^= 1 << rng.randrange(8)
    return bytes(m)


def ike(src, dst, pcap, count, seed):
    rng = random.Random(int(seed))
    messages = ike_messages(pcap)
    if not messages:
        sys.exit(f"hostile.py: no IKE messages in {pcap}")
    for i in range(int(count)):
        m = damage(rng, rng.choice(messages))
        send_raw(src, dst, UDP, struct.pack("!HHHH", 500, 500, 8 + len(m), 0) + m)
        if i % 20 == 19:
            time.sleep(0.05)            # not to fill a queue: each is to be read
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        for size in (0, 1, 27, 28, 9000, 60000, 65507):
            s.sendto(messages[0][:28].ljust(size, b"\xff")[:size], (dst, 500))
    print(f"{count} damaged messages of {len(messages)} kinds")


def main(argv):
    if argv[:1] == ["list"] and len(argv) == 1:
        for name, (_, reasons) in ESP_CASES.items():
            print(name, reasons)
    elif argv[:1] == ["esp"] and len(argv) in (5, 6):
        esp(*argv[1:])
    elif argv[:1] == ["ike"] and len(argv) == 6:
        ike(*argv[1:])
    elif argv[:1] == ["too-big"] and len(argv) == 6:
        too_big(*argv[1:])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
