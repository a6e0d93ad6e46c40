// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ISAKMP's payloads, each a table of fields under its picture.
 *
 * Nothing here does anything: packet.c walks the tables.  Bodies that are plain octets
 * (KE, HASH, SIG, Nonce, VID) have only the generic header.
 *
 * RFC 2408 section 3; RFC 2407 section 4.6; RFC 3947 for the numbers 20 and 21.
 */
#include "pluto/payloads.h"

#include <stddef.h>

#include "lib/id/id.h"
#include "pluto/cause.h"

#define DESC(var, text, type, table, octets) \
	const struct payload_desc var = { text, table, ARRAY_SIZE(table), octets, sizeof(type) }

static const struct name payload_tab[] = {
	{ PLD_NONE, "ISAKMP_NEXT_NONE" },	{ PLD_SA, "ISAKMP_NEXT_SA" },
	{ PLD_P, "ISAKMP_NEXT_P" },		{ PLD_T, "ISAKMP_NEXT_T" },
	{ PLD_KE, "ISAKMP_NEXT_KE" },		{ PLD_ID, "ISAKMP_NEXT_ID" },
	{ PLD_CERT, "ISAKMP_NEXT_CERT" },	{ PLD_CR, "ISAKMP_NEXT_CR" },
	{ PLD_HASH, "ISAKMP_NEXT_HASH" },	{ PLD_SIG, "ISAKMP_NEXT_SIG" },
	{ PLD_NONCE, "ISAKMP_NEXT_NONCE" },	{ PLD_N, "ISAKMP_NEXT_N" },
	{ PLD_D, "ISAKMP_NEXT_D" },		{ PLD_VID, "ISAKMP_NEXT_VID" },
	{ PLD_NATD, "ISAKMP_NEXT_NAT-D" },	{ PLD_NATOA, "ISAKMP_NEXT_NAT-OA" },
};
NAMES(payload_names, payload_tab);

static const struct name exchange_tab[] = {
	{ XCHG_BASE, "ISAKMP_XCHG_BASE" },	{ XCHG_MAIN, "ISAKMP_XCHG_IDPROT" },
	{ XCHG_AO, "ISAKMP_XCHG_AO" },		{ XCHG_AGGR, "ISAKMP_XCHG_AGGR" },
	{ XCHG_INFO, "ISAKMP_XCHG_INFO" },	{ XCHG_QUICK, "ISAKMP_XCHG_QUICK" },
	{ XCHG_NEW_GROUP, "ISAKMP_XCHG_NGRP" },
};
NAMES(exchange_names, exchange_tab);

static const struct name protocol_tab[] = {
	{ PROTO_ISAKMP, "PROTO_ISAKMP" },	{ PROTO_IPSEC_AH, "PROTO_IPSEC_AH" },
	{ PROTO_IPSEC_ESP, "PROTO_IPSEC_ESP" },	{ PROTO_IPCOMP, "PROTO_IPCOMP" },
};
NAMES(protocol_names, protocol_tab);

static const struct name doi_tab[] = {
	{ DOI_ISAKMP, "ISAKMP_DOI_ISAKMP" },	{ DOI_IPSEC, "ISAKMP_DOI_IPSEC" },
};
NAMES(doi_names, doi_tab);

bool payload_known(uint8_t type)
{
	return type >= PLD_PRIVATE || name_of(&payload_names, type);
}

/*
 * ISAKMP header, RFC 2408 section 3.1
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  !                          initiator                            !
 *  !                            cookie                             !
 *  !                          responder                            !
 *  !                            cookie                             !
 *  ! next payload  ! major ! minor ! exchange type !     flags     !
 *  !                          message ID                           !
 *  !                            length                             !
 *
 * Its length is that of the datagram; demux.c compares the two.
 */
static const struct field hdr_fields[] = {
	FIELD(struct isa_hdr, icookie,	F_OCTETS, 8),
	FIELD(struct isa_hdr, rcookie,	F_OCTETS, 8),
	FIELD(struct isa_hdr, next,	F_NEXT, 1, .names = &payload_names),
	FIELD(struct isa_hdr, version,	F_UINT, 1),
	FIELD(struct isa_hdr, exchange,	F_ENUM, 1, .names = &exchange_names),
	FIELD(struct isa_hdr, flags,	F_UINT, 1),
	FIELD(struct isa_hdr, msgid,	F_UINT, 4),
	FIELD(struct isa_hdr, length,	F_LEN,	4),
};
DESC(hdr_desc, "ISAKMP message", struct isa_hdr, hdr_fields, ISAKMP_HDR_LEN);

/*
 * Generic payload header, RFC 2408 section 3.2
 *
 *  ! next payload  !   reserved    !            length             !
 */
