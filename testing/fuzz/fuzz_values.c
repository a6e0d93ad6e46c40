/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values written as text, all readers on the same input: numbers, durations, data,
 * addresses, subnets, SAIDs, RSA public keys.  What is read and shown again must be read
 * as the same value.
 */
#include <stdlib.h>

#include "lib/base/text.h"
#include "lib/crypto/crypto.h"
#include "lib/net/said.h"
#include "lib/net/subnet.h"

static void insist(bool true_thing)
{
	if (!true_thing)
		abort();
}

static void try_numbers(struct span in)
{
	uint64_t v;

	if (!text_to_u64(in, 1000, &v))
		insist(v <= 1000);
	(void)text_to_u64(in, UINT64_MAX, &v);
	(void)text_to_duration(in, &v);
}

static void try_data(struct span in)
{
	struct buf data = { 0 }, text = { 0 }, back = { 0 };
	struct secret s = { 0 };
	bool good = !text_to_data(in, &data);

	insist(good == !text_to_secret(in, &s));
	if (good) {
		insist(span_eq_secret(buf_span(&data), secret_span(&s)));
		data_to_base64(buf_span(&data), &text);
		insist(!text_to_base64(buf_span(&text), &back));
		insist(span_eq(buf_span(&data), buf_span(&back)));
	}
	data_to_printable(in, &text);
	data_to_shell(in, &text);
	secret_free(&s);
	buf_free(&data);
	buf_free(&text);
	buf_free(&back);
}

static void try_net(struct span in)
{
	struct addr a, a2;
	struct subnet n, n2;
	struct said s, s2;
	struct addr_buf ab;
	struct subnet_buf nb;
	struct said_buf sb;

	if (!ttoaddr(in, &a)) {
		insist(!ttoaddr(span_str(addr_show(&a, &ab)), &a2));
		insist(addr_eq(&a, &a2));
	}
	if (!ttosubnet(in, &n)) {
		insist(!ttosubnet(span_str(subnet_show(&n, &nb)), &n2));
		insist(subnet_eq(&n, &n2) && subnet_contains(&n, &n.addr));
	}
	if (!ttosaid(in, &s)) {
		/* A shunt is shown by its name, which says nothing of an address. */
		insist(!ttosaid(span_str(said_show(&s, &sb)), &s2));
		insist(s.proto == s2.proto && s.spi == s2.spi);
		insist(!ttosaid(span_str(said_show_dot(&s, &sb)), &s2));
		insist(s.proto == s2.proto && s.spi == s2.spi);
	}
}

static void try_key(struct span in)
{
	struct rsa_pub *k = NULL, *k2 = NULL;
	struct buf octets = { 0 };
	char keyid[10];

	if (rsa_pub_from_rfc3110(in, &k))
		return;
	rsa_pub_keyid(k, keyid);
	rsa_pub_to_rfc3110(k, &octets);
	insist(!rsa_pub_from_rfc3110(buf_span(&octets), &k2));
	insist(rsa_pub_eq(k, k2));
	insist(rsa_verify(k, span_str("a hash of twenty oct"), in) != NULL);
	rsa_pub_unref(k);
	rsa_pub_unref(k2);
	buf_free(&octets);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = span_of(data, size);

	try_numbers(in);
	try_data(in);
	try_net(in);
	try_key(in);
	return 0;
}
