/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a unit test of Pluto's model needs around it: a clock that stands still, a kernel
 * that writes down what it is asked, a reply and a log that are kept as text.
 *
 * Included by one test_*.c each, so it holds functions.
 */
#ifndef TESTING_UNIT_FAKE_PLUTO_H
#define TESTING_UNIT_FAKE_PLUTO_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/alloc.h"
#include "lib/base/log.h"
#include "lib/conf/conf.h"
#include "lib/whack/msg.h"
#include "pluto/connection.h"
#include "pluto/eroute.h"
#include "pluto/iface.h"
#include "pluto/kernel.h"
#include "pluto/keys.h"
#include "pluto/plog.h"
#include "pluto/pluto.h"
#include "pluto/server.h"
#include "pluto/shunt.h"
#include "pluto/updown.h"

#define MAYBE_UNUSED __attribute__((unused))	/* no test needs all of this */

/* --- server.h ------------------------------------------------------------------------ */

static uint64_t fake_now = 1000;

uint64_t server_now(void)
{
	return fake_now;
}

void timer_set(struct timer *t, uint64_t delay, void (*fn)(void *ctx), void *ctx)
{
	*t = (struct timer){ .fn = fn, .ctx = ctx, .due = fake_now + delay, .armed = true };
}

void timer_clear(struct timer *t)
{
	t->armed = false;
}

uint64_t timer_left(const struct timer *t)
{
	return t->armed && t->due > fake_now ? t->due - fake_now : 0;
}

void server_defer(void (*fn)(void *ctx), void *ctx)
{
	fn(ctx);
}

struct watch *server_watch(int fd, void (*fn)(int fd, void *ctx), void *ctx)
{
	(void)fd;
	(void)fn;
	(void)ctx;
	return NULL;
}

struct watch *server_watch_write(int fd, void (*fn)(int fd, void *ctx), void *ctx)
{
	return server_watch(fd, fn, ctx);
}

void server_unwatch(struct watch *w)
{
	(void)w;
}

void server_on_signal(int sig, void (*fn)(int sig, void *ctx), void *ctx)
{
	(void)sig;
	(void)fn;
	(void)ctx;
}

/* The last script that was started; a test says how it has ended. */
static void (*script_ended)(int status, void *ctx);
static void *script_ctx;

void server_on_child(int pid, void (*fn)(int status, void *ctx), void *ctx)
{
	(void)pid;
	script_ended = fn;
	script_ctx = ctx;
}

void server_stop(int status)
{
	(void)status;
}

/* --- net.c --------------------------------------------------------------------------- */

void net_send(struct iface *ifp, const struct endpoint *to, struct span datagram)
{
	(void)ifp;
	(void)to;
	(void)datagram;
}

void net_read(int fd, void *ifp);

void net_read(int fd, void *ifp)
{
	(void)fd;
	(void)ifp;
}

/* --- the kernel: what it was asked, a line each ---------------------------------------- */

static struct buf asked;
static err_t kernel_says;		/* the answer to everything */
static const char *refused;		/* this line alone gets an error */

static struct kernel_sa added;		/* the last one; its keys have gone */

/* The line that has just been written down. */
static err_t answer(void)
{
	const char *line = buf_str(&asked);
	size_t n = refused ? strlen(refused) : 0;

	if (n && asked.len >= n && !strcmp(line + asked.len - n, refused))
		return "no kernel memory";
	return kernel_says;
}

static err_t fake_init(struct pluto *p)
{
	(void)p;
	return NULL;
}

static void fake_fini(struct pluto *p)
{
	(void)p;
}

static err_t fake_get_spi(struct pluto *p, uint8_t proto, const struct addr *src,
			  const struct addr *dst, uint32_t *spi)
{
	(void)p;
	(void)proto;
	(void)src;
	(void)dst;
	*spi = 0x1234;
	return kernel_says;
}

static err_t fake_add_sa(struct pluto *p, const struct kernel_sa *sa)
{
	struct said_buf b;

	(void)p;
	added = *sa;
	buf_printf(&asked, "add %s\n", said_show(&sa->said, &b));
	return answer();
}

