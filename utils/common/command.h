/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Running another tool, with keys that nobody sees: they go through its standard input.
 */
#ifndef UTILS_COMMON_COMMAND_H
#define UTILS_COMMON_COMMAND_H

#include "lib/base/secret.h"

#define COMMAND_WORDS_MAX	24
#define COMMAND_KEYS_MAX	2

/* Empty when it is all zeros. */
struct command {
	char *word[COMMAND_WORDS_MAX + 1];	/* word[0]: a tool of ours; owned */
	size_t n;
	const struct secret *key[COMMAND_KEYS_MAX];
	size_t n_keys;
	const char *shell;		/* instead of words: a line for the shell */
	const char *verb;		/* PLUTO_VERB, for an updown script */
};

void command_add(struct command *c, const char *word);
/* The words "option -", and the key on a line of standard input; nothing where key is NULL. */
void command_add_key(struct command *c, const char *option, const struct secret *key);
/* One line of standard output, as one would type it; keys do not appear. */
void command_show(const struct command *c);
/* Run it and wait.  Its exit status, as a shell has it; failing to start is said, and 1. */
int command_run(const struct command *c);
void command_free(struct command *c);
/* Whether a shell would take it for itself, unquoted. */
bool command_word_is_plain(const char *word);

#endif
