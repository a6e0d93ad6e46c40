// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Routes and eroutes: what the kernel is asked, in which order, and that no end of a
 * tunnel leaves packets without a policy.
 */
#include "testing/unit/fake_pluto.h"

#include "pluto/connection.h"
#include "pluto/ipsec_sa.h"
#include "pluto/proposal.h"
#include "pluto/route.h"

static const struct said bundle = { { AF_INET, { 198, 51, 100, 1 } }, IPPROTO_IPIP, 0x1002 };

static struct asked_conn net_net = {
	.name = "net-net",
	.left = { .host = "192.0.2.1", .subnet = "10.0.1.0/24" },
	.right = { .host = "198.51.100.1", .subnet = "10.0.2.0/24" },
};

static int with_iface(void **state)
{
	fresh(state);
	give_iface("ipsec0", "192.0.2.1");
	return 0;
}

static bool event(struct connection *c, enum route_event ev)
{
	struct subject s = { .pluto = &pluto, .c = c, .reply = &whack };

	return route_event(c, ev, ev == ON_UP ? &bundle : NULL, &s);
}

#define ER "10.0.1.0/24 -> 10.0.2.0/24"

static void eroute_follows_the_table(void **state)
{
	static const struct {
		enum route_event ev;
		enum routing next;
		const char *asked;
	} step[] = {
		{ ON_ROUTE,	RT_ROUTED_TRAP, "eroute add " ER " => %trap\n" },
		{ ON_ROUTE,	RT_ROUTED_TRAP, "" },
		{ ON_ACQUIRE,	RT_HELD,	"" },
		{ ON_UP,	RT_EROUTED,	"eroute replace " ER " => tun0x1002@198.51.100.1\n" },
		{ ON_UP,	RT_EROUTED,	"eroute replace " ER " => tun0x1002@198.51.100.1\n" },
		{ ON_DOWN,	RT_ROUTED_DROP,	"eroute replace " ER " => %drop\n" },
		{ ON_DOWN,	RT_ROUTED_DROP,	"" },
		{ ON_UP,	RT_EROUTED,	"eroute replace " ER " => tun0x1002@198.51.100.1\n" },
		{ ON_REST,	RT_ROUTED_TRAP,	"eroute replace " ER " => %trap\n" },
		{ ON_UNROUTE,	RT_UNROUTED,	"eroute delete " ER "\n" },
		{ ON_UNROUTE,	RT_UNROUTED,	"" },
		{ ON_UP,	RT_EROUTED,	"eroute add " ER " => tun0x1002@198.51.100.1\n" },
	};
	struct connection *c = ask_for(&net_net);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(step); i++) {
		assert_true(event(c, step[i].ev));
		assert_int_equal(c->routing, step[i].next);
		assert_asked(step[i].asked);
	}
	assert_false(event(c, ON_UNROUTE));
	assert_said("026 \"net-net\": cannot unroute: route busy");
}

static void refusing_kernel_leaves_things_as_they_were(void **state)
{
	struct connection *c = ask_for(&net_net);

	(void)state;
	kernel_says = "no kernel memory";
	assert_false(event(c, ON_ROUTE));
	assert_int_equal(c->routing, RT_UNROUTED);
	assert_said("025 \"net-net\": cannot install eroute to %trap: no kernel memory");
	kernel_says = NULL;
	assert_true(event(c, ON_UP));
	kernel_says = "no kernel memory";
	assert_false(event(c, ON_DOWN));
	assert_int_equal(c->routing, RT_EROUTED);
}

static void routed_connection_goes_back_to_its_trap(void **state)
{
	struct connection *c = ask_for(&net_net);
	struct subject s = { .pluto = &pluto, .c = c };

	(void)state;
	assert_true(route_connection(c, &whack));
	event(c, ON_UP);
	c->going = true;		/* as ike_terminate() has it */
	route_down(c, &s);
	c->going = false;
	assert_int_equal(c->routing, RT_ROUTED_TRAP);
	assert_true(unroute_connection(c, &whack));
	event(c, ON_UP);
	route_down(c, &s);
	assert_int_equal(c->routing, RT_ROUTED_DROP);
}

