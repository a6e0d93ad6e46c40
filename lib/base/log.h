/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where messages go: stderr, a file or syslog, chosen once at start.
 *
 * Programs say log_msg(); Pluto puts its own prefixes on top (plog.h).  Debug text
 * is compiled in and switched by class bits.  There is no way to print a struct secret.
 */
#ifndef LIB_BASE_LOG_H
#define LIB_BASE_LOG_H

#include <stdarg.h>

#include "lib/base/span.h"

enum log_level { LOG_LVL_ERROR, LOG_LVL_WARNING, LOG_LVL_NOTICE, LOG_LVL_INFO, LOG_LVL_DEBUG };

enum log_class {
	DBG_RAW = 1 << 0, DBG_CRYPT = 1 << 1, DBG_PARSING = 1 << 2, DBG_EMITTING = 1 << 3,
	DBG_CONTROL = 1 << 4, DBG_LIFECYCLE = 1 << 5, DBG_KLIPS = 1 << 6, DBG_DNS = 1 << 7,
	DBG_OPPO = 1 << 8, DBG_CONTROLMORE = 1 << 9, DBG_PFKEY = 1 << 10,
	DBG_ALL = (1 << 11) - 1
};

extern unsigned int log_debug_classes;

/* A sink receives one line without newline. */
typedef void log_sink(enum log_level level, const char *line);

void log_to_stderr(const char *program);
void log_to_syslog(const char *program);
err_t log_to_file(const char *program, const char *path);
void log_to(log_sink *sink);			/* tests collect lines this way */

void log_msg(enum log_level level, const char *fmt, ...) PRINTF(2, 3);
void log_vmsg(enum log_level level, const char *fmt, va_list ap) PRINTF(2, 0);
void log_debug(const char *fmt, ...) PRINTF(1, 2);	/* through dbg() */

#define dbg(cls, ...) do { \
		if (log_debug_classes & (cls)) \
			log_debug(__VA_ARGS__); \
	} while (0)

/* "crypt" -> DBG_CRYPT; false when unknown.  And the sum as "crypt+parsing", or "none". */
bool log_class_by_name(struct span name, unsigned int *bits);
const char *log_classes_show(unsigned int bits, char *out, size_t size);

#endif
