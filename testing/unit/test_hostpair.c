// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Choosing a connection: by address, by identity, by clients; and what is said of the
 * nearest when none fits.
 */
#include "testing/unit/fake_pluto.h"

#include "pluto/connection.h"

static struct connection *give(const char *name, const char *peer, const char *peer_id,
			       unsigned int authby, const char *client)
{
	struct asked_conn a = {
		.name = name, .whence = "ipsec.conf:7", .authby = authby,
		.left = { .host = "192.0.2.1", .subnet = "10.0.1.0/24", .id = "@gw" },
		.right = { .host = peer, .subnet = client, .id = peer_id },
	};

	return ask_for(&a);
}

static struct connection *for_peer(const char *them, unsigned int *auth)
{
	struct addr us = addr_of("192.0.2.1"), peer = addr_of(them);

	return connection_for_peer(&pluto, &us, &peer, auth);
}

static int with_iface(void **state)
{
	fresh(state);
	give_iface("ipsec0", "192.0.2.1");
	return 0;
}

static void exact_peer_comes_before_any(void **state)
{
	struct connection *c, *any, *exact;
	unsigned int auth;

	(void)state;
	any = give("any", "%any", NULL, AUTHBY_RSASIG, NULL);
	exact = give("exact", "198.51.100.1", NULL, AUTHBY_PSK, NULL);
	c = for_peer("198.51.100.1", &auth);
	assert_ptr_equal(c, exact);
	assert_int_equal(auth, POLICY_PSK);
	c = for_peer("203.0.113.9", &auth);
	assert_ptr_equal(c->tmpl, any);
	assert_int_equal(auth, POLICY_RSASIG);
	/* It is there now, and is not made twice. */
	assert_ptr_equal(for_peer("203.0.113.9", &auth), c);
}

static void nobody_and_shunts_do_not_answer(void **state)
{
	struct asked_conn pass = {
		.name = "pass", .type = TYPE_PASSTHROUGH,
		.left.host = "192.0.2.1", .right.host = "198.51.100.1",
	};
	unsigned int auth;

	(void)state;
	ask_for(&pass);
	assert_null(for_peer("198.51.100.1", &auth));
	assert_int_equal(auth, 0);
}

static struct connection *refine(struct connection *c, unsigned int auth, const char *id,
				 struct buf *why)
{
	struct id peer = { 0 };
	struct connection *d;

	assert_null(ttoid(span_str(id), &peer));
	d = connection_refine(c, auth, &peer, NULL, why);
	id_free(&peer);
	return d;
}

static void identity_picks_among_connections_of_a_pair(void **state)
{
	struct connection *a, *b;
	struct buf why = { 0 };

	(void)state;
	a = give("a", "198.51.100.1", "@a", AUTHBY_RSASIG, NULL);
	b = give("b", "198.51.100.1", "@b", AUTHBY_RSASIG, "10.0.2.0/24");
	assert_ptr_equal(refine(a, POLICY_RSASIG, "@b", &why), b);
	assert_ptr_equal(refine(a, POLICY_RSASIG, "@a", &why), a);
	assert_null(refine(a, POLICY_RSASIG, "@c", &why));
	assert_string_equal(buf_str(&why), "we would have taken @a for \"a\" (ipsec.conf:7), "
					   "@b for \"b\" (ipsec.conf:7)");
	assert_null(refine(a, POLICY_PSK, "@b", &why));
	assert_string_equal(buf_str(&why), "\"b\" (ipsec.conf:7) has that peer ID, but it does "
					   "not have authby=secret");
	buf_free(&why);
}

static void instance_learns_who_it_is_for(void **state)
{
	struct connection *c, *named;
	struct buf why = { 0 };
	unsigned int auth;

	(void)state;
	give("any", "%any", NULL, AUTHBY_RSASIG, NULL);
	named = give("named", "%any", "@laptop", AUTHBY_RSASIG, "10.0.9.0/24");
	c = for_peer("203.0.113.9", &auth);
	assert_ptr_equal(refine(c, POLICY_RSASIG, "@phone", &why), c);
	/* Now it is @phone's: somebody else behind that address gets one of his own. */
	assert_ptr_not_equal(refine(c, POLICY_RSASIG, "@other", &why), c);
	assert_ptr_equal(refine(c, POLICY_RSASIG, "@laptop", &why)->tmpl, named);
	buf_free(&why);
}

static void connection_with_another_secret_is_not_switched_to(void **state)
{
	struct connection *a;
	struct buf why = { 0 };

	(void)state;
	pluto.secrets = secrets_parse("test", span_str("@gw @a : PSK \"one\"\n"
						       "@gw @b : PSK \"two\"\n"));
	a = give("a", "198.51.100.1", "@a", AUTHBY_PSK, NULL);
	give("b", "198.51.100.1", "@b", AUTHBY_PSK, "10.0.2.0/24");
	assert_null(refine(a, POLICY_PSK, "@b", &why));
	assert_non_null(strstr(buf_str(&why), "another pre-shared key"));
	buf_free(&why);
}

static struct connection *for_clients(struct connection *c, const char *src, const char *dst,
				      struct buf *why)
{
	struct peer_proof proof = { .auth = POLICY_RSASIG, .id = &c->that.id };
	struct selector want = { 0 };

