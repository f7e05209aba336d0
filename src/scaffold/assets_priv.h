/*
 * scaffold/assets_priv.h - the templates, as tools/embed.py compiled them in: sorted by path, constant.
 */
#pragma once
#include "core/base.h"

struct asset {
    const char *path; /* below src/scaffold/assets: python/Makefile */
    const char *text;
    size_t n;
    unsigned mode; /* 0644 or 0755 */
};

extern const struct asset scaffold_assets[];
extern const size_t scaffold_assets_n;
