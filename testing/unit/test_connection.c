// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Connections: from whack's message to the model, and what is said of those that won't do.
 */
#include <sys/stat.h>
#include <unistd.h>

#include "testing/unit/fake_pluto.h"

#include "lib/conf/secrets.h"
#include "pluto/connection.h"
#include "pluto/whack.h"

static const struct asked_conn net_net = {
	.name = "net-net", .whence = "/etc/ipsec.conf:12",
	.left = { .host = "192.0.2.1", .subnet = "10.0.1.0/24", .id = "@west",
		  .nexthop = "192.0.2.254" },
	.right = { .host = "198.51.100.1", .subnet = "10.0.2.0/24", .id = "@east" },
};

static const struct asked_conn road = {
	.name = "road",
	.left = { .host = "%any" },
	.right = { .host = "192.0.2.1", .subnet = "10.0.1.0/24" },
};

static void assert_topology(const struct connection *c, const char *text)
{
	struct buf b = { 0 };

	connection_topology(c, &b);
	assert_string_equal(buf_str(&b), text);
	buf_free(&b);
}

static void our_end_becomes_this_whichever_side_it_is(void **state)
{
	struct connection *c;

	(void)state;
	give_iface("ipsec0", "198.51.100.1");
	c = ask_for(&net_net);
	assert_non_null(c->iface);
	assert_string_equal(c->this.side, "right");
	assert_topology(c, "10.0.2.0/24===198.51.100.1[@east]...192.0.2.254---192.0.2.1[@west]"
			   "===10.0.1.0/24");
	assert_said("002 added connection description \"net-net\"");
}

static void stranger_is_loaded_and_oriented_when_its_interface_comes(void **state)
{
	struct connection *c = ask_for(&net_net);

	(void)state;
	assert_null(c->iface);
	connection_say_unoriented(c, &whack);
	assert_said("022 \"net-net\": we have no ipsecN interface for either end of this "
		    "connection");
	give_iface("ipsec0", "192.0.2.1");
	connection_say_unoriented(c, &whack);
	assert_said("our addresses are ipsec0/eth0 192.0.2.1");
	connection_orient_all(&pluto);
	assert_non_null(c->iface);
}

static void any_peer_makes_a_template(void **state)
{
	struct connection *c;
	struct id peer = { 0 };

	(void)state;
	c = ask_for(&road);
	assert_int_equal(c->kind, CK_TEMPLATE);
	assert_topology(c, "10.0.1.0/24===192.0.2.1...%any");
	assert_null(ttoid(span_str("@laptop"), &peer));
	c = connection_instantiate(c, &(struct addr){ AF_INET, { 203, 0, 113, 9 } }, &peer);
	assert_topology(c, "10.0.1.0/24===192.0.2.1...203.0.113.9[@laptop]");
	assert_ptr_equal(connection_by_name(&pluto, "road"), c->tmpl);
	connection_release_instance(c);
	assert_ptr_equal(pluto.connections.next, pluto.connections.prev);
	id_free(&peer);
}

static void redefinition_is_refused_unless_asked_for(void **state)
{
	struct asked_conn again = net_net;

	(void)state;
	assert_non_null(ask_for(&net_net));
	assert_null(ask_for(&net_net));
	assert_said("020 attempt to redefine connection \"net-net\"");
	again.replace = true;
	assert_non_null(ask_for(&again));
	assert_said("002 \"net-net\": deleting connection");
}

static void bad_replacement_costs_nothing(void **state)
{
	struct asked_conn again = net_net;
	struct connection *c = ask_for(&net_net);

	(void)state;
	again.replace = true;
	again.left.subnet = "10.0.1.1/24";
	assert_null(ask_for(&again));
	assert_said("bad leftsubnet=10.0.1.1/24: ");
	assert_said("see /etc/ipsec.conf:12");
	assert_ptr_equal(connection_by_name(&pluto, "net-net"), c);
}

