/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a tool ends when it cannot go on: a line on standard error, and an exit status.
 *
 * A program that uses this defines tool_name and tool_usage.
 */
#ifndef UTILS_COMMON_DIE_H
#define UTILS_COMMON_DIE_H

#include "lib/base/span.h"

/* "eroute", and what --help prints. */
extern const char tool_name[];
extern const char tool_usage[];

#define TOOL_MISUSED	2	/* exit status of most for a wrong command line */

/* "ipsec eroute", or with the label that was set: it starts every message. */
const char *tool_prefix(void);
void tool_set_label(const char *label);

/* Say why and exit; TOOL_MISUSED shows the usage, too. */
_Noreturn void tool_die(int status, const char *fmt, ...) PRINTF(2, 3);
/* Say why and exit with status 1. */
_Noreturn void tool_fail(const char *fmt, ...) PRINTF(1, 2);

#endif