static void eroute_has_one_owner(void **state)
{
	struct asked_conn other = net_net;
	struct connection *c, *d;

	(void)state;
	c = ask_for(&net_net);
	other.name = "other";
	d = ask_for(&other);
	event(c, ON_UP);
	c->eroute_owner = 4;
	assert_false(event(d, ON_ROUTE));
	assert_said("025 \"other\": cannot install eroute -- it is in use for \"net-net\" #4");
}

static void route_is_shared_only_where_it_is_the_same(void **state)
{
	struct asked_conn other = net_net;
	struct connection *c, *d;

	(void)state;
	c = ask_for(&net_net);
	other.name = "other";
	other.left.subnet = "10.0.9.0/24";
	d = ask_for(&other);
	assert_true(event(c, ON_UP));
	assert_true(event(d, ON_ROUTE));
	assert_true(event(d, ON_UNROUTE));
	d->this.nexthop = addr_of("192.0.2.254");
	assert_false(event(d, ON_ROUTE));
	assert_said("025 \"other\": cannot route -- route already in use for \"net-net\"");
}

static struct connection *give_instance(struct connection *tmpl, const char *peer)
{
	struct addr a = addr_of(peer);

	return connection_instantiate(tmpl, &a, NULL);
}

static void instance_makes_room_for_a_peer_elsewhere_but_not_for_itself(void **state)
{
	struct asked_conn road = net_net;
	struct connection *tmpl, *c, *d;
	struct subject s;

	(void)state;
	road.right.host = "%any";
	tmpl = ask_for(&road);
	c = give_instance(tmpl, "203.0.113.9");
	d = give_instance(tmpl, "203.0.113.9");
	assert_true(event(c, ON_UP));
	s = (struct subject){ .pluto = &pluto, .c = d, .reply = &whack };
	assert_false(route_possible(d, &s));
	assert_said("025 \"net-net\"[2] 203.0.113.9: cannot install eroute -- it is in use for "
		    "\"net-net\"");
	assert_int_equal(c->routing, RT_EROUTED);
	d->that.host = addr_of("203.0.113.10");
	assert_true(route_possible(d, &s));
	/* c has gone. */
	assert_ptr_equal(LIST_FIRST(&pluto.connections, struct connection, link), tmpl);
	assert_ptr_equal(container_of(tmpl->link.next, struct connection, link), d);
	assert_ptr_equal(d->link.next, &pluto.connections);
}

static void route_that_failed_is_said_to_who_waits(void **state)
{
	struct kernel_ops with_devices = fake_kernel;
	struct asked_conn broken = net_net;
	struct connection *c;

	(void)state;
	with_devices.devices = true;
	pluto.kernel = &with_devices;
	broken.left.updown = "exit 1";
	c = ask_for(&broken);
	assert_true(event(c, ON_PREPARE));
	buf_clear(&said);
	script_ended(1 << 8, script_ctx);	/* prepare */
	assert_said("025 \"net-net\": could not route: packets for 10.0.2.0/24 are NOT protected");
	assert_false(c->route_up);
	assert_false(c->open);
	pluto.kernel = &fake_kernel;
}

static void tunnel_without_its_route_is_no_success(void **state)
{
	struct kernel_ops with_devices = fake_kernel;
	struct asked_conn broken = net_net, other = net_net;
	struct connection *c, *d;

	(void)state;
	with_devices.devices = true;
	pluto.kernel = &with_devices;
	broken.left.updown = "exit 1";
	other.left.updown = "exit 0";
	other.left.subnet = "10.0.9.0/24";
	other.name = "other";
	c = ask_for(&broken);
	d = ask_for(&other);
	assert_true(event(c, ON_PREPARE));
	assert_true(event(d, ON_UP));		/* leans on the same route */
	script_ended(1 << 8, script_ctx);	/* prepare */
	buf_clear(&said);
	script_ended(0, script_ctx);		/* up */
	assert_said("025 \"other\": up, but without a route: packets for 10.0.2.0/24 are NOT "
		    "protected");
	pluto.kernel = &fake_kernel;
}

/* The name may be another connection's when the script has ended. */
static void script_of_a_connection_that_has_gone_tells_nothing_of_its_namesake(void **state)
{
	struct kernel_ops with_devices = fake_kernel;
	struct asked_conn broken = net_net;
	struct connection *c;

	(void)state;
	with_devices.devices = true;
	pluto.kernel = &with_devices;
	broken.left.updown = "exit 1";
	c = ask_for(&broken);
	assert_true(event(c, ON_PREPARE));
	pluto.kernel = &fake_kernel;
	connection_delete(c, NULL);
	ask_for(&net_net);
	buf_clear(&said);
	script_ended(1 << 8, script_ctx);
	assert_said("\n025 could not route");
}

