// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ipsec tncfg: the virtual devices ipsecN, and which physical device each uses.
 *
 * Devices are made, attached and detached through rtnetlink (klips/if_ipsec.h).  The
 * physical device must exist; the virtual one is made where it does not.
 *
 * Without arguments: show the pairs.  See ipsec_tncfg(8).
 */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "klips/if_ipsec.h"
#include "utils/common/rtnl.h"
#include "utils/common/tool.h"

const char tool_name[] = "tncfg";
const char tool_usage[] =
	"Usage: ipsec tncfg\n"
	"       ipsec tncfg --attach --virtual ipsecN --physical DEVICE\n"
	"       ipsec tncfg --detach --virtual ipsecN\n"
	"       ipsec tncfg --clear\n"
	"       ipsec tncfg --create --virtual ipsecN [--physical DEVICE]\n"
	"       ipsec tncfg --delete --virtual ipsecN\n"
	"\n"
	"--attach makes the virtual device where it does not exist; --clear detaches all.\n"
	"\n"
	"Common options: --debug --label TEXT --help --version\n";

enum {
	OPT_ATTACH = TOOL_OPT_OWN, OPT_DETACH, OPT_CLEAR, OPT_CREATE, OPT_DELETE,
	OPT_VIRTUAL, OPT_PHYSICAL,
};

static const struct option options[] = {
	{ "attach", no_argument, NULL, OPT_ATTACH },
	{ "detach", no_argument, NULL, OPT_DETACH },
	{ "clear", no_argument, NULL, OPT_CLEAR },
	{ "create", no_argument, NULL, OPT_CREATE },
	{ "delete", no_argument, NULL, OPT_DELETE },
	{ "virtual", required_argument, NULL, OPT_VIRTUAL },
	{ "physical", required_argument, NULL, OPT_PHYSICAL },
	{ NULL }
};

static const struct tool_hint hints[] = {
	{ EOPNOTSUPP, "KLIPS not loaded or enabled.", "load it with: modprobe ipsec" },
	{ EBUSY, "virtual device is attached already.", "detach it first: ipsec tncfg shows to what" },
	{ EEXIST, "a device of that name exists already.", "ip link shows it" },
	{ ENXIO, "no such device.", "ip link shows which exist" },
	{ ENODEV, "no such device, or the virtual device is not attached.",
	  "ip link and ipsec tncfg show which exist" },
	{ EPERM, "access denied.  You must be root to change devices.", NULL },
	{ 0 }
};

static int open_netlink(void)
{
	int fd = rtnl_open();

	if (fd < 0)
		tool_fail("cannot open a netlink socket: %s", strerror(-fd));
	return fd;
}

static void ask(int fd, struct rtnl_req *r, const char *what)
{
	struct rtnl_error e;
	int err = rtnl_ask(fd, r, &e);

	if (!err)
		return;
	if (e.text[0])
		fprintf(stderr, "%s: the kernel says: %s\n", tool_prefix(), e.text);
	tool_fail_errno(what, -err, hints);
}

/* --- links --------------------------------------------------------------------------- */

struct wanted {
	const char *name;
	struct rtnl_link link;
};

static bool is_wanted(const struct rtnl_link *link, void *arg)
{
	struct wanted *w = arg;

	if (strcmp(link->name, w->name) != 0)
		return true;
	w->link = *link;
	return false;
}

/* The device of that name, which is one of ours; index 0 where there is none. */
static struct rtnl_link find_virtual(int fd, const char *name)
{
	struct wanted w = { .name = name };
	int err = rtnl_links(fd, is_wanted, &w);

	if (err)
		tool_fail("cannot list the devices: %s", strerror(-err));
	if (w.link.index && strcmp(w.link.kind, KLIPS_LINK_KIND) != 0)
		tool_fail("%s exists and is no KLIPS device: choose another name", name);
	return w.link;
}

static int need_virtual(int fd, const char *name)
{
	struct rtnl_link link = find_virtual(fd, name);

	if (!link.index)
		tool_fail("virtual device %s does not exist: ipsec tncfg shows which do", name);
	return link.index;
}

static unsigned int need_physical(const char *name)
{
	unsigned int index;

	if (!strncmp(name, "ipsec", 5))
		tool_misuse("--physical %s is itself a virtual device", name);
	index = if_nametoindex(name);
	if (!index)
		tool_fail("physical device %s does not exist: ip link shows which do", name);
	return index;
}

/* phys 0: no attribute at all in a new device, "detach" in an old one. */
static void add_kind(struct rtnl_req *r, bool with_phys, unsigned int phys)
{
	size_t info = rtnl_nest(r, IFLA_LINKINFO), data;

	rtnl_add_str(r, IFLA_INFO_KIND, KLIPS_LINK_KIND);
	if (with_phys) {
		data = rtnl_nest(r, IFLA_INFO_DATA);
		rtnl_add_u32(r, IFLA_KLIPS_PHYS, phys);
		rtnl_nest_end(r, data);
	}
	rtnl_nest_end(r, info);
}