static void what_is_wrong_is_named(void **state)
{
	static const struct {
		struct asked_conn ask;
		const char *answer;
	} cases[] = {
		{ { .name = "x" }, "023 \"x\": bad left=: no address given" },
		{ { .name = "x", .left.host = "%any", .right.host = "%any" },
		  "023 \"x\": left and right cannot both be %any" },
		{ { .name = "x", .left.host = "192.0.2.1", .right.host = "gw.example.org" },
		  "023 \"x\": bad right=gw.example.org: " },
		{ { .name = "x", .left.host = "192.0.2.1", .right.host = "2001:db8::1" },
		  "023 \"x\": left= and right= are not both IPv4 or both IPv6" },
		{ { .name = "x", .left.host = "192.0.2.1", .right.host = "192.0.2.1" },
		  "023 \"x\": left= and right= are the same address" },
		{ { .name = "x", .left.host = "192.0.2.1", .left.id = "@#zz",
		    .right.host = "192.0.2.2" }, "027 \"x\": bad leftid=@#zz: " },
		{ { .name = "x", .left.host = "192.0.2.1", .left.subnet = "2001:db8::/32",
		    .right.host = "192.0.2.2" }, "023 \"x\": what is behind left and right" },
		{ { .name = "x", .left.host = "192.0.2.1", .right.host = "192.0.2.2",
		    .type = TYPE_TRANSPORT }, "023 \"x\": KLIPS has no transport mode" },
		{ { .name = "x", .left.host = "192.0.2.1", .right.host = "192.0.2.2",
		    .authby = AUTHBY_NEVER }, "023 \"x\": a tunnel needs authby=" },
		{ { .name = "x", .left.host = "192.0.2.1", .right.host = "192.0.2.2",
		    .left.proto = 6, .right.proto = 17 }, "023 \"x\": leftprotoport=" },
		{ { .name = "a b", .left.host = "192.0.2.1", .right.host = "192.0.2.2" },
		  "030 bad connection name" },
		{ { .name = "$(id)", .left.host = "192.0.2.1", .right.host = "192.0.2.2" },
		  "030 bad connection name" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		buf_clear(&said);
		assert_null(ask_for(&cases[i].ask));
		assert_said(cases[i].answer);
		assert_true(list_empty(&pluto.connections));
	}
}

static void status_has_the_lines_of_old(void **state)
{
	struct whack_msg *m = xalloc(sizeof(*m));
	struct asked_conn second = net_net;

	(void)state;
	give_iface("ipsec0", "192.0.2.1");
	ask_for(&net_net);
	second.name = "a-first-by-name";
	second.left.subnet = NULL;
	ask_for(&second);
	buf_clear(&said);
	m->verb = WHACK_STATUS;
	whack_run(&pluto, m, &whack);
	assert_said("000 interface ipsec0/eth0 192.0.2.1\n"
		    "000 %myid = (none)\n"
		    "000 debug none\n"
		    "000  \n"
		    "000 \"a-first-by-name\": 192.0.2.1[@west]---192.0.2.254...198.51.100.1[@east]"
		    "===10.0.2.0/24; unrouted; eroute owner: #0\n");
	assert_said("000 \"net-net\":   policy: PSK+ENCRYPT+TUNNEL+PFS; prio: 24,24; "
		    "interface: eth0; \n"
		    "000 \"net-net\":   newest ISAKMP SA: #0; newest IPsec SA: #0; \n");
	free(m);
}

static void command_needs_its_keys_and_no_others(void **state)
{
	struct whack_msg *m = xalloc(sizeof(*m));

	(void)state;
	m->verb = WHACK_INITIATE;
	whack_run(&pluto, m, &whack);
	assert_said("030 ignoring message from whack: --initiate needs --name");
	m->present[WK_NAME] = true;
	m->field[WK_NAME] = span_of("x", 2);
	m->present[WK_STATE] = true;
	whack_run(&pluto, m, &whack);
	assert_said("--initiate does not go with --deletestate");
	m->present[WK_STATE] = false;
	whack_run(&pluto, m, &whack);
	assert_said("021 no connection named \"x\"");
	free(m);
}

static void initiating_needs_ears_an_interface_and_a_peer(void **state)
{
	struct whack_msg *m = xalloc(sizeof(*m));

	(void)state;
	ask_for(&road);
	pluto.listening = false;
	m->verb = WHACK_INITIATE;
	m->present[WK_NAME] = true;
	m->field[WK_NAME] = span_of("road", 5);
	whack_run(&pluto, m, &whack);
	assert_said("024 need --listen before --initiate");
	pluto.listening = true;
	whack_run(&pluto, m, &whack);
	assert_said("022 \"road\": we have no ipsecN interface");
	give_iface("ipsec0", "192.0.2.1");
	whack_run(&pluto, m, &whack);
	assert_said("029 \"road\": cannot initiate connection without knowing peer IP address "
		    "(kind=CK_TEMPLATE)");
	free(m);
}

static void secrets_that_others_may_read_are_named_and_not_used(void **state)
{
	char path[] = "/tmp/secrets-XXXXXX";
	int fd = mkstemp(path);
	struct buf want = { 0 };

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, ": PSK \"x\"\n", 10), 10);
	assert_int_equal(fchmod(fd, 0644), 0);
	pluto.secretsfile = path;
	keys_reread(&pluto, &whack);
	buf_printf(&want, "003 cannot use \"%s\": others may read or change it: chmod 600 it\n", path);
	assert_said(buf_str(&want));
	assert_false(strstr(buf_str(&said), "line 0"));
	assert_true(list_empty(&pluto.secrets->entries));
	buf_free(&want);
	close(fd);
	unlink(path);
	pluto.secretsfile = NULL;
}

#define T(test) cmocka_unit_test_setup_teardown(test, fresh, clean)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(our_end_becomes_this_whichever_side_it_is),
		T(stranger_is_loaded_and_oriented_when_its_interface_comes),
		T(any_peer_makes_a_template),
		T(redefinition_is_refused_unless_asked_for),
		T(bad_replacement_costs_nothing),
		T(what_is_wrong_is_named),
		T(status_has_the_lines_of_old),
		T(command_needs_its_keys_and_no_others),
		T(initiating_needs_ears_an_interface_and_a_peer),
		T(secrets_that_others_may_read_are_named_and_not_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