static void passthrough_is_an_eroute_of_its_own(void **state)
{
	struct asked_conn pass = net_net;
	struct connection *c;

	(void)state;
	pass.type = TYPE_PASSTHROUGH;
	c = ask_for(&pass);
	assert_true(route_connection(c, &whack));
	assert_asked("eroute add " ER " => %pass\n");
	assert_string_equal(shunt_policy_name(c), "PASS");
}

static void deleting_a_connection_frees_its_eroute(void **state)
{
	struct connection *c = ask_for(&net_net);

	(void)state;
	event(c, ON_ROUTE);
	buf_clear(&asked);
	connection_delete(c, &whack);
	assert_asked("eroute delete " ER "\n");
}

static void trapped_packet_leaves_when_the_tunnel_is_up(void **state)
{
	struct connection *c = ask_for(&net_net);
	struct addr src = addr_of("10.0.1.5"), dst = addr_of("10.0.2.7");

	(void)state;
	event(c, ON_ROUTE);
	shunt_held(c, &src, &dst);
	event(c, ON_ACQUIRE);
	buf_clear(&asked);
	event(c, ON_UP);
	assert_asked("eroute replace " ER " => tun0x1002@198.51.100.1\n"
		     "eroute delete 10.0.1.5/32 -> 10.0.2.7/32\n");
}

/* --- SAs ----------------------------------------------------------------------------- */

static struct ipsec_sa *give_sa(struct connection *c, unsigned long serial)
{
	struct ipsec_sa *sa = xalloc(sizeof(*sa));

	sa->subject = (struct subject){ .pluto = &pluto, .c = c, .serial = serial,
					.reply = &whack };
	sa->c = c;
	sa->sel = connection_selector(c);
	sa->suite = c->esp.v[0];
	sa->peer = (struct endpoint){ c->that.host, IKE_PORT };
	sa->our_spi = 0x9000 + (uint32_t)serial;
	sa->peer_spi = 0xa000 + (uint32_t)serial;
	secret_alloc(&sa->in_keymat, esp_keymat_len(&sa->suite));
	secret_alloc(&sa->out_keymat, esp_keymat_len(&sa->suite));
	list_add(&pluto.ipsec_sas, &sa->link);
	return sa;
}

static void drop_sa(struct ipsec_sa *sa)
{
	uninstall(sa);
	list_del(&sa->link);
	secret_free(&sa->in_keymat);
	secret_free(&sa->out_keymat);
	free(sa);
}

static void tunnel_is_built_inbound_first_and_taken_down_eroute_first(void **state)
{
	struct connection *c = ask_for(&net_net);
	struct ipsec_sa *sa = give_sa(c, 2);

	(void)state;
	assert_true(install_inbound(sa));
	assert_asked("eroute add " ER " => %drop\n"
		     "add tun0x1001@192.0.2.1\n"
		     "add esp0x9002@192.0.2.1\n"
		     "group tun0x1001@192.0.2.1 esp0x9002@192.0.2.1\n");
	assert_true(install_outbound(sa));
	assert_asked("add tun0x1002@198.51.100.1\n"
		     "add esp0xa002@198.51.100.1\n"
		     "group tun0x1002@198.51.100.1 esp0xa002@198.51.100.1\n"
		     "eroute replace " ER " => tun0x1002@198.51.100.1\n"
		     "policy tun0x1001@192.0.2.1 10.0.2.0/24 -> 10.0.1.0/24\n");
	assert_int_equal(c->eroute_owner, 2);
	assert_int_equal(sa->in_keymat.len + sa->out_keymat.len, 0);
	drop_sa(sa);
	assert_asked("eroute replace " ER " => %drop\n"
		     "del esp0xa002@198.51.100.1\n"
		     "del esp0x9002@192.0.2.1\n");
	assert_int_equal(c->eroute_owner, 0);
}

