/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections: what the administrator asked for.
 *
 * A connection is permanent, a template (its peer is %any) or an instance of a
 * template for one peer.  After orientation `this` is our end.  A connection owns no SA;
 * it knows the newest of each kind.  RFC 4301 section 4.4 (SPD), 4.4.3 (PAD).
 */
#ifndef PLUTO_CONNECTION_H
#define PLUTO_CONNECTION_H

#include "lib/base/list.h"
#include "lib/crypto/crypto.h"
#include "lib/id/id.h"
#include "lib/net/selector.h"
#include "lib/net/subnet.h"
#include "pluto/pluto.h"
#include "pluto/proposal.h"
#include "pluto/reply.h"

struct iface;
struct ipsec_sa;
struct isakmp_sa;
struct whack_msg;

enum conn_kind { CK_PERMANENT, CK_TEMPLATE, CK_INSTANCE };

/* Policy bits; status shows their names joined by '+', in this order. */
enum {
	POLICY_PSK = 1 << 0, POLICY_RSASIG = 1 << 1, POLICY_ENCRYPT = 1 << 2,
	POLICY_AUTHENTICATE = 1 << 3, POLICY_COMPRESS = 1 << 4, POLICY_TUNNEL = 1 << 5,
	POLICY_PFS = 1 << 6, POLICY_DISABLEARRIVALCHECK = 1 << 7, POLICY_DONTREKEY = 1 << 8,
	POLICY_UP = 1 << 9,		/* the administrator wants it up */
};
#define POLICY_AUTH_MASK (POLICY_PSK | POLICY_RSASIG)

/* Who owns the eroute of the pair of clients: route.c's table. */
enum routing { RT_UNROUTED, RT_ROUTED_TRAP, RT_HELD, RT_EROUTED, RT_FAIL_SHUNT, RT_ROUTED_DROP };

struct end {
	const char *side;		/* "left" or "right": the administrator's word for it */
	struct addr host;		/* any when unknown */
	uint16_t host_port;		/* IKE */
	struct id id;			/* never ID_NONE after loading, except a peer's %any */
	struct addr nexthop;		/* AF_UNSPEC: %direct */
	bool has_client;		/* leftsubnet was given */
	struct subnet client;		/* else host/32 */
	uint8_t proto;
	uint16_t port;
	char *updown;			/* NULL: the default */
	struct addr sourceip;		/* AF_UNSPEC: none */
	struct rsa_pub *key;		/* of leftrsasigkey; NULL: none given */
};

struct connection {
	struct list link;		/* in pluto->connections */
	struct pluto *pluto;
	unsigned long serial;		/* of all that ever were: one added anew is another */
	char *name;
	char *whence;			/* "/etc/ipsec.conf:12"; NULL when whack made it by hand */
	enum conn_kind kind;
	unsigned long instance;		/* [n], 0 if not an instance */
	struct connection *tmpl;	/* of an instance */

	struct end this, that;
	struct iface *iface;		/* NULL: not oriented */

	unsigned int policy;
	unsigned int autostart;		/* enum conf_auto */
	uint64_t ike_life, ipsec_life, rekey_margin;	/* seconds */
	unsigned int rekey_fuzz;	/* per cent */
	unsigned int keyingtries;	/* 0: for ever */
	struct ike_proposals ike;
	struct esp_proposals esp;
	unsigned int failureshunt;	/* enum conf_failure */
	uint32_t shunt;			/* 0; SPI_PASS, _DROP or _REJECT: never negotiates */

	enum routing routing;
	bool going;			/* it, or all its SAs, are being ended: don't free it */
	bool stays_routed;		/* --route was given: %trap when the tunnel has gone */
	bool prepared;			/* routed for a tunnel that is not yet there */
	bool route_up;			/* the script has been told to add the route */
	bool route_done;		/* and has done it */
	bool open;			/* packets may come out of the tunnel */
	uint64_t acquired;		/* server_now() of the last ACQUIRE that was acted on */
	unsigned long eroute_owner;	/* serial of the IPsec SA behind the eroute, 0 */
	struct isakmp_sa *newest_isakmp;
	struct ipsec_sa *newest_ipsec;
};

