/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What of an IP header AH protects: RFC 4302 section 3.3.3.1 and appendix A.
 */
#ifndef KLIPS_MUTABLE_H
#define KLIPS_MUTABLE_H

#include "klips/port.h"

/*
 * Bring the IP header(s) at p, len octets up to where AH begins, into the form over
 * which the ICV is computed: what routers may change is zero, what they will change
 * in a way that can be foreseen is as the receiver gets it.  p is a copy.
 *
 * 0, or -EINVAL: lengths or options that cannot be, len is not where the headers end
 * and AH begins, or the packet's source route has a form whose end cannot be foreseen.
 */
int klips_mutable_clear(u8 *p, size_t len);

#endif