static const struct field generic_fields[] = {
	FIELD(struct isa_generic, next,	  F_NEXT, 1, .names = &payload_names),
	ZERO(1),
	FIELD(struct isa_generic, length, F_LEN,  2),
};
DESC(generic_desc, "payload", struct isa_generic, generic_fields, GENERIC_LEN);

/*
 * Security Association payload, RFC 2408 section 3.4, RFC 2407 section 4.6.1
 *
 *  ! next payload  !   reserved    !            length             !
 *  !                             DOI                               !
 *  !                          situation                            !
 *  ~                   proposal payloads                           ~
 */
static const struct field sa_fields[] = {
	FIELD(struct isa_sa, next,	F_NEXT, 1, .names = &payload_names),
	ZERO(1),
	FIELD(struct isa_sa, length,	F_LEN,  2),
	FIELD(struct isa_sa, doi,	F_ENUM, 4, .names = &doi_names),
	FIELD(struct isa_sa, situation,	F_UINT, 4),
};
DESC(sa_desc, "SA payload", struct isa_sa, sa_fields, 12);

/* The same without its generic header, as a message that was read holds it. */
static const struct field sa_body_fields[] = {
	FIELD(struct isa_sa, doi,	F_ENUM, 4, .names = &doi_names),
	FIELD(struct isa_sa, situation,	F_UINT, 4),
};
DESC(sa_body_desc, "SA payload", struct isa_sa, sa_body_fields, 8);

/*
 * Proposal payload, RFC 2408 section 3.5
 *
 *  ! next payload  !   reserved    !            length             !
 *  !  proposal #   !  protocol-ID  !   SPI size    !# of transforms!
 *  ~                      SPI, then transforms                     ~
 */
static const struct field proposal_fields[] = {
	FIELD(struct isa_proposal, next,	F_NEXT, 1, .names = &payload_names),
	ZERO(1),
	FIELD(struct isa_proposal, length,	F_LEN,  2),
	FIELD(struct isa_proposal, number,	F_UINT, 1),
	FIELD(struct isa_proposal, protocol,	F_ENUM, 1, .names = &protocol_names),
	FIELD(struct isa_proposal, spi_size,	F_UINT, 1),
	FIELD(struct isa_proposal, transforms,	F_UINT, 1),
};
DESC(proposal_desc, "proposal", struct isa_proposal, proposal_fields, 8);

/*
 * Transform payload, RFC 2408 section 3.6
 *
 *  ! next payload  !   reserved    !            length             !
 *  !  transform #  ! transform-ID  !           reserved            !
 *  ~                        SA attributes                          ~
 */
static const struct field transform_fields[] = {
	FIELD(struct isa_transform, next,	F_NEXT, 1, .names = &payload_names),
	ZERO(1),
	FIELD(struct isa_transform, length,	F_LEN,  2),
	FIELD(struct isa_transform, number,	F_UINT, 1),
	FIELD(struct isa_transform, id,		F_UINT, 1),
	ZERO(2),
};
DESC(transform_desc, "transform", struct isa_transform, transform_fields, 8);

/*
 * Identification payload, RFC 2407 section 4.6.2; behind the generic header
 *
 *  !   ID type     !  protocol ID  !             port              !
 *  ~                     identification data                       ~
 */
static const struct field id_fields[] = {
	FIELD(struct isa_id, type,	F_ENUM, 1, .names = &id_type_names),
	FIELD(struct isa_id, protocol,	F_UINT, 1),
	FIELD(struct isa_id, port,	F_UINT, 2),
};
DESC(id_desc, "identification", struct isa_id, id_fields, 4);

/*
 * Notification payload, RFC 2408 section 3.14; behind the generic header
 *
 *  !                             DOI                               !
 *  !  protocol-ID  !   SPI size    !      notify message type      !
 *  ~              SPI, then notification data                      ~
 */
static const struct field notify_fields[] = {
	FIELD(struct isa_notify, doi,	   F_ENUM, 4, .names = &doi_names),
	FIELD(struct isa_notify, protocol, F_ENUM, 1, .names = &protocol_names),
	FIELD(struct isa_notify, spi_size, F_UINT, 1),
	FIELD(struct isa_notify, type,	   F_ENUM, 2, .names = &notify_names),
};
DESC(notify_desc, "notification", struct isa_notify, notify_fields, 8);

/*
 * Delete payload, RFC 2408 section 3.15; behind the generic header
 *
 *  !                             DOI                               !
 *  !  protocol-ID  !   SPI size    !          # of SPIs            !
 *  ~                             SPIs                              ~
 */
static const struct field delete_fields[] = {
	FIELD(struct isa_delete, doi,	   F_ENUM, 4, .names = &doi_names),
	FIELD(struct isa_delete, protocol, F_ENUM, 1, .names = &protocol_names),
	FIELD(struct isa_delete, spi_size, F_UINT, 1),
	FIELD(struct isa_delete, spis,	   F_UINT, 2),
};
DESC(delete_desc, "delete", struct isa_delete, delete_fields, 8);
