/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Data as text: hexadecimal, base64, numbers, durations; FreeS/WAN's ttodata forms.
 */
#ifndef LIB_BASE_TEXT_H
#define LIB_BASE_TEXT_H

#include "lib/base/buf.h"
#include "lib/base/secret.h"

/* Decimal, or 0x hexadecimal; all of text; at most max. */
err_t text_to_u64(struct span text, uint64_t max, uint64_t *v);
/* "3600", "3600s", "1.5h", "10m", "8h", "1d": seconds. */
err_t text_to_duration(struct span text, uint64_t *seconds);
/* 0x hex (underscores allowed), 0s base64, 0t text: appended to *out. */
err_t text_to_data(struct span text, struct buf *out);
/* The same into a secret, with no copy left behind; *out is replaced, or untouched on error. */
err_t text_to_secret(struct span text, struct secret *out);
err_t text_to_hex(struct span text, struct buf *out);		/* no prefix; underscores allowed */
err_t text_to_base64(struct span text, struct buf *out);	/* no prefix; blanks skipped */
void data_to_hex(struct span data, struct buf *out);
void data_to_base64(struct span data, struct buf *out);
/* Append with everything but printable ASCII shown as \ooo: for peers' text in logs. */
void data_to_printable(struct span data, struct buf *out);
/* Append as a POSIX shell word in single quotes. */
void data_to_shell(struct span data, struct buf *out);

#endif
