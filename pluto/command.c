// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The verbs of whack: their rows, and what each row's message must hold.
 *
 * The rows live in cmd_*.c.  What they need and may have is checked here, so a command
 * starts with the certainty that its keys are there.
 */
#include <stddef.h>

#include "pluto/connection.h"
#include "pluto/plog.h"
#include "pluto/whack.h"

static const struct whack_cmd *const cmds[] = {
	&cmd_connection, &cmd_delete, &cmd_listen, &cmd_unlisten, &cmd_route, &cmd_unroute,
	&cmd_initiate, &cmd_terminate, &cmd_status, &cmd_shutdown, &cmd_rereadsecrets,
	&cmd_key, &cmd_deletestate, &cmd_debug, &cmd_listpubkeys,
};

static const struct whack_cmd *find(enum whack_verb verb)
{
	for (size_t i = 0; i < ARRAY_SIZE(cmds); i++)
		if (cmds[i]->verb == verb)
			return cmds[i];
	return NULL;
}

static bool listed(const enum whack_key *keys, unsigned int key)
{
	for (size_t i = 0; i < WHACK_CMD_KEYS && keys[i] != WK_NONE; i++)
		if (keys[i] == key)
			return true;
	return false;
}

static bool complain(struct pluto *p, struct reply *r, const struct whack_cmd *cmd,
		     const char *what, unsigned int key)
{
	const struct whack_key_desc *desc = whack_key_find(key);
	const char *verb = whack_verb_name(cmd->verb);

	plog_pluto(p, r, RC_BADWHACKMESSAGE, "ignoring message from whack: --%s %s --%s",
		   verb ? verb : "?", what, desc && desc->option ? desc->option : "?");
	return false;
}

static bool keys_fit(struct pluto *p, const struct whack_msg *m, const struct whack_cmd *cmd,
		     struct reply *r)
{
	for (size_t i = 0; i < WHACK_CMD_KEYS && cmd->need[i] != WK_NONE; i++)
		if (!whack_has(m, cmd->need[i]))
			return complain(p, r, cmd, "needs", cmd->need[i]);
	if (cmd->any_key)
		return true;
	for (unsigned int key = WK_NONE + 1; key < WK_MAX; key++)
		if (m->present[key] && !listed(cmd->need, key) && !listed(cmd->may, key))
			return complain(p, r, cmd, "does not go with", key);
	return true;
}

void whack_run(struct pluto *p, const struct whack_msg *m, struct reply *r)
{
	const struct whack_cmd *cmd = find(m->verb);
	struct whack_ctx w = { .p = p, .m = m, .reply = r, .name = whack_get_text(m, WK_NAME) };

	if (!cmd) {
		plog_pluto(p, r, RC_BADWHACKMESSAGE,
			   "ignoring message from whack: unknown verb %u", (unsigned int)m->verb);
		return;
	}
	if (p->shutting_down && cmd != &cmd_status) {
		plog_pluto(p, r, RC_WHACK_PROBLEM, "Pluto is shutting down");
		return;
	}
	if (keys_fit(p, m, cmd, r))
		cmd->run(&w);
}

struct connection *whack_connection(struct whack_ctx *w)
{
	struct connection *c = connection_by_name(w->p, w->name);

	if (!c)
		plog_pluto(w->p, w->reply, RC_UNKNOWN_NAME, "no connection named \"%s\"", w->name);
	return c;
}

bool whack_ready(struct whack_ctx *w, struct connection *c, const char *what)
{
	if (!w->p->listening) {
		plog_pluto(w->p, w->reply, RC_DEAF, "need --listen before %s", what);
		return false;
	}
	if (!connection_orient(c)) {
		connection_say_unoriented(c, w->reply);
		return false;
	}
	return true;
}
