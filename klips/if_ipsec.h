/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What user space may say about an ipsecN device through rtnetlink.
 *
 * A device is made by RTM_NEWLINK with IFLA_INFO_KIND "ipsec"; IFLA_LINK, or the
 * attribute below inside IFLA_INFO_DATA, names the physical device to attach to.
 * RTM_NEWLINK on an existing device with IFLA_KLIPS_PHYS attaches it anew, or
 * detaches it when the index is 0.
 */
#ifndef KLIPS_IF_IPSEC_H
#define KLIPS_IF_IPSEC_H

#define KLIPS_LINK_KIND		"ipsec"

enum {
	IFLA_KLIPS_UNSPEC,
	IFLA_KLIPS_PHYS,		/* u32: index of the physical device, 0 detaches */
	__IFLA_KLIPS_MAX
};
#define IFLA_KLIPS_MAX (__IFLA_KLIPS_MAX - 1)

#endif
