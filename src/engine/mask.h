/*
 * engine/mask.h - secrets never show: every text of an event goes through here.
 *
 * A secret is registered whole and per line, with its derived encodings (github-actions specification 9.4). Matching is
 * Aho-Corasick over bytes; the union of all matches becomes ***. Texts are given whole lines at a time; a line that is
 * shown in parts is cut where mask_cut says.
 */
#pragma once
#include "core/base.h"
#include "core/buf.h"

struct mask;
struct mask *mask_new(void);
void mask_free(struct mask *m);
/* Registers a secret and its derived forms. Empty or only white space: ignored. */
void mask_add(struct mask *m, struct str secret);
/* True and the masked text in *out when something matched; false: text may be used as it is. */
bool mask_apply(struct mask *m, struct str text, struct buf *out);
/*
 * Where to cut a long line at about `want` bytes so that no secret is in two parts: at or before `want`, or behind it
 * where one begins the text. Needs mask_reach(m) bytes behind `want`, or the end of the line.
 */
size_t mask_cut(const struct mask *m, struct str text, size_t want);
/* Bytes of the longest secret that a line can hold. */
size_t mask_reach(const struct mask *m);
