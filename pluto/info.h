/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Informational exchanges: notifications and deletes.  RFC 2408 sections 3.14, 3.15, 4.8;
 * RFC 2409 section 5.7; RFC 2407 section 4.6.3.
 */
#ifndef PLUTO_INFO_H
#define PLUTO_INFO_H

#include "pluto/attr.h"
#include "pluto/ipsec_sa.h"
#include "pluto/msg.h"

/* Tell the peer of a refusal: protected if x has keys that the peer shares, else in clear. */
void info_send_refusal(struct exchange *x, const struct ike_msg *m, enum notify type);
/* In clear, to a stranger whose message was refused before it had an exchange. */
void info_send_clear(struct pluto *p, const struct ike_msg *m, enum notify type);
/* A notification about the ISAKMP SA itself, under its protection. */
void info_send_notify(struct isakmp_sa *sa, enum notify type);
void info_send_delete_isakmp(struct isakmp_sa *sa);
/* Under any ISAKMP SA with the peer; nothing is sent when there is none. */
void info_send_delete_ipsec(struct ipsec_sa *sa);
/* A message of an Informational exchange, in clear or protected.  m is consumed. */
void info_receive(struct pluto *p, struct ike_msg *m);
/* The engine has run a protected one; x is freed, and its ISAKMP SA if the peer deleted that. */
void info_finish(struct exchange *x);
/* The life in a RESPONDER-LIFETIME's data: RFC 2407 section 4.6.3.1. */
bool info_read_life(struct span attrs, struct life *life);
/* The body of a RESPONDER-LIFETIME about the ESP SA with this SPI, appended. */
void info_put_life(struct buf *b, uint32_t spi, uint64_t seconds);
/* A Notification payload of any exchange: its header, and false when it is malformed. */
bool info_read_notify(struct span body, struct isa_notify *n, struct span *spi,
		      struct span *data);

#endif
