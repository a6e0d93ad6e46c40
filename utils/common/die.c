/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last words of a tool.
 *
 * What it has printed so far goes out first, so that the two do not mix where both end
 * up in one place.
 */
#include "utils/common/die.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const char *label;

void tool_set_label(const char *text)
{
	label = text;
}

const char *tool_prefix(void)
{
	static char prefix[160];

	if (label)
		snprintf(prefix, sizeof(prefix), "ipsec %s --label %s", tool_name, label);
	else
		snprintf(prefix, sizeof(prefix), "ipsec %s", tool_name);
	return prefix;
}

static void say(int status, const char *fmt, va_list ap) PRINTF(2, 0);

static void say(int status, const char *fmt, va_list ap)
{
	fflush(stdout);
	fprintf(stderr, "%s: ", tool_prefix());
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	if (status == TOOL_MISUSED)
		fputs(tool_usage, stderr);
}

void tool_die(int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(status, fmt, ap);
	va_end(ap);
	exit(status);
}

void tool_fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(1, fmt, ap);
	va_end(ap);
	exit(1);
}