static err_t fake_del_sa(struct pluto *p, const struct said *said, const struct addr *src)
{
	struct said_buf b;

	(void)p;
	(void)src;
	buf_printf(&asked, "del %s\n", said_show(said, &b));
	return answer();
}

static err_t fake_group(struct pluto *p, const struct said *saids, size_t n)
{
	struct said_buf b;

	(void)p;
	buf_add_str(&asked, "group");
	for (size_t i = 0; i < n; i++)
		buf_printf(&asked, " %s", said_show(&saids[i], &b));
	buf_add_str(&asked, "\n");
	return answer();
}

static err_t fake_inbound_policy(struct pluto *p, const struct said *tun,
				 const struct selector *sel)
{
	struct subnet_buf s, d;
	struct said_buf b;

	(void)p;
	buf_printf(&asked, "policy %s %s -> %s\n", said_show(tun, &b), subnet_show(&sel->src, &s),
		   subnet_show(&sel->dst, &d));
	return answer();
}

static err_t fake_eroute(struct pluto *p, enum eroute_op op, const struct kernel_eroute *er)
{
	static const char *const ops[] = { "add", "replace", "delete" };
	struct subnet_buf s, d;
	struct said_buf b;

	(void)p;
	buf_printf(&asked, "eroute %s %s -> %s", ops[op], subnet_show(&er->sel.src, &s),
		   subnet_show(&er->sel.dst, &d));
	if (op != EROUTE_DELETE)
		buf_printf(&asked, " => %s", said_show(&er->said, &b));
	buf_add_str(&asked, "\n");
	return answer();
}

static bool fake_usage(struct pluto *p, const struct said *said, const struct addr *src,
		       struct kernel_usage *u)
{
	(void)p;
	(void)said;
	(void)src;
	(void)u;
	return false;
}

static bool fake_has_suite(struct pluto *p, uint8_t encrypt, uint8_t auth, unsigned int key_bits)
{
	(void)p;
	(void)encrypt;
	(void)auth;
	(void)key_bits;
	return true;
}

static const struct kernel_ops fake_kernel = {
	.name = "fake", .init = fake_init, .fini = fake_fini, .get_spi = fake_get_spi,
	.add_sa = fake_add_sa, .del_sa = fake_del_sa, .group = fake_group,
	.inbound_policy = fake_inbound_policy, .eroute = fake_eroute, .usage = fake_usage,
	.has_suite = fake_has_suite,
};

/* --- log and reply ------------------------------------------------------------------- */

static struct buf logged;
static struct buf said;			/* "NNN text\n" */

static MAYBE_UNUSED void keep_log(enum log_level level, const char *line)
{
	(void)level;
	buf_printf(&logged, "%s\n", line);
}

static void keep_line(struct reply *r, unsigned int code, const char *text)
{
	(void)r;
	buf_printf(&said, "%03u %s\n", code, text);
}

static void keep_close(struct reply *r)
{
	(void)r;
}

static struct reply whack = { .refs = 1, .line = keep_line, .close = keep_close };

/* --- one Pluto ----------------------------------------------------------------------- */

static struct pluto pluto;

static MAYBE_UNUSED struct addr addr_of(const char *text)
{
	struct addr a;

	assert_null(ttoaddr(span_str(text), &a));
	return a;
}

static MAYBE_UNUSED struct iface *give_iface(const char *vname, const char *addr)
{
	struct iface *ifp = xalloc(sizeof(*ifp));

	ifp->pluto = &pluto;
	ifp->vname = xstrdup(vname);
	ifp->pname = xstrdup("eth0");
	ifp->local = (struct endpoint){ .addr = addr_of(addr), .port = IKE_PORT };
	ifp->fd = -1;
	list_add(&pluto.ifaces, &ifp->link);
	return ifp;
}

