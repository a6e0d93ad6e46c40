/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipsec.conf(5): reading it, and what it says of each connection.
 *
 *	lex.c		lines, sections, include; whence each word came
 *	section.c	those sections as objects
 *	keywords.c	THE tables of parameters: name, type, where it goes, default
 *	value.c		one function per type of value
 *	load.c		sections + also + %default -> struct conf_conn, by the tables
 *	check.c		rules between parameters
 *	conf.c		struct conf: asked, freed
 *	report.c	errors and warnings, each with the place it is about
 *
 * All errors of a file are collected, each with file, line and column.  An error of
 * grammar spoils the file; one in the parameters of a connection spoils that connection
 * (it is marked bad), so that one slip does not keep all other tunnels of a gateway down.
 * Values are typed here; DNS names stay text: nothing here blocks.
 */
#ifndef LIB_CONF_CONF_H
#define LIB_CONF_CONF_H

#include "lib/base/buf.h"
#include "lib/base/list.h"
#include "lib/base/secret.h"
#include "lib/net/subnet.h"

/* Where a word stood. */
struct whence {
	const char *file;		/* owned by the struct conf */
	unsigned int line;
	unsigned int column;
};

enum conf_auto { AUTO_IGNORE, AUTO_ADD, AUTO_ROUTE, AUTO_START, AUTO_MANUAL };
enum conf_type { TYPE_TUNNEL, TYPE_TRANSPORT, TYPE_PASSTHROUGH, TYPE_DROP, TYPE_REJECT };
enum conf_failure { FAIL_NONE, FAIL_PASSTHROUGH, FAIL_DROP, FAIL_REJECT };

#define AUTHBY_PSK	1
#define AUTHBY_RSASIG	2
#define AUTHBY_NEVER	4

enum conf_host_kind {
	HOST_UNSET, HOST_ADDR, HOST_NAME /* of the DNS */, HOST_ANY, HOST_DEFAULTROUTE,
	HOST_DIRECT /* nexthop only */
};

/* Keys of manual connections: for both directions, or of one end for what flows towards it. */
struct conf_keys {
	struct secret espenckey, espauthkey, ahkey;
};

struct conf_end {
	enum conf_host_kind host_kind;
	struct addr host;
	char *host_name;			/* HOST_NAME */
	enum conf_host_kind nexthop_kind;
	struct addr nexthop;
	bool has_subnet;
	struct subnet subnet;
	char *id;				/* as written, NULL when not given */
	char *rsasigkey;			/* as written: 0s..., %none ...; NULL */
	char *rsasigkey2;
	char *updown;				/* NULL: "ipsec _updown" */
	bool firewall;
	uint8_t proto;				/* leftprotoport */
	uint16_t port;
	bool has_sourceip;
	struct addr sourceip;
	uint32_t espspi, ahspi;			/* manual: of SAs towards this end; 0 */
	struct conf_keys keys;
};

/* What ipsec manual needs to know, and Pluto does not. */
struct conf_manual {
	uint32_t spi, spibase;			/* 0: not given */
	unsigned int espreplay_window, ahreplay_window;	/* packets; 0: no check */
	char *ah;				/* as written; its ESP is the connection's esp */
	struct conf_keys keys;
};

struct conf_conn {
	struct list link;
	char *name;
	struct whence whence;			/* of the section head */
	enum conf_auto autostart;
	enum conf_type type;
	unsigned int authby;			/* AUTHBY_* */
	bool ah;				/* auth=ah */
	bool pfs, compress, rekey, disablearrivalcheck;
	enum conf_failure failureshunt;
	uint64_t ikelifetime, keylife, rekeymargin;	/* seconds */
	unsigned int rekeyfuzz;			/* per cent */
	unsigned int keyingtries;		/* 0: for ever */
	char *ike;				/* proposal lists as written; NULL: defaults */
	char *esp;
	struct conf_manual manual;
	struct conf_end left, right;
	bool bad;				/* has errors: not to be used */
	const char *not_for_pluto;		/* "type=transport": manual only; NULL */
	bool incomplete;			/* no left or no right: only for also= */
	/* Whence of each parameter that was given, by keyword; for messages.  No keys. */
	struct list params;			/* of struct conf_param, conf_param_find() */
};

/* One name=value as read, also of private x- names. */
struct conf_param {
	struct list link;
	char *name, *value;
	struct whence whence;
};

struct conf_interface {				/* of interfaces= */
	struct list link;
	char *virt, *phys;			/* phys may be "%defaultroute" with virt "ipsec0" */
};

struct conf_setup {
	struct list interfaces;			/* of struct conf_interface */
	bool interfaces_none;
	unsigned int plutodebug, klipsdebug;	/* class bits */
	bool uniqueids, fragicmp, hidetos, forwardcontrol, plutowait, pluto;
	unsigned int overridemtu;		/* 0: not given */
	char *syslog, *plutoopts, *plutostderrlog, *prepluto, *postpluto, *myid;
	char *plutoload, *plutostart;		/* of version 1 files; have gone into autostart */
	char *manualstart;			/* names, and auto=manual */
	struct list params;
};

struct conf_error {
	struct list link;
	struct whence whence;			/* line 0: of no line in particular */
	char *text;
	char *hint;				/* what to do about it; NULL */
	char *conn;				/* the connection that it spoils; NULL: the file */
};

struct conf {
	struct list files;			/* names read, for messages */
	int version;				/* 1: file without a version line, 2 */
	struct conf_setup setup;
	struct list conns;			/* of struct conf_conn, in file order */
	struct list errors;			/* of struct conf_error, in order of appearance */
	struct list warnings;			/* likewise */
	size_t n_errors, n_warnings;
	struct conf_conn **by_name;		/* n_conns of them, sorted */
	size_t n_conns;
};

/* Read path and what it includes.  Always returns a struct conf; conf_ok() says if it is good. */
struct conf *conf_load(const char *path);
/* The same from memory: for fuzzing and tests; include is refused. */
struct conf *conf_parse(const char *name, struct span text);
bool conf_ok(const struct conf *c);		/* no error at all */
bool conf_usable(const struct conf *c);		/* none but in connections, which are marked bad */
/*
 * Read path, and make one connection more out of the n sections called parts, as if it
 * asked for each with also=.  Its name is theirs with a blank between.
 */
struct conf *conf_load_union(const char *path, char *const *parts, size_t n);
void conf_free(struct conf *c);
struct conf_conn *conf_conn_find(const struct conf *c, const char *name);
const struct conf_param *conf_param_find(const struct list *params, const char *name);
/*
 * (/etc/ipsec.conf, line 12) unknown parameter name "x" (column 2; did you mean "y"?)
 */
void conf_error_show(const struct conf_error *e, struct buf *out);

/* What --setup of addconn(8) hands to shell scripts: every parameter, given or not. */
typedef void conf_setup_fn(void *ctx, const char *name, const char *value);
void conf_setup_each(const struct conf *c, conf_setup_fn *fn, void *ctx);

#endif
