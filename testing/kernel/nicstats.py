#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What "ethtool -S DEVICE" shows, without ethtool: nicstats.py DEVICE [NAME]...

One line for each statistic that is not zero, "NAME VALUE"; with names, only their values.
"""

import ctypes
import fcntl
import socket
import struct
import sys

SIOCETHTOOL = 0x8946
GSSET_INFO, GSTRINGS, GSTATS = 0x37, 0x1B, 0x1D
SS_STATS = 1


def ask(sock, device, request):
    """The answer to an ethtool request, which is as long as the request."""
    buffer = ctypes.create_string_buffer(request, len(request))
    ifreq = struct.pack("=16sQ16x", device.encode(), ctypes.addressof(buffer))
    fcntl.ioctl(sock, SIOCETHTOOL, ifreq)
    return buffer.raw


def statistics(device):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        info = ask(sock, device, struct.pack("=IIQI", GSSET_INFO, 0, 1 << SS_STATS, 0))
        n = struct.unpack_from("=I", info, 16)[0]
        strings = ask(sock, device, struct.pack("=III", GSTRINGS, SS_STATS, n) + bytes(32 * n))
        values = ask(sock, device, struct.pack("=II", GSTATS, n) + bytes(8 * n))
    names = [strings[12 + 32 * i:44 + 32 * i].split(b"\0")[0].decode() for i in range(n)]
    return dict(zip(names, struct.unpack_from(f"={n}Q", values, 8)))


def main(argv):
    if len(argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    all_of_it = statistics(argv[1])
    for name in argv[2:]:
        print(all_of_it[name])
    if len(argv) == 2:
        for name, value in all_of_it.items():
            if value:
                print(name, value)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
