/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where messages go.
 *
 * A program picks one sink at its start; until then messages go to stderr.  Every
 * message is one line: control characters in it, which could only come from outside, are shown
 * as '?' so that no peer writes lines, or moves the cursor, in an operator's log.  Text of a
 * peer should come through data_to_printable() anyway.
 *
 * Threads may log; a line is written by one call.
 */
#include "lib/base/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/names.h"
#include "lib/base/buf.h"

#define LINE_MAX_LEN 2048

unsigned int log_debug_classes;

static const char *prog;
static FILE *file;

static void stderr_sink(enum log_level level, const char *line)
{
	(void)level;
	if (prog)
		fprintf(stderr, "%s: %s\n", prog, line);
	else
		fprintf(stderr, "%s\n", line);
}

static void syslog_sink(enum log_level level, const char *line)
{
	static const int priority[] = {
		[LOG_LVL_ERROR]   = LOG_ERR,
		[LOG_LVL_WARNING] = LOG_WARNING,
		[LOG_LVL_NOTICE]  = LOG_NOTICE,
		[LOG_LVL_INFO]    = LOG_INFO,
		[LOG_LVL_DEBUG]   = LOG_DEBUG,
	};

	syslog(priority[level], "%s", line);
}

static void file_sink(enum log_level level, const char *line)
{
	time_t now = time(NULL);
	char when[32] = "";
	struct tm tm;

	(void)level;
	if (localtime_r(&now, &tm))
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S ", &tm);
	fprintf(file, "%s%s[%ld]: %s\n", when, prog, (long)getpid(), line);
	fflush(file);
}

static log_sink *current = stderr_sink;

static void close_file(void)
{
	if (file)
		fclose(file);
	file = NULL;
}

void log_to_stderr(const char *program)
{
	close_file();
	prog = program;
	current = stderr_sink;
}

void log_to_syslog(const char *program)
{
	close_file();
	prog = program;
	openlog(program, LOG_PID, LOG_AUTHPRIV);
	current = syslog_sink;
}

err_t log_to_file(const char *program, const char *path)
{
	FILE *f = fopen(path, "ae");

	if (!f)
		return errno == ENOENT ? "no such directory" :
		       errno == EACCES ? "permission denied" : "cannot be opened for writing";
	close_file();
	file = f;
	prog = program;
	current = file_sink;
	return NULL;
}

void log_to(log_sink *sink)
{
	current = sink ? sink : stderr_sink;
}

void log_vmsg(enum log_level level, const char *fmt, va_list ap)
{
	int saved = errno;
	char line[LINE_MAX_LEN];

	vsnprintf(line, sizeof(line), fmt, ap);
	for (char *p = line; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = *p == '\t' ? ' ' : '?';
	current(level, line);
	errno = saved;
}

void log_msg(enum log_level level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_vmsg(level, fmt, ap);
	va_end(ap);
}

void log_debug(const char *fmt, ...)
{
	char line[LINE_MAX_LEN];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	log_msg(LOG_LVL_DEBUG, "| %s", line);
}

static const struct name class_tab[] = {
	{ DBG_RAW,		"raw" },
	{ DBG_CRYPT,		"crypt" },
	{ DBG_PARSING,		"parsing" },
	{ DBG_EMITTING,		"emitting" },
	{ DBG_CONTROL,		"control" },
	{ DBG_LIFECYCLE,	"lifecycle" },
	{ DBG_KLIPS,		"klips" },
	{ DBG_DNS,		"dns" },
	{ DBG_OPPO,		"oppo" },
	{ DBG_CONTROLMORE,	"controlmore" },
	{ DBG_PFKEY,		"pfkey" },
	{ DBG_ALL,		"all" },
	{ 0,			"none" },
};
static NAMES(class_names, class_tab);

bool log_class_by_name(struct span name, unsigned int *bits)
{
	return name_find(&class_names, name, bits);
}

const char *log_classes_show(unsigned int bits, char *out, size_t size)
{
	struct buf text = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(class_tab); i++)
		if (class_tab[i].value != DBG_ALL && (bits & class_tab[i].value))
			buf_printf(&text, "%s%s", text.len ? "+" : "", class_tab[i].text);
	snprintf(out, size, "%s", text.len ? buf_str(&text) : "none");
	buf_free(&text);
	return out;
}
