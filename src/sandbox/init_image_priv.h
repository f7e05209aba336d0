/* sandbox/init_image_priv.h - the embedded init (src/sandbox/init), an executable file in memory. */
#pragma once
#include "core/base.h"
#include "core/str.h"

extern const char slipway_init_begin[], slipway_init_end[];

struct str init_image(void);
