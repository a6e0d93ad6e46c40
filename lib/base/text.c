/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Data as text, both ways: numbers, durations, hexadecimal, base64.
 *
 * The data forms are those of FreeS/WAN's files: 0x hexadecimal with underscores where
 * they help the eye, 0s base64 (RFC 4648 section 4), 0t the text itself.  Whatever is
 * read is read whole: junk behind a good number is an error.  What a failing function
 * appended to a buf is taken back.
 */
#include "lib/base/text.h"

#include <string.h>

static int hex_value(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool is_hex(struct span text)
{
	return span_starts(text, "0x") || span_starts(text, "0X");
}

err_t text_to_u64(struct span text, uint64_t max, uint64_t *v)
{
	unsigned int base = is_hex(text) ? 16 : 10;
	uint64_t n = 0;

	if (base == 16)
		text = span_skip(text, 2);
	if (text.len == 0)
		return "no digits where a number is expected";
	for (size_t i = 0; i < text.len; i++) {
		int d = hex_value(text.ptr[i]);

		if (d < 0 || (unsigned int)d >= base)
			return base == 16 ? "not a hexadecimal digit in number" :
					    "not a digit in number";
		if (n > (UINT64_MAX - (unsigned int)d) / base)
			return "number too large";
		n = n * base + (unsigned int)d;
	}
	if (n > max)
		return "number too large";
	*v = n;
	return NULL;
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* The seconds in a unit; 0 when it is none. */
static uint64_t unit_seconds(struct span unit)
{
	static const struct { const char *name; uint64_t seconds; } tab[] = {
		{ "", 1 }, { "s", 1 }, { "m", 60 }, { "h", 3600 }, { "d", 86400 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(tab); i++)
		if (span_is(unit, tab[i].name))
			return tab[i].seconds;
	return 0;
}

err_t text_to_duration(struct span text, uint64_t *seconds)
{
	uint64_t whole = 0, fraction = 0, scale = 1, unit;
	struct span digits = text, point = SPAN_EMPTY;
	err_t ugh;

	if (text.len > 0 && !is_digit(text.ptr[text.len - 1]))
		digits.len--;
	unit = unit_seconds(span_skip(text, digits.len));
	if (unit == 0)
		return "unit of a duration is not s, m, h or d";
	if (is_hex(digits))
		return "duration is not a decimal number";
	if (span_split(digits, '.', &digits, &point)) {
		if (point.len == 0 || point.len > 6)
			return "fraction of a duration does not have 1 to 6 digits";
		ugh = text_to_u64(point, UINT64_MAX, &fraction);
		if (ugh)
			return ugh;
		for (size_t i = 0; i < point.len; i++)
			scale *= 10;
	}
	/* Ten thousand years of seconds: nobody means more, and nothing overflows. */
	ugh = text_to_u64(digits, 315360000000 / unit, &whole);
	if (ugh)
		return ugh;
	*seconds = whole * unit + fraction * unit / scale;
	return NULL;
}

err_t text_to_hex(struct span text, struct buf *out)
{
	size_t start = out->len;
	int high = -1;

	for (size_t i = 0; i < text.len; i++) {
		int d = hex_value(text.ptr[i]);

		if (text.ptr[i] == '_')
			continue;
		if (d < 0) {
			out->len = start;
			return "not a hexadecimal digit in data";
		}
		if (high < 0) {
			high = d;
		} else {
			buf_add_u8(out, (uint8_t)(high << 4 | d));
			high = -1;
		}
	}
	if (high >= 0) {
		out->len = start;
		return "odd number of hexadecimal digits";
	}
	if (out->len == start)
		return "no hexadecimal digits";
	return NULL;
}

static const char base64_digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int base64_value(uint8_t c)
{
	const char *at = c ? strchr(base64_digits, c) : NULL;

	return at ? (int)(at - base64_digits) : -1;
}

/* Four digits, of which pad at the end were '='. */
static err_t base64_group(const int digit[4], unsigned int pad, struct buf *out)
{
	uint32_t v = (uint32_t)(digit[0] << 18 | digit[1] << 12 | digit[2] << 6 | digit[3]);

	if (pad > 2)
		return "base64 ends in the middle of an octet";
	if ((pad == 1 && (v & 0xff)) || (pad == 2 && (v & 0xffff)))
		return "base64 padding hides bits that are not zero";
	buf_add_u8(out, (uint8_t)(v >> 16));
	if (pad < 2)
		buf_add_u8(out, (uint8_t)(v >> 8));
	if (pad < 1)
		buf_add_u8(out, (uint8_t)v);
	return NULL;
}

static err_t base64_groups(struct span text, struct buf *out)
{
	unsigned int n = 0, pad = 0;
	int digit[4];
	err_t ugh;

	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.ptr[i];

		if (c == ' ' || c == '\t')
			continue;
		if (c == '=') {
			pad++;
			digit[n % 4] = 0;
		} else if (pad) {
			return "base64 goes on behind its padding";
		} else {
			digit[n % 4] = base64_value(c);
			if (digit[n % 4] < 0)
				return "not a base64 digit in data";
		}
		if (++n % 4 == 0) {
			ugh = base64_group(digit, pad, out);
			if (ugh)
				return ugh;
		}
	}
	if (n == 0)
		return "no base64 digits";
	return n % 4 ? "base64 is not padded to groups of four digits" : NULL;
}

err_t text_to_base64(struct span text, struct buf *out)
{
	size_t start = out->len;
	err_t ugh = base64_groups(text, out);

	if (ugh)
		out->len = start;
	return ugh;
}

err_t text_to_data(struct span text, struct buf *out)
{
	if (is_hex(text))
		return text_to_hex(span_skip(text, 2), out);
	if (span_starts(text, "0s") || span_starts(text, "0S"))
		return text_to_base64(span_skip(text, 2), out);
	if (span_starts(text, "0t") || span_starts(text, "0T")) {
		if (text.len == 2)
			return "no text behind 0t";
		buf_add_span(out, span_skip(text, 2));
		return NULL;
	}
	return "data does not start with 0x, 0s or 0t";
}

err_t text_to_secret(struct span text, struct secret *out)
{
	struct buf data = { 0 };
	err_t ugh;

	/* Room for all at once: growing would leave copies that nobody wipes. */
	buf_grow(&data, text.len + 1);
	buf_clear(&data);
	ugh = text_to_data(text, &data);
	if (!ugh)
		secret_set(out, buf_span(&data));
	secret_wipe(data.ptr, data.cap);
	buf_free(&data);
	return ugh;
}

void data_to_hex(struct span data, struct buf *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < data.len; i++) {
		buf_add_u8(out, (uint8_t)digits[data.ptr[i] >> 4]);
		buf_add_u8(out, (uint8_t)digits[data.ptr[i] & 15]);
	}
}

void data_to_base64(struct span data, struct buf *out)
{
	for (size_t i = 0; i < data.len; i += 3) {
		size_t left = data.len - i;
		uint32_t v = (uint32_t)data.ptr[i] << 16;

		if (left > 1)
			v |= (uint32_t)data.ptr[i + 1] << 8;
		if (left > 2)
			v |= data.ptr[i + 2];
		buf_add_u8(out, (uint8_t)base64_digits[v >> 18]);
		buf_add_u8(out, (uint8_t)base64_digits[v >> 12 & 63]);
		buf_add_u8(out, left > 1 ? (uint8_t)base64_digits[v >> 6 & 63] : '=');
		buf_add_u8(out, left > 2 ? (uint8_t)base64_digits[v & 63] : '=');
	}
}

void data_to_printable(struct span data, struct buf *out)
{
	for (size_t i = 0; i < data.len; i++) {
		uint8_t c = data.ptr[i];

		if (c >= ' ' && c < 0x7f && c != '\\')
			buf_add_u8(out, c);
		else
			buf_printf(out, "\\%03o", c);
	}
}

void data_to_shell(struct span data, struct buf *out)
{
	buf_add_u8(out, '\'');
	for (size_t i = 0; i < data.len; i++) {
		if (data.ptr[i] == '\'')
			buf_add_str(out, "'\\''");
		else
			buf_add_u8(out, data.ptr[i]);
	}
	buf_add_u8(out, '\'');
}
