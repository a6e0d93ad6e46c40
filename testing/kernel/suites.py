#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Many ESP tunnels at once, each with a suite of its own: west's end with our module,
east's with the native stack.

suites.py list [WORD...]            names of the suites, or of those whose names hold a WORD
suites.py west [OPTION...] NAME...  make our end; prints nothing
suites.py east [OPTION...] NAME...  the commands for ip -batch that make the native end
suites.py answer                    send every datagram for 10.2.0.0/16 back
suites.py ask SIZES NAME...         datagrams of these sizes through each tunnel and back;
                                    prints the names of those that lost or changed one
suites.py end SPI COUNT             wait for EXPIRE messages about this SA; prints hard or soft

OPTION is esn (extended sequence numbers), window=N, start=N (the last number that has been
used already), base=N (the number of the first tunnel), or wait=SECONDS for the echoes.

Tunnel I is between 10.1.I.0/24, behind west, and 10.2.I.0/24, behind east, so one process
makes them all and one asks through all of them.  Keys follow from the name: both ends have
the same, and no two tunnels or directions.
"""

import hashlib
import os
import select
import socket
import struct
import sys
import time

import pfkey

WEST, EAST = "198.51.100.1", "198.51.100.2"
PORT = 5007
REPLAY = 33

GCM, CCM, GMAC = "aead rfc4106(gcm(aes))", "aead rfc4309(ccm(aes))", "aead rfc4543(gcm(aes))"
CHACHA = "aead rfc7539esp(chacha20,poly1305)"
CBC, CTR, DES3 = "enc cbc(aes)", "enc rfc3686(ctr(aes))", "enc cbc(des3_ede)"
PLAIN = "enc ecb(cipher_null)"

# name: (SADB number, octets of key with salt, octets of ICV; what the native stack says)
CIPHERS = {
    "aes_gcm128": (20, 20, 16, GCM), "aes_gcm192": (20, 28, 16, GCM), "aes_gcm256": (20, 36, 16, GCM),
    "aes_gcm_12": (19, 20, 12, GCM), "aes_gcm_8": (18, 36, 8, GCM),
    "aes_ccm128": (16, 19, 16, CCM), "aes_ccm192": (16, 27, 16, CCM), "aes_ccm256": (16, 35, 16, CCM),
    "aes_ccm_12": (15, 19, 12, CCM), "aes_ccm_8": (14, 35, 8, CCM),
    "aes_gmac128": (23, 20, 16, GMAC), "aes_gmac256": (23, 36, 16, GMAC),
    "chacha20poly1305": (28, 36, 16, CHACHA),
    "aes128": (12, 16, 0, CBC), "aes192": (12, 24, 0, CBC), "aes256": (12, 32, 0, CBC),
    "aes_ctr128": (13, 20, 0, CTR), "aes_ctr192": (13, 28, 0, CTR), "aes_ctr256": (13, 36, 0, CTR),
    "3des": (3, 24, 0, DES3), "null": (11, 0, 0, PLAIN),
}
HASHES = {
    "md5": (2, 16, 12, "hmac(md5)"), "sha1": (3, 20, 12, "hmac(sha1)"),
    "sha2_256": (5, 32, 16, "hmac(sha256)"), "sha2_384": (6, 48, 24, "hmac(sha384)"),
    "sha2_512": (7, 64, 32, "hmac(sha512)"), "sha2_256-96": (252, 32, 12, "hmac(sha256)"),
    "aes_xcbc": (9, 16, 12, "xcbc(aes)"), "aes_cmac": (253, 16, 12, "cmac(aes)"),
}
# Each cipher with a hash, and each hash with a cipher.
PAIRS = ("aes128-sha1 aes128-sha2_256 aes192-sha2_256 aes256-sha2_256 aes256-sha2_384 "
         "aes256-sha2_512 aes128-sha2_256-96 aes128-md5 aes128-aes_xcbc aes128-aes_cmac "
         "aes_ctr128-sha1 aes_ctr192-sha2_256 aes_ctr256-sha2_512 3des-md5 3des-sha1 null-sha1 "
         "null-sha2_256").split()
SUITES = [name for name, cipher in CIPHERS.items() if cipher[2]] + PAIRS


class Tunnel:
    def __init__(self, name, number, options):
        self.number, self.options = number, options
        cipher, _, auth = name.partition("-")
        self.cipher = CIPHERS[cipher]
        self.hash = HASHES[auth] if auth else (0, 0, self.cipher[2], "")
        self.spis = {WEST: 0x3000 + number, EAST: 0x2000 + number}      # by destination
        self.name = name

    def keys(self, dst):
        octets = hashlib.shake_256(f"{self.name} {self.number} {dst}".encode()).digest(256)
        return octets[:self.cipher[1]], octets[128:128 + self.hash[1]]

    def replay(self):
        window = int(self.options.get("window", 64))
        return pfkey.ext(REPLAY, struct.pack("=IIIQ", window, "esn" in self.options, 0,
                                             int(self.options.get("start", 0))))

    def messages(self):
        """What makes west's end."""
        nets = f"10.1.{self.number}.0", f"10.2.{self.number}.0"
        for src, dst, flow, flags in (WEST, EAST, nets, 0), (EAST, WEST, nets[::-1], 8):
            spi = self.spis[dst]
            ends = pfkey.addr(pfkey.SRC, src), pfkey.addr(pfkey.DST, dst)
            enc, auth = self.keys(dst)
            keys = [pfkey.key(pfkey.AUTH, auth)] * bool(auth) + [pfkey.key(pfkey.ENC, enc)] * bool(enc)
            yield pfkey.message(pfkey.ADD, pfkey.ESP, pfkey.sa(spi, self.cipher[0], self.hash[0]), *ends,
                                *keys, self.replay())
            yield pfkey.message(pfkey.ADD, pfkey.IPIP, pfkey.sa(spi), *ends)
            yield pfkey.message(pfkey.GRPSA, pfkey.IPIP, pfkey.sa(spi), ends[1],
                                pfkey.ext(pfkey.SATYPE2, bytes([pfkey.ESP, 0, 0, 0])),
                                pfkey.sa(spi, number=pfkey.SA2), pfkey.addr(pfkey.DST2, dst))
            yield pfkey.message(pfkey.ADDFLOW, pfkey.IPIP, pfkey.sa(spi, flags=flags), ends[1],
                                pfkey.addr(pfkey.FLOW_SRC, flow[0]), pfkey.addr(pfkey.FLOW_DST, flow[1]),
                                pfkey.addr(pfkey.MASK_SRC, "255.255.255.0"),
                                pfkey.addr(pfkey.MASK_DST, "255.255.255.0"))

    def commands(self):
        """What makes east's end."""
        nets = f"10.2.{self.number}.0/24", f"10.1.{self.number}.0/24"
        start = int(self.options.get("start", 0))
        esn = "flag esn" if "esn" in self.options else ""
        window = self.options.get("window", 64)
        for src, dst in (WEST, EAST), (EAST, WEST):
            enc, auth = self.keys(dst)
            if auth:
                how = f"auth-trunc {self.hash[3]} 0x{auth.hex()} {self.hash[2] * 8} {self.cipher[3]} "
                how += f"0x{enc.hex()}" if enc else '""'
            else:
                how = f"{self.cipher[3]} 0x{enc.hex()} {self.hash[2] * 8}"
            way = "seq" if dst == EAST else "oseq"
            numbers = f"replay-{way} {start & 0xffffffff}"
            if esn:
                numbers += f" replay-{way}-hi {start >> 32}"
            yield (f"xfrm state add src {src} dst {dst} proto esp spi {self.spis[dst]} mode tunnel "
                   f"replay-window {window} {esn} {numbers if start else ''} {how}")
        for (src, dst), way, (here, there) in ((nets, "out", (EAST, WEST)),
                                               (nets[::-1], "fwd", (WEST, EAST))):
            spi = f"spi {self.spis[there]}" if way == "out" else ""
            yield (f"xfrm policy add src {src} dst {dst} dir {way} tmpl src {here} dst {there} "
                   f"proto esp {spi} mode tunnel")