static void create(int fd, const char *name, unsigned int phys)
{
	struct rtnl_req r;

	rtnl_start(&r, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0);
	rtnl_add_str(&r, IFLA_IFNAME, name);
	add_kind(&r, phys != 0, phys);
	ask(fd, &r, "cannot create the virtual device");
}

static void set_physical(int fd, int index, unsigned int phys)
{
	struct rtnl_req r;

	rtnl_start(&r, RTM_NEWLINK, 0, index);
	add_kind(&r, true, phys);
	ask(fd, &r, phys ? "cannot attach" : "cannot detach");
}

/*
 * The kernel would move an attached device without a word, tunnels in use or not; so
 * who wants that has to detach it first.
 */
static void attach(int fd, const char *name, unsigned int phys)
{
	struct rtnl_link link = find_virtual(fd, name);

	if (!link.index)
		create(fd, name, phys);
	else if (!link.lower)
		set_physical(fd, link.index, phys);
	else if ((unsigned int)link.lower != phys)
		tool_fail_errno("cannot attach", EBUSY, hints);
}

static void delete(int fd, int index)
{
	struct rtnl_req r;

	rtnl_start(&r, RTM_DELLINK, 0, index);
	ask(fd, &r, "cannot delete the virtual device");
}

/* --clear: the indices first, because a dump and requests share the socket. */
#define DEVICES_MAX	256

struct found {
	int index[DEVICES_MAX];
	size_t n;
};

static bool is_ours(const struct rtnl_link *link, void *arg)
{
	struct found *f = arg;

	if (!strcmp(link->kind, KLIPS_LINK_KIND))
		f->index[f->n++] = link->index;
	return f->n < DEVICES_MAX;
}

static void clear(int fd)
{
	struct found f = { .n = 0 };
	int err = rtnl_links(fd, is_ours, &f);

	if (err)
		tool_fail("cannot list the devices: %s", strerror(-err));
	for (size_t i = 0; i < f.n; i++)
		set_physical(fd, f.index[i], 0);
}

/* --- options ------------------------------------------------------------------------- */

struct request {
	int action;
	const char *virtual, *physical;
};

static void take_option(struct request *r, int opt)
{
	switch (opt) {
	case OPT_VIRTUAL:
		r->virtual = optarg;
		break;
	case OPT_PHYSICAL:
		r->physical = optarg;
		break;
	default:
		if (r->action)
			tool_misuse("one of --attach, --detach, --clear, --create, --delete at a time");
		r->action = opt;
	}
}

static void check_virtual(const char *name)
{
	if (!name)
		tool_misuse("--virtual is missing");
	/* As the kernel has it for any device: ipsecN is a habit, no rule. */
	if (!*name || strlen(name) >= IFNAMSIZ || strpbrk(name, "/: \t\n") ||
	    !strcmp(name, ".") || !strcmp(name, ".."))
		tool_misuse("--virtual \"%s\": no name for a device, which is of 1 to %d characters without / and :",
			    name, IFNAMSIZ - 1);
}

static void run_on_device(const struct request *r)
{
	unsigned int phys = r->physical ? need_physical(r->physical) : 0;
	int fd = open_netlink();

	switch (r->action) {
	case OPT_CREATE:
		create(fd, r->virtual, phys);
		break;
	case OPT_ATTACH:
		if (!phys)
			tool_misuse("--physical is missing: the device to attach to");
		attach(fd, r->virtual, phys);
		break;
	case OPT_DETACH:
		set_physical(fd, need_virtual(fd, r->virtual), 0);
		break;
	default:
		delete(fd, need_virtual(fd, r->virtual));
	}
}

int main(int argc, char **argv)
{
	struct request r = { 0 };
	bool any = false;
	int opt;

	while ((opt = tool_option(argc, argv, options, TOOL_NO_ARGS)) != -1) {
		take_option(&r, opt);
		any = true;
	}
	if (!any)
		tool_show("ipsec_tncfg");
	if (!r.action)
		tool_misuse("what to do?  --attach, --detach, --clear, --create or --delete");
	if (r.physical && r.action != OPT_ATTACH && r.action != OPT_CREATE)
		tool_misuse("--physical belongs to --attach and --create");
	if (r.action == OPT_CLEAR) {
		if (r.virtual)
			tool_misuse("--clear detaches all devices; for one: --detach");
		clear(open_netlink());
		return 0;
	}
	check_virtual(r.virtual);
	run_on_device(&r);
	return 0;
}