	assert_null(ttosubnet(span_str(src), &want.src));
	assert_null(ttosubnet(span_str(dst), &want.dst));
	return connection_for_clients(c, &proof, &want, why);
}

static void clients_must_match_exactly(void **state)
{
	struct connection *a, *b;
	struct buf why = { 0 };

	(void)state;
	a = give("a", "198.51.100.1", "@a", AUTHBY_RSASIG, "10.0.2.0/24");
	b = give("b", "198.51.100.1", "@a", AUTHBY_RSASIG, "10.0.3.0/24");
	give("other", "198.51.100.2", "@a", AUTHBY_RSASIG, "10.0.4.0/24");
	assert_ptr_equal(for_clients(a, "10.0.1.0/24", "10.0.2.0/24", &why), a);
	assert_ptr_equal(for_clients(a, "10.0.1.0/24", "10.0.3.0/24", &why), b);
	assert_null(for_clients(a, "10.0.1.0/24", "10.0.4.0/24", &why));
	assert_string_equal(buf_str(&why), "nearest is \"a\" (ipsec.conf:7): it has rightsubnet="
					   "10.0.2.0/24, the peer asks for 10.0.4.0/24");
	assert_null(for_clients(a, "10.0.1.0/25", "10.0.3.0/24", &why));
	assert_string_equal(buf_str(&why), "nearest is \"b\" (ipsec.conf:7): it has leftsubnet="
					   "10.0.1.0/24, the peer asks for 10.0.1.0/25");
	buf_free(&why);
}

static void lesser_proof_opens_and_ends_nothing(void **state)
{
	struct addr here = addr_of("203.0.113.9"), there = addr_of("203.0.113.77");
	struct connection *road, *office, *signer, *impostor, *lobby, *again;
	struct peer_proof proof;
	struct selector want = { 0 };
	struct buf why = { 0 };
	struct id id = { 0 };
	int sa;

	(void)state;
	pluto.secrets = secrets_parse("test", span_str(": PSK \"of the group\"\n"
						       "@gw @boss : PSK \"of the boss\"\n"));
	assert_null(ttoid(span_str("@boss"), &id));
	road = give("road", "%any", NULL, AUTHBY_PSK, NULL);
	office = give("office", "%any", "@boss", AUTHBY_RSASIG, "10.2.0.0/16");
	give("home", "%any", "@boss", AUTHBY_PSK, "10.3.0.0/16");
	signer = connection_instantiate(office, &there, &id);
	signer->newest_isakmp = (void *)&sa;
	impostor = connection_instantiate(road, &here, &id);
	proof = (struct peer_proof){ POLICY_PSK, &impostor->that.id, span_str("of the group") };
	assert_null(ttosubnet(span_str("10.0.1.0/24"), &want.src));
	assert_null(ttosubnet(span_str("10.2.0.0/16"), &want.dst));
	assert_null(connection_for_clients(impostor, &proof, &want, &why));
	assert_non_null(strstr(buf_str(&why), "\"office\" (ipsec.conf:7) has these clients, but"));
	/* The same method, with another's key. */
	assert_null(ttosubnet(span_str("10.3.0.0/16"), &want.dst));
	assert_null(connection_for_clients(impostor, &proof, &want, &why));
	/* What is for everybody with the group's key is for him too, now and again. */
	give("lobby", "%any", NULL, AUTHBY_PSK, "10.4.0.0/16");
	assert_null(ttosubnet(span_str("10.4.0.0/16"), &want.dst));
	lobby = connection_for_clients(impostor, &proof, &want, &why);
	assert_non_null(lobby);
	lobby->routing = RT_EROUTED;
	assert_ptr_equal(connection_for_clients(impostor, &proof, &want, &why), lobby);
	lobby->routing = RT_UNROUTED;
	/* uniqueids: the signer stays, until he comes himself. */
	connection_enforce_unique(impostor, &proof);
	assert_ptr_equal(signer->newest_isakmp, &sa);
	again = connection_instantiate(office, &here, &id);
	proof = (struct peer_proof){ .auth = POLICY_RSASIG, .id = &again->that.id };
	connection_enforce_unique(again, &proof);
	for (struct list *l = pluto.connections.next; l != &pluto.connections; l = l->next)
		assert_ptr_not_equal(container_of(l, struct connection, link), signer);
	buf_free(&why);
	id_free(&id);
}

static void template_serves_its_peers_own_address(void **state)
{
	struct connection *c;
	struct buf why = { 0 };
	unsigned int auth;

	(void)state;
	give("road", "%any", NULL, AUTHBY_RSASIG, NULL);
	c = for_peer("203.0.113.9", &auth);
	assert_ptr_equal(refine(c, POLICY_RSASIG, "@phone", &why), c);
	assert_ptr_equal(for_clients(c, "10.0.1.0/24", "203.0.113.9/32", &why), c);
	assert_null(for_clients(c, "10.0.1.0/24", "203.0.113.0/24", &why));
	buf_free(&why);
}

#define T(test) cmocka_unit_test_setup_teardown(test, with_iface, clean)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(exact_peer_comes_before_any),
		T(nobody_and_shunts_do_not_answer),
		T(identity_picks_among_connections_of_a_pair),
		T(instance_learns_who_it_is_for),
		T(connection_with_another_secret_is_not_switched_to),
		T(clients_must_match_exactly),
		T(lesser_proof_opens_and_ends_nothing),
		T(template_serves_its_peers_own_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
