/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Checksums of transport headers after their addresses have changed: RFC 1624.
 */
#ifndef KLIPS_CHECKSUM_H
#define KLIPS_CHECKSUM_H

#include "klips/port.h"

/*
 * Where in the header of a transport protocol the checksum lies that covers the addresses,
 * too; -1 for a protocol that has none.
 */
int klips_checksum_at(u8 proto);

/* May a packet of this protocol have the checksum zero, which says that there is none? */
bool klips_checksum_optional(u8 proto);

/*
 * Correct the two octets of a checksum after n octets that it covers, an even number,
 * have changed from was to is.  A checksum that is not there is not made up, and one that
 * is there never looks as if it were not (RFC 768).  A wrong one stays as wrong as it is.
 */
void klips_checksum_changed(u8 proto, u8 check[2], const u8 *was, const u8 *is, size_t n);

#endif
