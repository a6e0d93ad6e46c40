/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IKE's datagrams, in.  (Out is net_send() of iface.h, which tests replace.)
 */
#ifndef PLUTO_NET_H
#define PLUTO_NET_H

/* There is something to read on the socket of a struct iface: server_watch()'s fn. */
void net_read(int fd, void *ifp);

#endif