def tunnels(words):
    options = dict(w.partition("=")[::2] for w in words if w == "esn" or "=" in w)
    names = [w for w in words if w != "esn" and "=" not in w]
    base = int(options.get("base", 1))
    return [Tunnel(name, base + i, options) for i, name in enumerate(names)]


def west(words):
    kernel = pfkey.Kernel()
    bad = 0
    for tunnel in tunnels(words):
        for octets in tunnel.messages():
            err = kernel.ask(octets)
            if err:
                print(f"{tunnel.name}: message {octets[1]}: {os.strerror(err)}")
                bad += 1
    return bad > 0


def answer():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.IPPROTO_IP, 8, 1)       # IP_PKTINFO
    s.setsockopt(socket.SOL_SOCKET, 33, 1 << 22)        # SO_RCVBUFFORCE
    s.bind(("0.0.0.0", PORT))
    while True:
        data, info, _, peer = s.recvmsg(65536, 256)
        # Back from the address that was asked.
        spec = bytes(4) + info[0][2][8:12] + bytes(4)
        s.sendmsg([data], [(socket.IPPROTO_IP, 8, spec)], 0, peer)


def ask(sizes, words):
    """Datagrams of all sizes through all tunnels; a name is printed if not all came back."""
    sizes = [int(s) for s in sizes.split(",")]
    waiting, poll, wait = {}, select.poll(), 15
    for tunnel in tunnels(words):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind((f"10.1.{tunnel.number}.1", 0))
        s.connect((f"10.2.{tunnel.number}.1", PORT))
        s.setblocking(False)
        poll.register(s, select.POLLIN)
        waiting[s.fileno()] = s, tunnel, {}
        wait = int(tunnel.options.get("wait", 15))
    for i, size in enumerate(sizes):
        for s, _, sent in waiting.values():
            data = struct.pack("=I", i) + os.urandom(size)
            sent[i] = data
            s.send(data)
    end = time.monotonic() + wait
    left = len(sizes) * len(waiting)
    while left and time.monotonic() < end:
        ready = poll.poll(3000)
        if not ready:       # a queue was full somewhere; what the stacks drop, they count
            for s, _, sent in waiting.values():
                for data in sent.values():
                    s.send(data)
        for fd, _ in ready:
            s, _, sent = waiting[fd]
            try:
                data = s.recv(65536)
            except OSError:
                continue
            i = struct.unpack_from("=I", data)[0]
            if sent.get(i) == data:
                del sent[i]
                left -= 1
    for _, tunnel, sent in waiting.values():
        if sent:
            print(f"{tunnel.name}: {len(sent)} of {len(sizes)} did not come back:",
                  *(sizes[i] for i in sent))
    return left > 0


def expiries(spi, count):
    """What becomes of the SA: one word for each EXPIRE about it."""
    s = socket.socket(15, socket.SOCK_RAW, 2)
    s.settimeout(20)
    while count:
        octets = s.recv(65536)
        if octets[1] != pfkey.EXPIRE:
            continue
        at, found = 16, {}
        while at < len(octets):
            words, number = struct.unpack_from("=HH", octets, at)
            found[number] = octets[at:at + words * 8]
            at += words * 8
        if struct.unpack_from(">I", found[pfkey.SA], 4)[0] == spi:
            print("hard" if pfkey.HARD in found else "soft", flush=True)
            count -= 1
    return 0


def main():
    what, words = (sys.argv[1], sys.argv[2:]) if len(sys.argv) > 1 else ("", [])
    if what == "list":
        print(*(n for n in SUITES if not words or any(w in n for w in words)))
        return 0
    if what == "west":
        return west(words)
    if what == "east":
        for tunnel in tunnels(words):
            print(*tunnel.commands(), sep="\n")
        return 0
    if what == "answer":
        return answer()
    if what == "ask":
        return ask(words[0], words[1:])
    if what == "end":
        return expiries(int(words[0], 0), int(words[1]))
    print(__doc__, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
