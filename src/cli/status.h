/*
 * cli/status.h - the state of the project in the current folder, in one line.
 */
#pragma once
#include "cli/cli.h"

/* Prints it when the folder has pipeline files, else nothing. */
void status_print(struct cli *c);
