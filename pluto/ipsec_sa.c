// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * IPsec SAs: born with their Quick Mode, in the kernel when that is done.
 *
 * One of these stands for both directions: what we receive (our_spi, our_tun) and what we
 * send (peer_spi, peer_tun), each an ESP SA with a tunnel SA inside.  The exchange owns it
 * until it is established; then its connection knows the newest, and lifetime.c its end.
 *
 * Make before break: when a new one is up, the one it replaces keeps receiving for some
 * seconds before it is deleted here and at the peer.
 */
#include "pluto/ipsec_sa.h"

#include <stdlib.h>

#include "lib/base/alloc.h"
#include "pluto/info.h"
#include "pluto/isakmp_sa.h"
#include "pluto/lifetime.h"
#include "pluto/route.h"

#define TUN_SPI_FIRST	0x1000		/* never on the wire */

struct ipsec_sa *ipsec_sa_new(struct exchange *x, const struct selector *sel)
{
	struct pluto *p = x->c->pluto;
	struct ipsec_sa *sa = xalloc(sizeof(*sa));

	sa->subject = x->subject;
	sa->subject.reply = NULL;
	sa->c = x->c;
	sa->peer = x->peer;
	id_copy(&sa->peer_id, &x->isakmp->peer_id);
	sa->isakmp = x->isakmp->subject.serial;
	sa->initiator = x->initiator;
	sa->state = x->state;
	sa->sel = *sel;
	/* install.c counts on from here. */
	if (p->last_tun_spi < TUN_SPI_FIRST)
		p->last_tun_spi = TUN_SPI_FIRST;
	list_add(&p->ipsec_sas, &sa->link);
	return sa;
}

static struct said said_of(const struct addr *dst, uint8_t proto, uint32_t spi)
{
	return (struct said){ .dst = *dst, .proto = proto, .spi = spi };
}

struct said ipsec_sa_in(const struct ipsec_sa *sa)
{
	return said_of(&sa->c->this.host, IPPROTO_ESP, sa->our_spi);
}

struct said ipsec_sa_out(const struct ipsec_sa *sa)
{
	return said_of(&sa->peer.addr, IPPROTO_ESP, sa->peer_spi);
}

struct said ipsec_sa_tun_in(const struct ipsec_sa *sa)
{
	return said_of(&sa->c->this.host, IPPROTO_IPIP, sa->our_tun);
}

struct said ipsec_sa_tun_out(const struct ipsec_sa *sa)
{
	return said_of(&sa->peer.addr, IPPROTO_IPIP, sa->peer_tun);
}

struct ipsec_sa *ipsec_sa_by_serial(struct pluto *p, unsigned long serial)
{
	struct ipsec_sa *sa;

	LIST_EACH(sa, &p->ipsec_sas, struct ipsec_sa, link)
		if (sa->subject.serial == serial)
			return sa;
	return NULL;
}

struct ipsec_sa *ipsec_sa_by_peer_spi(struct pluto *p, const struct addr *peer, uint32_t spi)
{
	struct ipsec_sa *sa;

	LIST_EACH(sa, &p->ipsec_sas, struct ipsec_sa, link)
		if (sa->peer_spi == spi && spi && addr_eq(&sa->peer.addr, peer))
			return sa;
	return NULL;
}

struct ipsec_sa *ipsec_sa_by_our_spi(struct pluto *p, uint32_t spi)
{
	struct ipsec_sa *sa;

	LIST_EACH(sa, &p->ipsec_sas, struct ipsec_sa, link)
		if (sa->our_spi == spi && spi)
			return sa;
	return NULL;
}

/* Older SAs of the connection for the same packets.  Their Delete is the initiator's task. */
static void supersede_older(struct ipsec_sa *sa)
{
	struct ipsec_sa *old;

	LIST_EACH(old, &sa->c->pluto->ipsec_sas, struct ipsec_sa, link)
		if (old != sa && old->established && old->c == sa->c &&
		    selector_eq(&old->sel, &sa->sel) &&
		    old->subject.serial < sa->subject.serial && sa->initiator)
			lifetime_supersede_ipsec(old, sa->subject.serial);
}

bool ipsec_sa_established(struct exchange *x)
{
	struct ipsec_sa *sa = x->ipsec;
	bool ok;

	sa->state = x->state;
	/* The script's output, and its failure, are for whoever waits. */
	sa->subject.reply = x->subject.reply;
	ok = install_outbound(sa);
	sa->subject.reply = NULL;
	if (!ok) {
		info_send_delete_ipsec(sa);
		return false;
	}
	secret_free(&sa->in_keymat);
	secret_free(&sa->out_keymat);
	sa->established = true;
	sa->c->newest_ipsec = sa;
	lifetime_start_ipsec(sa);
	supersede_older(sa);
	return true;
}

static void newest_without(const struct ipsec_sa *gone)
{
	struct connection *c = gone->c;
	struct ipsec_sa *sa;

	if (c->newest_ipsec != gone)
		return;
	c->newest_ipsec = NULL;
	LIST_EACH(sa, &c->pluto->ipsec_sas, struct ipsec_sa, link)
		if (sa != gone && sa->established && sa->c == c)
			c->newest_ipsec = sa;
}

void ipsec_sa_delete(struct ipsec_sa *sa, bool notify)
{
	struct connection *c = sa->c;

	if (sa->established)
		plog_quiet(&sa->subject, "deleting state (%s)", state_name(sa->state));
	if (notify && sa->established)
		info_send_delete_ipsec(sa);
	timer_clear(&sa->timer);
	newest_without(sa);
	list_del(&sa->link);
	uninstall(sa);
	secret_free(&sa->in_keymat);
	secret_free(&sa->out_keymat);
	id_free(&sa->peer_id);
	free(sa);
	connection_release_instance(c);
}
