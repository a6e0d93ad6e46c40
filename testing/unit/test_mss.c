/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lowering the segment size of a TCP SYN, with the checksum computed a second way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "klips/mss.h"

#define SYN	0x02
#define ACK	0x10

/* A header with these options, padded with zeros to whole words.  Returns its length. */
static size_t header(u8 *tcp, u8 flags, const u8 *options, size_t len)
{
	size_t all = 20 + (len + 3) / 4 * 4;

	memset(tcp, 0, KLIPS_MSS_HEAD);
	memcpy(tcp, (u8[]){ 0xc0, 0x01, 0, 80, 1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0xfa, 0xf0 }, 16);
	tcp[12] = (u8)(all / 4 << 4);
	tcp[13] = flags;
	if (len)
		memcpy(tcp + 20, options, len);
	return all;
}

/* RFC 1071, over the header alone: what stands for the rest stays the same. */
static u16 sum_of(const u8 *tcp, size_t len)
{
	u32 sum = 0x1234;

	for (size_t i = 0; i < len; i += 2)
		sum += (u32)(tcp[i] << 8 | tcp[i + 1]);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (u16)sum;
}

static void put_checksum(u8 *tcp, size_t len)
{
	u16 sum;

	tcp[16] = tcp[17] = 0;
	sum = (u16)~sum_of(tcp, len);
	tcp[16] = sum >> 8;
	tcp[17] = sum & 0xff;
}

static void excess_is_found_where_it_is(void **state)
{
	static const struct { u8 flags, len, opt[12]; u16 mss; size_t at; } row[] = {
		{ SYN, 4, { 2, 4, 0x05, 0xb4 }, 1400, 22 },
		{ SYN | ACK, 4, { 2, 4, 0x05, 0xb4 }, 1400, 22 },
		{ SYN, 4, { 2, 4, 0x05, 0xb4 }, 1459, 22 },
		{ SYN, 4, { 2, 4, 0x05, 0xb4 }, 1460, 0 },	/* is 1460: not more */
		{ SYN, 4, { 2, 4, 0x05, 0xb4 }, 9000, 0 },
		{ ACK, 4, { 2, 4, 0x05, 0xb4 }, 1400, 0 },	/* no SYN: it means nothing */
		{ SYN, 0, { 0 }, 500, 0 },
		/* what Linux sends: MSS, SACK permitted, time stamps */
		{ SYN, 6, { 2, 4, 0x05, 0xb4, 4, 2 }, 1400, 22 },
		{ SYN, 8, { 4, 2, 1, 1, 2, 4, 0x05, 0xb4 }, 1400, 26 },
		{ SYN, 5, { 1, 2, 4, 0x05, 0xb4 }, 1400, 23 },	/* at an odd place */
		{ SYN, 8, { 3, 3, 7, 2, 4, 0x05, 0xb4, 0 }, 1400, 25 },
		{ SYN, 8, { 0, 0, 0, 0, 2, 4, 0x05, 0xb4 }, 1400, 0 },	/* behind the end */
		{ SYN, 4, { 2, 3, 0x05, 0xb4 }, 1400, 0 },	/* of a wrong length */
		{ SYN, 8, { 2, 5, 0x05, 0xb4, 0, 0, 0, 0 }, 1400, 0 },
		{ SYN, 8, { 8, 1, 2, 4, 0x05, 0xb4, 0, 0 }, 1400, 0 },
		{ SYN, 8, { 8, 0, 2, 4, 0x05, 0xb4, 0, 0 }, 1400, 0 },
		{ SYN, 8, { 8, 9, 2, 4, 0x05, 0xb4, 0, 0 }, 1400, 0 },	/* beyond the header */
		{ SYN, 4, { 1, 1, 1, 2 }, 1400, 0 },		/* ends after the kind */
		{ SYN, 4, { 1, 1, 2, 4 }, 1400, 0 },		/* ends before the value */
	};
	u8 tcp[KLIPS_MSS_HEAD];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		size_t len = header(tcp, row[i].flags, row[i].opt, row[i].len);

		if (klips_mss_excess(tcp, len, row[i].mss) != row[i].at)
			fail_msg("row %zu: at %zu", i, klips_mss_excess(tcp, len, row[i].mss));
	}
}

static void header_cut_off_is_left_alone(void **state)
{
	static const u8 mss[] = { 2, 4, 0x05, 0xb4 };
	u8 tcp[KLIPS_MSS_HEAD];
	size_t len = header(tcp, SYN, mss, sizeof(mss));

	(void)state;
	for (size_t cut = 0; cut < len; cut++)
		assert_int_equal(klips_mss_excess(tcp, cut, 1400), 0);
	tcp[12] = 4 << 4;		/* shorter than a header can be */
	assert_int_equal(klips_mss_excess(tcp, len, 1400), 0);
}

static void checksum_follows_at_any_place(void **state)
{
	static const u16 sizes[] = { 1, 255, 256, 536, 1220, 1399, 1400, 1459 };

	(void)state;
	for (u8 nops = 0; nops < 8; nops++) {
		for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
			u8 tcp[KLIPS_MSS_HEAD], options[12];
			size_t len, at;

			memset(options, 1, sizeof(options));
			memcpy(options + nops, (u8[]){ 2, 4, 0x05, 0xb4 }, 4);
			len = header(tcp, SYN, options, nops + 4);
			put_checksum(tcp, len);
			assert_int_equal(sum_of(tcp, len), 0xffff);

			at = klips_mss_excess(tcp, len, sizes[i]);
			assert_int_equal(at, 22 + nops);
			klips_mss_set(tcp, at, sizes[i]);
			assert_int_equal(tcp[at] << 8 | tcp[at + 1], sizes[i]);
			assert_int_equal(sum_of(tcp, len), 0xffff);
			assert_int_equal(klips_mss_excess(tcp, len, sizes[i]), 0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(excess_is_found_where_it_is),
		cmocka_unit_test(header_cut_off_is_left_alone),
		cmocka_unit_test(checksum_follows_at_any_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
