/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * THE table of what a whack message can say.
 *
 * One row per key: its number on the wire, whack's option, the type of its value and a
 * line of help.  whack turns options into fields by it, the parser (msg.c) takes types from
 * it, `whack --help` prints it.  A key that has no row does not exist.
 *
 * Rows of the left end serve the right one too, at key + WK_RIGHT: whack's end options mean
 * the left end before --to and the right one behind it.  A row without option is set by
 * options of another shape (--psk, --tunnel, --pubkeyrsa: see utils/whack.c), or only by
 * programs.
 */
#include "lib/whack/msg.h"

const struct whack_key_desc whack_keys[] = {
	{ WK_NAME,	  "name",	   WT_TEXT, "connection", "name of the connection" },
	{ WK_ASYNC,	  "asynchronous",  WT_FLAG, NULL, "do not wait for the outcome" },
	{ WK_DEBUG,	  NULL,		   WT_UINT, NULL, NULL },
	{ WK_STATE,	  "deletestate",   WT_UINT, "number", "delete this state" },
	{ WK_KEYID,	  "keyid",	   WT_TEXT, "id", "whose public key this is" },
	{ WK_PUBKEY,	  NULL,		   WT_DATA, NULL, NULL },
	{ WK_ADDKEY,	  "addkey",	   WT_FLAG, NULL, "keep the keys that the id has already" },
	{ WK_WHENCE,	  NULL,		   WT_TEXT, NULL, NULL },
	{ WK_TYPE,	  NULL,		   WT_UINT, NULL, NULL },
	{ WK_AUTHBY,	  NULL,		   WT_UINT, NULL, NULL },
	{ WK_PFS,	  "pfs",	   WT_FLAG, NULL, "perfect forward secrecy" },
	{ WK_COMPRESS,	  "compress",	   WT_FLAG, NULL, "propose IPComp" },
	{ WK_AH,	  "authenticate",  WT_FLAG, NULL, "authenticate with AH instead of ESP" },
	{ WK_REKEY,	  NULL,		   WT_FLAG, NULL, NULL },
	{ WK_NOARRIVALCHECK, "disablearrivalcheck", WT_FLAG, NULL,
	  "skip the check of inner addresses on arrival" },
	{ WK_FAILURESHUNT, NULL,	   WT_UINT, NULL, NULL },
	{ WK_IKELIFETIME, "ikelifetime",   WT_UINT, "seconds", "life of the ISAKMP SA" },
	{ WK_KEYLIFE,	  "ipseclifetime", WT_UINT, "seconds", "life of the IPsec SA" },
	{ WK_REKEYMARGIN, "rekeymargin",   WT_UINT, "seconds",
	  "how long before expiry rekeying begins" },
	{ WK_REKEYFUZZ,	  "rekeyfuzz",	   WT_UINT, "percent",
	  "by how much the margin may grow at random" },
	{ WK_KEYINGTRIES, "keyingtries",   WT_UINT, "number", "how often to try, 0 for ever" },
	{ WK_IKE,	  "ike",	   WT_TEXT, "proposals", "algorithms of Phase 1" },
	{ WK_ESP,	  "esp",	   WT_TEXT, "proposals", "algorithms of Phase 2" },
	{ WK_AUTO,	  NULL,		   WT_UINT, NULL, NULL },
	{ WK_REPLACE,	  NULL,		   WT_FLAG, NULL, NULL },
	{ WK_HOST,	  "host",	   WT_TEXT, "address", "address of the gateway, or %any" },
	{ WK_NEXTHOP,	  "nexthop",	   WT_TEXT, "address",
	  "its next hop towards the peer, or %direct" },
	{ WK_SUBNET,	  "client",	   WT_TEXT, "subnet", "the network behind it" },
	{ WK_ID,	  "id",		   WT_TEXT, "id", "what it calls itself" },
	{ WK_UPDOWN,	  "updown",	   WT_TEXT, "command", "what to run when the tunnel changes" },
	{ WK_PROTO,	  NULL,		   WT_UINT, NULL, NULL },
	{ WK_PORT,	  NULL,		   WT_UINT, NULL, NULL },
	{ WK_RSASIGKEY,	  NULL,		   WT_DATA, NULL, NULL },
	{ WK_RSASIGKEY2,  NULL,		   WT_DATA, NULL, NULL },
	{ WK_SOURCEIP,	  "srcip",	   WT_TEXT, "address",
	  "source of what the gateway itself sends into the tunnel" },
};

const size_t whack_n_keys = ARRAY_SIZE(whack_keys);

static const char *const verb_names[WHACK_VERB_MAX] = {
	[WHACK_CONNECTION]	= "connection",
	[WHACK_DELETE]		= "delete",
	[WHACK_LISTEN]		= "listen",
	[WHACK_UNLISTEN]	= "unlisten",
	[WHACK_ROUTE]		= "route",
	[WHACK_UNROUTE]		= "unroute",
	[WHACK_INITIATE]	= "initiate",
	[WHACK_TERMINATE]	= "terminate",
	[WHACK_STATUS]		= "status",
	[WHACK_SHUTDOWN]	= "shutdown",
	[WHACK_REREADSECRETS]	= "rereadsecrets",
	[WHACK_KEY]		= "key",
	[WHACK_DELETESTATE]	= "deletestate",
	[WHACK_DEBUG]		= "debug",
	[WHACK_LISTPUBKEYS]	= "listpubkeys",
};

/* Rows stand in the order of their keys, but for the gap before WK_HOST. */
const struct whack_key_desc *whack_key_find(unsigned int key)
{
	if (key >= WK_HOST + WK_RIGHT)
		key -= WK_RIGHT;
	for (size_t i = 0; i < whack_n_keys; i++)
		if (whack_keys[i].key == key)
			return &whack_keys[i];
	return NULL;
}

const char *whack_verb_name(unsigned int verb)
{
	return verb < WHACK_VERB_MAX ? verb_names[verb] : NULL;
}