void connection_prefix(const struct connection *c, struct buf *out);	/* "name" or "name"[2] 192.0.2.9 */
/* `10.0.1.0/24===192.0.2.1[@west]...198.51.100.1[@east]===10.0.2.0/24` as in status. */
void connection_topology(const struct connection *c, struct buf *out);
void policy_show(unsigned int policy, struct buf *out);
/* `"name" (/etc/ipsec.conf:12)`, for messages that send the reader there. */
void connection_whereis(const struct connection *c, struct buf *out);

struct connection *connection_by_name(struct pluto *p, const char *name);	/* not instances */
/* From whack's message.  NULL and a reply line that says what is wrong with which key. */
struct connection *connection_add(struct pluto *p, const struct whack_msg *m, struct reply *r);
/* Takes its SAs, exchanges, eroute and instances with it; tells the peer. */
void connection_delete(struct connection *c, struct reply *r);
/* One for this peer; peer_id may be NULL or ID_NONE while it has not said who it is. */
struct connection *connection_instantiate(struct connection *tmpl, const struct addr *peer,
					  const struct id *peer_id);
/* An instance with no SA, no exchange and no route left is freed; others are left alone. */
void connection_release_instance(struct connection *c);
bool connection_orient(struct connection *c);	/* sets iface, swaps ends; false: not ours */
/* Says 022 with our addresses and what would help. */
void connection_say_unoriented(const struct connection *c, struct reply *r);
void connection_orient_all(struct pluto *p);
void connection_unorient_all(struct pluto *p);
/* Those that lean on ifp, which is about to go, lose their SAs, routes and orientation. */
void connection_iface_gone(struct pluto *p, struct iface *ifp);
void connection_swap_ends(struct connection *c);
void connection_free(struct connection *c);		/* owns nothing any more, is in no list */
/* this client -> that client */
struct selector connection_selector(const struct connection *c);

/* --- choosing, for the responder: hostpair.c ----------------------------------------- */

/*
 * Message 1 of Main Mode: by addresses alone; an exact peer before %any.  NULL when none.
 * *auth: POLICY_PSK | POLICY_RSASIG over all connections of the pair.  A template answers
 * with an instance (reused when that peer has one), which the caller gives back with
 * connection_release_instance() when nothing comes of it.
 */
struct connection *connection_for_peer(struct pluto *p, const struct addr *us,
				       const struct addr *them, unsigned int *auth);
/*
 * When the peer has said who it is (auth: POLICY_PSK or POLICY_RSASIG): c if it fits, else
 * another of the same pair or a template (instantiated) that allows auth and has that peer ID;
 * NULL when none does.
 * *nearest is set then: what the nearest connection wants instead, for the log.
 */
struct connection *connection_refine(struct connection *c, unsigned int auth,
				     const struct id *peer_id, const struct id *our_id_asked,
				     struct buf *nearest);
/* What a peer has proved in Main Mode: how, as whom, and with which pre-shared key. */
struct peer_proof {
	unsigned int auth;		/* POLICY_PSK or POLICY_RSASIG */
	const struct id *id;
	struct span psk;		/* of POLICY_PSK; borrowed */
};

/*
 * Would d have taken what was proved to c, of the same hosts (that of a template: any)?  The
 * method must be in its authby=, the IDs be its own, and the secret the one it has.
 */
bool connection_accepts(const struct connection *d, const struct connection *c,
			const struct peer_proof *proof);
/*
 * Quick Mode, responder: ours is the client behind us (src), theirs behind the peer (dst).
 * Exact match required, and that it accepts the proof, c like any other; NULL and *nearest
 * (which connection, which field, file:line) else.
 */
struct connection *connection_for_clients(struct connection *c, const struct peer_proof *proof,
					  const struct selector *want, struct buf *nearest);
/*
 * uniqueids: other connections with the same peer ID from another address lose their SAs, when
 * what was proved to c would have been enough for them.
 */
void connection_enforce_unique(struct connection *c, const struct peer_proof *proof);

#endif
