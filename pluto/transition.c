// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * States by name, and the row that fits.
 *
 * States are FreeS/WAN's, with their numbers, since 100 + state is what whack shows and
 * scripts look for; those added since are behind them.  Stories are what the log and
 * the status tell of a state.
 */
#include "pluto/transition.h"

static const struct {
	const char *name, *story;
	bool terminal;
} states[STATE_MAX] = {
	[STATE_UNDEFINED] = { "STATE_UNDEFINED", "not defined and probably dead (internal)" },
	[STATE_MAIN_R0] = { "STATE_MAIN_R0", "expecting MI1" },
	[STATE_MAIN_I1] = { "STATE_MAIN_I1", "sent MI1, expecting MR1" },
	[STATE_MAIN_R1] = { "STATE_MAIN_R1", "sent MR1, expecting MI2" },
	[STATE_MAIN_I2] = { "STATE_MAIN_I2", "sent MI2, expecting MR2" },
	[STATE_MAIN_R2] = { "STATE_MAIN_R2", "sent MR2, expecting MI3" },
	[STATE_MAIN_I3] = { "STATE_MAIN_I3", "sent MI3, expecting MR3" },
	[STATE_MAIN_R3] = { "STATE_MAIN_R3", "sent MR3, ISAKMP SA established", true },
	[STATE_MAIN_I4] = { "STATE_MAIN_I4", "ISAKMP SA established", true },
	[STATE_QUICK_R0] = { "STATE_QUICK_R0", "expecting QI1" },
	[STATE_QUICK_I1] = { "STATE_QUICK_I1", "sent QI1, expecting QR1" },
	[STATE_QUICK_R1] = { "STATE_QUICK_R1",
			     "sent QR1, inbound IPsec SA installed, expecting QI2" },
	[STATE_QUICK_I2] = { "STATE_QUICK_I2", "sent QI2, IPsec SA established", true },
	[STATE_QUICK_R2] = { "STATE_QUICK_R2", "IPsec SA established", true },
	[STATE_INFO] = { "STATE_INFO", "got Informational Message in clear", true },
	[STATE_INFO_PROTECTED] = { "STATE_INFO_PROTECTED",
				   "got encrypted Informational Message", true },
	[STATE_MAIN_I0] = { "STATE_MAIN_I0", "about to send MI1" },
	[STATE_QUICK_I0] = { "STATE_QUICK_I0", "about to send QI1" },
};

const struct mode *const modes[] = { &main_mode, &quick_mode, &info_mode };
const size_t n_modes = ARRAY_SIZE(modes);

const char *state_name(enum state s)
{
	return (unsigned int)s < STATE_MAX && states[s].name ? states[s].name : "STATE_???";
}

const char *state_story(enum state s)
{
	return (unsigned int)s < STATE_MAX && states[s].story ? states[s].story : "";
}

bool state_is_terminal(enum state s)
{
	return (unsigned int)s < STATE_MAX && states[s].terminal;
}

const struct mode *mode_by_exchange(uint8_t exchange)
{
	for (size_t i = 0; i < n_modes; i++)
		if (modes[i]->exchange == exchange)
			return modes[i];
	return NULL;
}

const struct transition *transition_find(const struct mode *mode, enum state from,
					 unsigned int auth)
{
	for (size_t i = 0; i < mode->n; i++)
		if (mode->rows[i].from == from &&
		    (mode->rows[i].auth == AUTH_ANY || (mode->rows[i].auth & 1u << auth)))
			return &mode->rows[i];
	return NULL;
}
