/*
 * cli/settings.h - options from files, the lowest precedence first: act's and the user's own, then the project's.
 *
 *     $XDG_CONFIG_HOME/act/actrc, ~/.actrc, $XDG_CONFIG_HOME/slipway/config.toml, ./.actrc, ./slipway.toml
 *
 * The project is the folder above the current one that has .git, else the current one. Only verbs with a table read
 * them; in slipway.toml a key of that table is the option's long name.
 */
#pragma once
#include "cli/options.h"

/* 0, or EXIT_USAGE after messages. */
int settings_read(struct option_reader *r);
