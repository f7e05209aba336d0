/*
 * doc/dotenv.h - files of names and values: .env and its kin, as the Go library reads them that act uses.
 *
 * NAME=VALUE or NAME: VALUE, `export` before it or not. A value ends with its line, or with " #"; one in single quotes
 * is taken as it is and one in double quotes knows \n, \r and \x for any other x: both may span lines. Outside single
 * quotes $NAME and ${NAME} stand for what the same file said of NAME before (capitals, digits, _), \$ for a dollar.
 */
#pragma once
#include "core/err.h"
#include "core/map.h"

#define DOTENV_VALUE_MAX ((size_t)1 << 20) /* bytes of one value */
#define DOTENV_MAX ((size_t)16 << 20)      /* of all: $NAME can make much of little */

/* Adds texts (copied) to `into`. -EINVAL with "LINE: why" in e: never with a value, which may be a secret. */
int dotenv_read(struct str text, struct map *into, struct err *e);
/* The same as a YAML mapping of scalars. */
int dotenv_read_yaml(struct str text, struct map *into, struct err *e);
