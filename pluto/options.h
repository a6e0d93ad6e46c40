/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pluto's command line: ipsec_pluto(8).
 */
#ifndef PLUTO_OPTIONS_H
#define PLUTO_OPTIONS_H

#include "pluto/pluto.h"

struct options {
	bool nofork, stderrlog, selftest;
	char **words;			/* what options of struct pluto point into */
};

/* Fills in *o and what the options say of *p; ends the program on --help, --version, nonsense. */
void options_read(int argc, char **argv, struct options *o, struct pluto *p);
/* p must not be used any more. */
void options_free(struct options *o);

#endif
