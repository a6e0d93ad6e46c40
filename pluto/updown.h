/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scripts that routes and firewalls are set by: leftupdown=, ipsec__updown(8).
 */
#ifndef PLUTO_UPDOWN_H
#define PLUTO_UPDOWN_H

#include "pluto/connection.h"
#include "pluto/plog.h"

enum updown_verb { UPDOWN_PREPARE, UPDOWN_ROUTE, UPDOWN_UNROUTE, UPDOWN_UP, UPDOWN_DOWN };

#define UPDOWN_VERBS_MAX 3

/* done: how many have exited with 0, one after the other from the first. */
typedef void updown_done(struct pluto *p, size_t done, void *ctx);

/*
 * Run the script of c for each of the n verbs in turn, up to the first that fails, and after
 * those that wait for the same peer's client.  All that is needed is copied: c may go
 * meanwhile.  s gives the prefix of the log lines; its reply is held until the end.  done (may
 * be NULL) is called then, always; without ipsecN devices nothing is run and it is at once.
 */
void updown_run(const struct connection *c, const enum updown_verb *verbs, size_t n,
		const struct subject *s, updown_done *done, void *ctx);
/* fn(p) once no script runs or waits: at once if that is so now. */
void updown_when_idle(struct pluto *p, void (*fn)(struct pluto *p));
/* Forget what waits, stop what runs. */
void updown_fini(struct pluto *p);

/* --- for tests ----------------------------------------------------------------------- */

/* The environment, as "NAME=value" strings ending with NULL; updown_env_free() it. */
char **updown_env(const struct connection *c, enum updown_verb verb);
void updown_env_free(char **env);

#endif
