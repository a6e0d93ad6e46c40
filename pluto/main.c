// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pluto, FreeS/WAN's IKE daemon: start and end.
 *
 *	options -> fork -> lock -> self test -> privileges -> loop, kernel, socket
 *							`-> "Pluto initialized" -> run
 *
 * The parent waits until the child serves the control socket, or has failed, and exits
 * with 0, 1, or 10 when another Pluto holds the lock: whoever starts Pluto can use
 * whack at once, or knows why not.
 *
 * The lock is a file lock on PATH.pid and vanishes with the process, however that ends.
 * A pid file without a lock is a dead Pluto's.  What that one left in the kernel
 * (SAs, eroutes) stays and goes on protecting packets until connections replace it.
 *
 * Keys are in this process: no core file, no ptrace, and no more capabilities than
 * PF_KEY, port 500 and the scripts need.
 */
#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/alloc.h"
#include "lib/base/log.h"
#include "lib/crypto/crypto.h"
#include "pluto/eroute.h"
#include "pluto/iface.h"
#include "pluto/initiate.h"
#include "pluto/job.h"
#include "pluto/kernel.h"
#include "pluto/keys.h"
#include "pluto/options.h"
#include "pluto/plog.h"
#include "pluto/server.h"
#include "pluto/shunt.h"
#include "pluto/updown.h"
#include "pluto/whack.h"

#define EXIT_LOCKED	10		/* ipsec_pluto(8) */
#define WORKERS		2

/* --- before anything else ------------------------------------------------------------ */

static void guard_memory(void)
{
	struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
	umask(022);			/* what scripts inherit; our own files are explicit */
}

/* 0, 1 and 2 are open whatever we were started from: no socket ever gets their numbers. */
static void open_standard_files(void)
{
	int fd = open("/dev/null", O_RDWR);

	while (fd >= 0 && fd < 2)
		fd = dup(fd);
	if (fd > 2)
		close(fd);
}

static void drop_capabilities(void)
{
	if (geteuid() != 0)
		return;			/* --noklips for anybody: there is nothing to drop */
	capng_clear(CAPNG_SELECT_BOTH);
	/* The scripts inherit the same set: they set routes, addresses and firewalls. */
	capng_updatev(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_BOUNDING_SET,
		      CAP_NET_ADMIN, CAP_NET_BIND_SERVICE, CAP_NET_RAW, -1);
	if (capng_apply(CAPNG_SELECT_BOTH))
		log_msg(LOG_LVL_WARNING, "cannot drop capabilities: %s", strerror(errno));
}

/* --- the lock ------------------------------------------------------------------------ */

struct lock {
	char *path;
	int fd;
	bool stale;			/* a dead Pluto's file was there */
};

/* Exits when another Pluto runs. */
static struct lock take_lock(const struct pluto *p)
{
	struct lock l = { .path = xasprintf("%s.pid", p->ctlbase) };
	struct stat st;

	l.fd = open(l.path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (l.fd < 0) {
		fprintf(stderr, "pluto: cannot make lock file \"%s\": %s\n", l.path,
			strerror(errno));
		exit(1);
	}
	if (flock(l.fd, LOCK_EX | LOCK_NB)) {
		fprintf(stderr, "pluto: lock file \"%s\" is held by another Pluto\n", l.path);
		exit(EXIT_LOCKED);
	}
	l.stale = !fstat(l.fd, &st) && st.st_size > 0;
	if (ftruncate(l.fd, 0) || dprintf(l.fd, "%ld\n", (long)getpid()) < 0) {
		fprintf(stderr, "pluto: cannot write lock file \"%s\": %s\n", l.path,
			strerror(errno));
		exit(1);
	}
	return l;
}

static void release_lock(struct lock *l)
{
	unlink(l->path);
	close(l->fd);
	free(l->path);
}

static void make_directory(const struct pluto *p)
{
	char *dir = xstrdup(p->ctlbase);
	char *slash = strrchr(dir, '/');

	if (slash && slash != dir) {
		*slash = '\0';
		if (mkdir(dir, 0700) && errno != EEXIST)
			fprintf(stderr, "pluto: cannot make %s: %s\n", dir, strerror(errno));
	}
	free(dir);
}

/* --- parent and child ---------------------------------------------------------------- */

/* In the child: the descriptor on which to say that all is well.  The parent never returns. */
static int go_into_background(void)
{
	int fd[2], status;
	char ok;
	pid_t pid;

	if (pipe2(fd, O_CLOEXEC)) {
		perror("pluto: pipe");
		exit(1);
	}
	pid = fork();
	if (pid < 0) {
		perror("pluto: fork");
		exit(1);
	}
	if (pid == 0) {
		close(fd[0]);
		setsid();
		return fd[1];
	}
	close(fd[1]);
	if (read(fd[0], &ok, 1) == 1)
		_exit(0);
	if (waitpid(pid, &status, 0) == pid && WIFEXITED(status))
		_exit(WEXITSTATUS(status));
	_exit(1);
}

static void say_ready(int ready, const struct options *o)
{
	int null;

	if (o->nofork) {
		printf("Pluto initialized\n");
		fflush(stdout);
		return;
	}
	if (write(ready, "", 1) != 1)
		log_msg(LOG_LVL_WARNING, "who started Pluto did not wait");
	close(ready);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	if (!o->stderrlog)
		dup2(null, STDERR_FILENO);
	close(null);
}

/* --- signals ------------------------------------------------------------------------- */

static void on_term(int sig, void *ctx)
{
	(void)sig;
	pluto_shutdown(ctx, NULL);
}

static void on_hup(int sig, void *ctx)
{
	(void)sig;
	plog_pluto(ctx, NULL, RC_LOG,
		   "Pluto ignores SIGHUP -- perhaps you want \"whack --listen\"");
}

/* --- start and end ------------------------------------------------------------------- */

static void pluto_init(struct pluto *p)
{
	*p = (struct pluto){
		.ctlbase = (char *)(uintptr_t)IPSEC_RUNDIR "/pluto",
		.secretsfile = (char *)(uintptr_t)IPSEC_CONFDIR "/ipsec.secrets",
		.ike_port = IKE_PORT,
		.last_tun_spi = 0x1000,
		.kernel = &kernel_klips,
	};
	list_init(&p->connections);
	list_init(&p->ifaces);
	list_init(&p->exchanges);
	list_init(&p->isakmp_sas);
	list_init(&p->ipsec_sas);
	list_init(&p->pubkeys);
}

static void self_test(void)
{
	err_t ugh = crypto_selftest();

	if (!ugh)
		return;
	log_msg(LOG_LVL_ERROR, "cryptographic self test failed: %s; not starting", ugh);
	exit(1);
}

static void say_leftovers(struct pluto *p, const struct lock *lock)
{
	size_t n = p->kernel->leftovers ? p->kernel->leftovers(p) : 0;

	if (n)
		plog_pluto(p, NULL, RC_LOG, "found %zu SAs in the kernel that this Pluto did not "
			   "make%s: they and their eroutes stay until connections replace them, "
			   "or ipsec setup restart clears them", n,
			   lock->stale ? " (the last one died)" : "");
	else if (lock->stale)
		plog_pluto(p, NULL, RC_LOG, "the last Pluto died without shutting down; nothing of "
			   "it is left in the kernel");
}

static err_t start(struct pluto *p, const struct lock *lock)
{
	err_t ugh = p->kernel->init(p);

	if (ugh)
		return ugh;
	plog_pluto(p, NULL, RC_LOG, "Using %s IPsec interface code", p->kernel->name);
	say_leftovers(p, lock);
	ike_init(p);
	server_on_signal(SIGTERM, on_term, p);
	server_on_signal(SIGINT, on_term, p);
	server_on_signal(SIGHUP, on_hup, p);
	return whack_open(p);
}

static void finish(struct pluto *p)
{
	updown_fini(p);
	route_fini(p);
	shunt_fini(p);
	iface_close_all(p);
	job_fini();
	if (p->secrets)
		plog_pluto(p, NULL, RC_LOG, "forgetting secrets");
	keys_fini(p);
	whack_close(p);
	p->kernel->fini(p);
	server_fini();
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	struct pluto pluto;
	struct lock lock;
	int ready = -1, status;
	err_t ugh;

	open_standard_files();
	guard_memory();
	pluto_init(&pluto);
	options_read(argc, argv, &o, &pluto);
	log_debug_classes = pluto.debug;
	if (o.selftest) {
		log_to_stderr("pluto");
		self_test();
		printf("all tests passed\n");
		return 0;
	}

	if (!o.nofork)
		ready = go_into_background();
	make_directory(&pluto);
	lock = take_lock(&pluto);
	if (o.stderrlog)
		log_to_stderr("pluto");
	else
		log_to_syslog("pluto");
	log_msg(LOG_LVL_NOTICE, "Starting Pluto (FreeS/WAN Version %s)", IPSEC_VERSION);
	self_test();
	drop_capabilities();
	signal(SIGPIPE, SIG_IGN);
	server_init();
	job_threads(WORKERS);

	ugh = start(&pluto, &lock);
	if (ugh) {
		log_msg(LOG_LVL_ERROR, "cannot start: %s", ugh);
		fprintf(stderr, "pluto: cannot start: %s\n", ugh);
		release_lock(&lock);
		return 1;
	}
	say_ready(ready, &o);
	status = server_run();
	finish(&pluto);
	release_lock(&lock);
	options_free(&o);
	return status;
}