static void volume_without_end_does_not_wrap(void **state)
{
	struct ipsec_sa *sa = give_sa(ask_for(&net_net), 2);

	(void)state;
	sa->life_kb = UINT64_MAX / 1024 + 1;
	assert_true(install_inbound(sa));
	assert_true(added.hard_bytes > UINT64_MAX / 2);
	assert_true(added.soft_bytes > UINT64_MAX / 2 && added.soft_bytes < added.hard_bytes);
	drop_sa(sa);
}

static void rekeyed_tunnel_hands_its_eroute_on(void **state)
{
	struct connection *c = ask_for(&net_net);
	struct ipsec_sa *old = give_sa(c, 2), *new = give_sa(c, 3);

	(void)state;
	install_inbound(old);
	install_outbound(old);
	buf_clear(&asked);
	install_inbound(new);
	assert_non_null(strstr(buf_str(&asked), "policy tun0x1003@192.0.2.1"));
	install_outbound(new);
	assert_int_equal(c->eroute_owner, 3);
	buf_clear(&asked);
	drop_sa(old);
	assert_asked("del esp0xa002@198.51.100.1\ndel esp0x9002@192.0.2.1\n");
	assert_int_equal(c->routing, RT_EROUTED);
	drop_sa(new);
	assert_int_equal(c->routing, RT_ROUTED_DROP);
}

static void eroute_falls_back_to_the_older_tunnel(void **state)
{
	struct connection *c = ask_for(&net_net);
	struct ipsec_sa *old = give_sa(c, 2), *new = give_sa(c, 3);

	(void)state;
	install_inbound(old);
	install_outbound(old);
	install_inbound(new);
	install_outbound(new);
	buf_clear(&asked);
	drop_sa(new);
	assert_asked("eroute replace " ER " => tun0x1002@198.51.100.1\n"
		     "del esp0xa003@198.51.100.1\ndel esp0x9003@192.0.2.1\n");
	assert_int_equal(c->eroute_owner, 2);
	drop_sa(old);
}

static void refused_sa_leaves_nothing_behind(void **state)
{
	struct connection *c = ask_for(&net_net);
	struct ipsec_sa *sa = give_sa(c, 2);

	(void)state;
	refused = "add tun0x1001@192.0.2.1\n";
	assert_false(install_inbound(sa));
	assert_said("003 \"net-net\" #2: ERROR: kernel refuses to add tun0x1001@192.0.2.1: "
		    "no kernel memory");
	assert_false(sa->installed_in);
	assert_int_equal(c->routing, RT_UNROUTED);
	refused = "group tun0x1002@198.51.100.1 esp0xa002@198.51.100.1\n";
	assert_false(install_outbound(sa));
	assert_int_equal(c->routing, RT_UNROUTED);
	refused = NULL;
	drop_sa(sa);
}

static void tunnel_that_never_came_up_leaves_no_route(void **state)
{
	struct connection *c = ask_for(&net_net);
	struct ipsec_sa *sa = give_sa(c, 2), *other = give_sa(c, 3);

	(void)state;
	install_inbound(sa);
	install_inbound(other);
	assert_int_equal(c->routing, RT_ROUTED_DROP);
	drop_sa(other);
	assert_int_equal(c->routing, RT_ROUTED_DROP);
	buf_clear(&asked);
	drop_sa(sa);
	assert_asked("del esp0x9002@192.0.2.1\neroute delete " ER "\n");
	assert_int_equal(c->routing, RT_UNROUTED);
}

static void unchecked_arrival_is_a_policy_for_everything(void **state)
{
	struct asked_conn lax = net_net;
	struct ipsec_sa *sa;

	(void)state;
	lax.no_arrival_check = true;
	sa = give_sa(ask_for(&lax), 2);
	assert_true(install_inbound(sa));
	assert_true(install_outbound(sa));
	assert_non_null(strstr(buf_str(&asked), "policy tun0x1001@192.0.2.1 0.0.0.0/0 -> "
						"0.0.0.0/0\n"));
	drop_sa(sa);
}

/* --- scripts ------------------------------------------------------------------------- */

static const char *value(char **env, const char *name)
{
	for (; *env; env++)
		if (!strncmp(*env, name, strlen(name)) && (*env)[strlen(name)] == '=')
			return *env + strlen(name) + 1;
	return NULL;
}

