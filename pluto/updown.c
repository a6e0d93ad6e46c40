// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Scripts: what happens outside Pluto when a connection's route or tunnel changes.
 *
 *	updown_run -> queue of the peer's client -> posix_spawn -> output lines -> log
 *							`-> exit status -> next verb, or done()
 *
 * A route is known by the peer's client alone, so scripts for one client run one after
 * the other, whatever connection asked; those of different clients run side by side.
 * The loop never waits: a script's output is read as it comes, each line goes to the log,
 * and one that has not ended after TIME_LIMIT_MS is killed with all it started.
 *
 * The default, "ipsec _updown", is executed directly.  A command given by the administrator
 * (leftupdown=) is run by a shell, as ever; nothing that came from a peer is ever part
 * of it: that is in the environment, and only in characters that no shell expands.
 *
 * Interface version 1.1 of FreeS/WAN: PLUTO_* in the environment.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/alloc.h"
#include "pluto/iface.h"
#include "pluto/kernel.h"
#include "pluto/pluto.h"
#include "pluto/server.h"
#include "pluto/updown.h"

#define DEFAULT_SCRIPT	IPSEC_LIBEXECDIR "/_updown"
#define TIME_LIMIT_MS	30000
#define LINE_LEN_MAX	512
#define READS_MAX	64		/* of 1024 octets, after the end */
#define SCRIPT_PATH	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static const char *const verb_names[] = {
	[UPDOWN_PREPARE] = "prepare",
	[UPDOWN_ROUTE]	 = "route",
	[UPDOWN_UNROUTE] = "unroute",
	[UPDOWN_UP]	 = "up",
	[UPDOWN_DOWN]	 = "down",
};

struct script {
	struct list link;
	struct pluto *pluto;
	struct subnet client;		/* scripts of one client take turns */
	char verb[UPDOWN_VERBS_MAX][24];	/* "prepare-client", "route-client" */
	size_t n_verbs, at;
	char *prefix;			/* of log lines */
	char *command;			/* NULL: the default */
	char **env;
	struct reply *reply;
	updown_done *done;
	void *ctx;

	pid_t pid;			/* 0: waits */
	bool late;
	int status;
	int out;			/* its stdout and stderr, -1: closed */
	struct watch *watch;
	struct timer timer;
	struct buf line;
};

struct updown {
	struct list scripts;		/* in order of arrival */
	void (*when_idle)(struct pluto *p);
};

/* --- environment --------------------------------------------------------------------- */

/* Whatever a peer has called itself: nothing here means anything to a shell. */
static void add_env(char **env, size_t *n, const char *name, const char *value)
{
	char *entry = xasprintf("PLUTO_%s=%s", name, value);

	for (char *s = strchr(entry, '=') + 1; *s; s++)
		if (!((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') ||
		      (*s >= '0' && *s <= '9') || strchr("@._-:/=,+%#", *s)))
			*s = '?';
	env[(*n)++] = entry;
}

static void add_addr(char **env, size_t *n, const char *name, const struct addr *a)
{
	struct addr_buf ab;

	add_env(env, n, name, addr_show(a, &ab));
}

static void add_uint(char **env, size_t *n, const char *name, unsigned int v)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", v);
	add_env(env, n, name, text);
}

static struct subnet client_of(const struct end *e)
{
	return e->has_client ? e->client : subnet_of_host(&e->host);
}

/* PLUTO_MY_CLIENT and its kin. */
static void add_end(char **env, size_t *n, const char *who, const struct end *e)
{
	static const char *const what[] = { "_CLIENT", "_CLIENT_NET", "_CLIENT_MASK", "_ID",
					    "_PORT", "_PROTOCOL" };
	struct subnet client = client_of(e);
	struct addr mask = subnet_mask(&client);
	struct subnet_buf sb;
	struct buf id = { 0 };
	char name[6][32];

	for (size_t i = 0; i < ARRAY_SIZE(what); i++)
		snprintf(name[i], sizeof(name[i]), "%s%s", who, what[i]);
	add_env(env, n, name[0], subnet_show(&client, &sb));
	add_addr(env, n, name[1], &client.addr);
	add_addr(env, n, name[2], &mask);
	id_show(&e->id, &id);
	add_env(env, n, name[3], buf_str(&id));
	add_uint(env, n, name[4], e->port);
	add_uint(env, n, name[5], e->proto);
	buf_free(&id);
}

/* "-host" when our client is just our own address (of the IPsec host), else "-client". */
static void full_verb(const struct connection *c, enum updown_verb verb, char *out, size_t size)
{
	struct subnet own = subnet_of_host(&c->this.host);
	struct subnet client = client_of(&c->this);

	snprintf(out, size, "%s-%s%s", verb_names[verb],
		 subnet_eq(&own, &client) ? "host" : "client",
		 c->this.host.family == AF_INET6 ? "-v6" : "");
}

#define ENV_MAX		28
#define ENV_VERB	0

char **updown_env(const struct connection *c, enum updown_verb verb)
{
	const struct addr *hop = addr_is_set(&c->this.nexthop) ? &c->this.nexthop : &c->that.host;
	char **env = xalloc(ENV_MAX * sizeof(*env));
	char text[24];
	size_t n = ENV_VERB;

	full_verb(c, verb, text, sizeof(text));
	add_env(env, &n, "VERB", text);		/* at ENV_VERB */
	env[n++] = xstrdup(SCRIPT_PATH);
	add_env(env, &n, "VERSION", "1.1");
	add_env(env, &n, "CONNECTION", c->name);
	add_addr(env, &n, "NEXT_HOP", hop);
	add_env(env, &n, "INTERFACE", c->iface ? c->iface->vname : "");
	add_addr(env, &n, "ME", &c->this.host);
	add_end(env, &n, "MY", &c->this);
	add_addr(env, &n, "PEER", &c->that.host);
	add_end(env, &n, "PEER", &c->that);
	if (addr_is_set(&c->this.sourceip))
		add_addr(env, &n, "MY_SOURCEIP", &c->this.sourceip);
	return env;
}

void updown_env_free(char **env)
{
	for (size_t i = 0; env[i]; i++)
		free(env[i]);
	free(env);
}

/* --- one script ---------------------------------------------------------------------- */

static void start_next(struct pluto *p);

static void say(struct script *t, const char *fmt, ...) PRINTF(2, 3);

static void say(struct script *t, const char *fmt, ...)
{
	struct buf text = { 0 };
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	plog_pluto(t->pluto, t->reply, RC_LOG_SERIOUS, "%s%s", t->prefix, buf_str(&text));
	buf_free(&text);
}

static void flush_line(struct script *t)
{
	if (t->line.len)
		say(t, "%s output: %s", t->verb[t->at], buf_str(&t->line));
	buf_clear(&t->line);
}

static void script_free(struct script *t)
{
	list_del(&t->link);
	server_unwatch(t->watch);
	if (t->out >= 0)
		close(t->out);
	timer_clear(&t->timer);
	buf_free(&t->line);
	updown_env_free(t->env);
	free(t->command);
	free(t->prefix);
	free(t);
}

static void script_over(struct script *t)
{
	struct pluto *p = t->pluto;
	struct reply *reply = t->reply;
	updown_done *done = t->done;
	size_t n = t->at;
	void *ctx = t->ctx;

	script_free(t);
	if (done)
		done(p, n, ctx);
	reply_release(reply);
	start_next(p);
}

static void script_start(struct script *t);

/* The process has ended, and what it wrote has been read. */
static void verb_over(struct script *t)
{
	bool ok = !t->late && WIFEXITED(t->status) && WEXITSTATUS(t->status) == 0;
	const char *verb = t->verb[t->at];

	flush_line(t);
	if (t->late)
		say(t, "%s command did not end within %d seconds, killed", verb,
		    TIME_LIMIT_MS / 1000);
	else if (WIFSIGNALED(t->status))
		say(t, "%s command exited with signal %d", verb, WTERMSIG(t->status));
	else if (!ok)
		say(t, "%s command exited with status %d", verb, WEXITSTATUS(t->status));
	if (ok && ++t->at < t->n_verbs)
		script_start(t);
	else
		script_over(t);
}

static void close_output(struct script *t)
{
	server_unwatch(t->watch);
	t->watch = NULL;
	if (t->out >= 0)
		close(t->out);
	t->out = -1;
}

/* True: there may be more. */
static bool read_some(struct script *t)
{
	char chunk[1024];
	ssize_t n = read(t->out, chunk, sizeof(chunk));

	if (n < 0 && errno == EINTR)
		return true;
	if (n < 0 && errno == EAGAIN)
		return false;
	if (n <= 0) {
		close_output(t);
		return false;
	}
	for (ssize_t i = 0; i < n; i++) {
		if (chunk[i] == '\n' || t->line.len >= LINE_LEN_MAX)
			flush_line(t);
		if (chunk[i] != '\n')
			buf_add(&t->line, &chunk[i], 1);
	}
	return true;
}

static void script_output(int fd, void *ctx)
{
	(void)fd;
	read_some(ctx);
}

static void script_exited(int status, void *ctx)
{
	struct script *t = ctx;

	t->status = status;
	/* What it left running in the background may hold the pipe open: don't wait for that. */
	for (unsigned int i = 0; i < READS_MAX && t->out >= 0 && read_some(t); i++)
		;
	close_output(t);
	timer_clear(&t->timer);
	verb_over(t);
}

static void script_late(void *ctx)
{
	struct script *t = ctx;

	t->late = true;
	kill(-t->pid, SIGKILL);
}

static int spawn(struct script *t, int out)
{
	char *const direct[] = { (char *)(uintptr_t)DEFAULT_SCRIPT, NULL };
	char *const shell[] = { (char *)(uintptr_t)"sh", (char *)(uintptr_t)"-c", t->command,
				NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none, usual;
	int err;

	sigemptyset(&none);
	sigfillset(&usual);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
				 POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &usual);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	posix_spawn_file_actions_adddup2(&actions, out, 2);
	err = posix_spawn(&t->pid, t->command ? "/bin/sh" : DEFAULT_SCRIPT, &actions, &attr,
			  t->command ? shell : direct, t->env);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	return err;
}

static void cannot_start(void *ctx)
{
	struct script *t = ctx;

	t->status = 127 << 8;
	verb_over(t);
}

static void script_start(struct script *t)
{
	int fd[2] = { -1, -1 };
	int err;

	free(t->env[ENV_VERB]);
	t->env[ENV_VERB] = xasprintf("PLUTO_VERB=%s", t->verb[t->at]);
	err = pipe2(fd, O_CLOEXEC) ? errno : spawn(t, fd[1]);
	if (fd[1] >= 0)
		close(fd[1]);
	t->out = fd[0];
	if (err) {
		say(t, "cannot run %s: %s", t->command ? t->command : DEFAULT_SCRIPT,
		    strerror(err));
		close_output(t);
		t->pid = -1;
		server_defer(cannot_start, t);
		return;
	}
	fcntl(t->out, F_SETFL, O_NONBLOCK);
	t->watch = server_watch(t->out, script_output, t);
	timer_set(&t->timer, TIME_LIMIT_MS, script_late, t);
	server_on_child(t->pid, script_exited, t);
}

/* --- the queue ----------------------------------------------------------------------- */

/* Does one before t have the same client? */
static bool must_wait(const struct updown *u, const struct script *t)
{
	struct script *before;

	LIST_EACH(before, &u->scripts, struct script, link) {
		if (before == t)
			return false;
		if (subnet_eq(&before->client, &t->client))
			return true;
	}
	return false;
}

static void start_next(struct pluto *p)
{
	struct updown *u = p->updown;
	struct script *t;

	LIST_EACH(t, &u->scripts, struct script, link)
		if (t->pid == 0 && !must_wait(u, t))
			script_start(t);
	if (list_empty(&u->scripts) && u->when_idle) {
		void (*fn)(struct pluto *) = u->when_idle;

		u->when_idle = NULL;
		fn(p);
	}
}

static struct updown *updown_of(struct pluto *p)
{
	if (!p->updown) {
		p->updown = xalloc(sizeof(*p->updown));
		list_init(&p->updown->scripts);
	}
	return p->updown;
}

void updown_run(const struct connection *c, const enum updown_verb *verbs, size_t n,
		const struct subject *s, updown_done *done, void *ctx)
{
	struct updown *u = updown_of(c->pluto);
	struct buf prefix = { 0 };
	struct script *t;

	if (n == 0 || !c->pluto->kernel->devices) {
		if (done)
			done(c->pluto, n, ctx);
		return;
	}
	t = xalloc(sizeof(*t));
	for (t->n_verbs = 0; t->n_verbs < n && t->n_verbs < UPDOWN_VERBS_MAX; t->n_verbs++)
		full_verb(c, verbs[t->n_verbs], t->verb[t->n_verbs], sizeof(t->verb[0]));
	plog_prefix(s, &prefix);
	t->prefix = xstrdup(buf_str(&prefix));
	t->pluto = c->pluto;
	t->client = client_of(&c->that);
	t->command = xstrdup(c->this.updown);
	t->env = updown_env(c, verbs[0]);
	t->reply = reply_hold(s->reply);
	t->done = done;
	t->ctx = ctx;
	t->out = -1;
	buf_free(&prefix);
	list_add(&u->scripts, &t->link);
	start_next(c->pluto);
}

void updown_when_idle(struct pluto *p, void (*fn)(struct pluto *p))
{
	struct updown *u = updown_of(p);

	u->when_idle = fn;
	start_next(p);
}

void updown_fini(struct pluto *p)
{
	struct updown *u = p->updown;
	struct script *t;

	if (!u)
		return;
	while ((t = LIST_FIRST(&u->scripts, struct script, link))) {
		if (t->pid > 0)
			kill(-t->pid, SIGKILL);
		reply_release(t->reply);
		script_free(t);
	}
	free(u);
	p->updown = NULL;
}
