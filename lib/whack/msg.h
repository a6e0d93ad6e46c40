/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What whack tells Pluto: one message of keyed values over a SOCK_SEQPACKET socket.
 *
 * A message is the magic "FWhk", a version octet, the verb (u16) and then fields: key
 * (u16), length (u16), octets; network order throughout.  Keys and their types are
 * rows of a table (keys.c) that whack's options, the daemon's dispatcher, completion and the
 * manual page share.  Replies are packets of text lines, "NNN text\n"; the channel
 * closes when the operation has ended.
 *
 * Values: text carries its NUL and no control characters; a uint is a u64; a flag is
 * empty and means yes by being there, no by being absent; data is octets.  A key that
 * the table does not have, or that comes twice, makes the message bad: nothing that
 * might matter for security is skipped.
 *
 * What each verb carries (* = may be absent):
 *
 *	CONNECTION	NAME, policy, both ends, REPLACE*, WHENCE* ("/etc/ipsec.conf:12")
 *	DELETE ROUTE UNROUTE TERMINATE	NAME
 *	INITIATE	NAME, ASYNC*
 *	KEY		KEYID (text), PUBKEY (data, RFC 3110), ADDKEY* (keep the others)
 *	DELETESTATE	STATE (uint)
 *	DEBUG		DEBUG (uint, DBG_* bits: becomes the set)
 *	LISTEN UNLISTEN STATUS SHUTDOWN REREADSECRETS LISTPUBKEYS	nothing
 *
 * Policy of CONNECTION: TYPE (uint, enum conf_type), AUTHBY (uint, AUTHBY_* bits), flags
 * PFS COMPRESS AH REKEY NOARRIVALCHECK, FAILURESHUNT (uint, enum conf_failure),
 * IKELIFETIME KEYLIFE REKEYMARGIN (uint, seconds), REKEYFUZZ (uint, per cent),
 * KEYINGTRIES (uint, 0: for ever), IKE* ESP* (proposal text), AUTO* (uint, enum
 * conf_auto: what the file says, the sender acts on it itself).
 * Each end: HOST (text: a numeric address or %any), NEXTHOP* (text: a numeric address or
 * %direct, which is the default), SUBNET* (text a.b.c.d/n; absent: the host alone), ID*
 * (text, as ttoid() reads it; absent: the host's address), UPDOWN* (text; absent:
 * "ipsec _updown"), PROTO* PORT* (uint, 0: any), RSASIGKEY* RSASIGKEY2* (data, RFC 3110
 * octets), SOURCEIP* (text, a numeric address).  DNS names and %defaultroute never
 * arrive: the sender has resolved them.
 */
#ifndef LIB_WHACK_MSG_H
#define LIB_WHACK_MSG_H

#include "lib/base/buf.h"

#define WHACK_VERSION	1
#define WHACK_MSG_MAX	65536

enum whack_verb {
	WHACK_NONE, WHACK_CONNECTION, WHACK_DELETE, WHACK_LISTEN, WHACK_UNLISTEN, WHACK_ROUTE,
	WHACK_UNROUTE, WHACK_INITIATE, WHACK_TERMINATE, WHACK_STATUS, WHACK_SHUTDOWN,
	WHACK_REREADSECRETS, WHACK_KEY, WHACK_DELETESTATE, WHACK_DEBUG, WHACK_LISTPUBKEYS,
	WHACK_VERB_MAX
};

enum whack_type { WT_TEXT, WT_UINT, WT_FLAG, WT_DATA };

/* Keys; those of an end exist twice, left = K, right = K + WK_RIGHT. */
#define WK_RIGHT	64
enum whack_key {
	WK_NONE,
	WK_NAME, WK_ASYNC, WK_DEBUG, WK_STATE, WK_KEYID, WK_PUBKEY, WK_ADDKEY, WK_WHENCE,
	WK_TYPE /* enum conf_type */, WK_AUTHBY, WK_PFS, WK_COMPRESS, WK_AH, WK_REKEY,
	WK_NOARRIVALCHECK, WK_FAILURESHUNT, WK_IKELIFETIME, WK_KEYLIFE, WK_REKEYMARGIN,
	WK_REKEYFUZZ, WK_KEYINGTRIES, WK_IKE, WK_ESP, WK_AUTO,
	WK_REPLACE,		/* delete a connection of that name first */
	/* of the left end */
	WK_HOST = 100,		/* text: address, %any; %defaultroute is resolved by the sender */
	WK_NEXTHOP,
	WK_SUBNET, WK_ID, WK_UPDOWN, WK_PROTO, WK_PORT, WK_RSASIGKEY, WK_RSASIGKEY2, WK_SOURCEIP,
	WK_MAX = 100 + 2 * WK_RIGHT
};

struct whack_key_desc {
	enum whack_key key;
	const char *option;		/* "ikelifetime": whack's --ikelifetime */
	enum whack_type type;
	const char *arg;		/* "seconds", for --help; NULL for flags */
	const char *help;
};

extern const struct whack_key_desc whack_keys[];
extern const size_t whack_n_keys;
/* Left's row for right's keys too. */
const struct whack_key_desc *whack_key_find(unsigned int key);
const char *whack_verb_name(unsigned int verb);			/* "initiate"; NULL */

/* Building. */
void whack_msg_start(struct buf *b, enum whack_verb verb);
void whack_msg_text(struct buf *b, unsigned int key, const char *text);	/* NULL: nothing added */
void whack_msg_uint(struct buf *b, unsigned int key, uint64_t v);
void whack_msg_flag(struct buf *b, unsigned int key);
void whack_msg_data(struct buf *b, unsigned int key, struct span data);

/* Reading: a parsed message borrows the packet. */
struct whack_msg {
	enum whack_verb verb;
	struct span field[WK_MAX];
	bool present[WK_MAX];
};

err_t whack_msg_parse(struct span packet, struct whack_msg *m);
/* NULL when absent; else NUL-terminated and free of control characters (the parser saw to it). */
const char *whack_get_text(const struct whack_msg *m, unsigned int key);
/* Of a uint; a flag that is present counts as 1. */
uint64_t whack_get_uint(const struct whack_msg *m, unsigned int key, uint64_t dflt);
bool whack_has(const struct whack_msg *m, unsigned int key);

#endif