static MAYBE_UNUSED int fresh(void **state)
{
	(void)state;
	pluto = (struct pluto){
		.kernel = &fake_kernel, .ike_port = IKE_PORT, .last_tun_spi = 0x1000,
		.uniqueids = true, .listening = true,
	};
	list_init(&pluto.connections);
	list_init(&pluto.ifaces);
	list_init(&pluto.exchanges);
	list_init(&pluto.isakmp_sas);
	list_init(&pluto.ipsec_sas);
	list_init(&pluto.pubkeys);
	kernel_says = refused = NULL;
	log_to(keep_log);
	buf_clear(&asked);
	buf_clear(&logged);
	buf_clear(&said);
	return 0;
}

static MAYBE_UNUSED int clean(void **state)
{
	struct connection *c;
	struct iface *ifp;

	(void)state;
	kernel_says = NULL;
	while ((c = LIST_FIRST(&pluto.connections, struct connection, link)))
		connection_delete(c, NULL);
	while ((ifp = LIST_FIRST(&pluto.ifaces, struct iface, link))) {
		list_del(&ifp->link);
		free(ifp->vname);
		free(ifp->pname);
		free(ifp);
	}
	updown_fini(&pluto);
	route_fini(&pluto);
	shunt_fini(&pluto);
	keys_fini(&pluto);
	buf_free(&asked);
	buf_free(&logged);
	buf_free(&said);
	log_to(NULL);
	return 0;
}

/* --- connections --------------------------------------------------------------------- */

/* What is not given is left out, as in ipsec.conf. */
struct asked_end {
	const char *host, *subnet, *id, *nexthop, *updown;
	uint16_t port;
	uint8_t proto;
};

struct asked_conn {
	const char *name, *whence;
	unsigned int type, authby, autostart;	/* authby 0: AUTHBY_PSK */
	bool replace, no_arrival_check;
	struct asked_end left, right;
};

static void add_asked_end(struct buf *b, const struct asked_end *e, unsigned int side)
{
	whack_msg_text(b, WK_HOST + side, e->host);
	whack_msg_text(b, WK_SUBNET + side, e->subnet);
	whack_msg_text(b, WK_ID + side, e->id);
	whack_msg_text(b, WK_NEXTHOP + side, e->nexthop);
	whack_msg_text(b, WK_UPDOWN + side, e->updown);
	if (e->proto)
		whack_msg_uint(b, WK_PROTO + side, e->proto);
	if (e->port)
		whack_msg_uint(b, WK_PORT + side, e->port);
}

static MAYBE_UNUSED struct connection *ask_for(const struct asked_conn *a)
{
	struct connection *c;
	struct whack_msg *m = xalloc(sizeof(*m));
	struct buf b = { 0 };

	whack_msg_start(&b, WHACK_CONNECTION);
	whack_msg_text(&b, WK_NAME, a->name);
	whack_msg_text(&b, WK_WHENCE, a->whence);
	whack_msg_uint(&b, WK_TYPE, a->type);
	whack_msg_uint(&b, WK_AUTHBY, a->authby ? a->authby : AUTHBY_PSK);
	whack_msg_uint(&b, WK_AUTO, a->autostart);
	whack_msg_flag(&b, WK_PFS);
	whack_msg_flag(&b, WK_REKEY);
	if (a->replace)
		whack_msg_flag(&b, WK_REPLACE);
	if (a->no_arrival_check)
		whack_msg_flag(&b, WK_NOARRIVALCHECK);
	add_asked_end(&b, &a->left, 0);
	add_asked_end(&b, &a->right, WK_RIGHT);
	assert_null(whack_msg_parse(buf_span(&b), m));
	c = connection_add(&pluto, m, &whack);
	buf_free(&b);
	free(m);
	return c;
}

static MAYBE_UNUSED void assert_said(const char *text)
{
	if (!strstr(buf_str(&said), text))
		fail_msg("not said: %s\nbut:\n%s", text, buf_str(&said));
}

static MAYBE_UNUSED void assert_asked(const char *text)
{
	assert_string_equal(buf_str(&asked), text);
	buf_clear(&asked);
}

#endif