static void script_gets_the_environment_of_version_1_1(void **state)
{
	static const struct {
		const char *name, *value;
	} want[] = {
		{ "PLUTO_VERSION", "1.1" }, { "PLUTO_VERB", "route-client" },
		{ "PLUTO_CONNECTION", "net-net" }, { "PLUTO_NEXT_HOP", "198.51.100.1" },
		{ "PLUTO_INTERFACE", "ipsec0" }, { "PLUTO_ME", "192.0.2.1" },
		{ "PLUTO_MY_CLIENT", "10.0.1.0/24" }, { "PLUTO_MY_CLIENT_NET", "10.0.1.0" },
		{ "PLUTO_MY_CLIENT_MASK", "255.255.255.0" }, { "PLUTO_PEER", "198.51.100.1" },
		{ "PLUTO_PEER_CLIENT", "10.0.2.0/24" }, { "PLUTO_PEER_CLIENT_NET", "10.0.2.0" },
		{ "PLUTO_PEER_CLIENT_MASK", "255.255.255.0" },
		{ "PLUTO_PEER_ID", "198.51.100.1" },
	};
	char **env = updown_env(ask_for(&net_net), UPDOWN_ROUTE);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(want); i++)
		assert_string_equal(value(env, want[i].name), want[i].value);
	updown_env_free(env);
}

static void verb_is_host_when_our_client_is_ourselves(void **state)
{
	struct asked_conn host = net_net;
	char **env;

	(void)state;
	host.left.subnet = NULL;
	env = updown_env(ask_for(&host), UPDOWN_UP);
	assert_string_equal(value(env, "PLUTO_VERB"), "up-host");
	updown_env_free(env);
}

static void nothing_a_peer_says_means_anything_to_a_shell(void **state)
{
	struct asked_conn evil = net_net;
	char **env;

	(void)state;
	evil.right.id = "@a$(reboot);`x`'\"|&<>*";
	env = updown_env(ask_for(&evil), UPDOWN_UP);
	assert_string_equal(value(env, "PLUTO_PEER_ID"), "@a??reboot???x????????");
	updown_env_free(env);
}

static void interfaces_are_paired_by_klips(void **state)
{
	static const struct {
		const char *line, *vname, *pname;
	} cases[] = {
		{ "ipsec0 -> eth0 mtu=16260(1443) -> 1500\n", "ipsec0", "eth0" },
		{ "ipsec12 -> ppp0 mtu=16260(1443) -> 1500\n", "ipsec12", "ppp0" },
		{ "ipsec1 -> NULL mtu=0(0) -> 0\n", NULL, NULL },
		{ "\n", NULL, NULL },
		{ "nonsense", NULL, NULL },
		{ "a-name-that-is-much-too-long -> eth0 mtu=1(1) -> 1\n", NULL, NULL },
	};
	char v[16], p[16];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(iface_parse_tncfg(cases[i].line, v, p), cases[i].vname != NULL);
		if (cases[i].vname) {
			assert_string_equal(v, cases[i].vname);
			assert_string_equal(p, cases[i].pname);
		}
	}
}

#define T(test) cmocka_unit_test_setup_teardown(test, with_iface, clean)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(eroute_follows_the_table),
		T(refusing_kernel_leaves_things_as_they_were),
		T(routed_connection_goes_back_to_its_trap),
		T(eroute_has_one_owner),
		T(route_is_shared_only_where_it_is_the_same),
		T(instance_makes_room_for_a_peer_elsewhere_but_not_for_itself),
		T(route_that_failed_is_said_to_who_waits),
		T(tunnel_without_its_route_is_no_success),
		T(script_of_a_connection_that_has_gone_tells_nothing_of_its_namesake),
		T(passthrough_is_an_eroute_of_its_own),
		T(deleting_a_connection_frees_its_eroute),
		T(trapped_packet_leaves_when_the_tunnel_is_up),
		T(tunnel_is_built_inbound_first_and_taken_down_eroute_first),
		T(volume_without_end_does_not_wrap),
		T(rekeyed_tunnel_hands_its_eroute_on),
		T(eroute_falls_back_to_the_older_tunnel),
		T(tunnel_that_never_came_up_leaves_no_route),
		T(refused_sa_leaves_nothing_behind),
		T(unchecked_arrival_is_a_policy_for_everything),
		T(script_gets_the_environment_of_version_1_1),
		T(verb_is_host_when_our_client_is_ourselves),
		T(nothing_a_peer_says_means_anything_to_a_shell),
		T(interfaces_are_paired_by_klips),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
