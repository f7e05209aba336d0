/*
 * sink/table_priv.h - the end of a run as text: one row a job, what differed from the service, one summary line.
 */
#pragma once
#include "core/base.h"
#include "core/buf.h"
#include "sink/sink_state_priv.h"
#include "sink/text_priv.h"

/*
 * columns 0: nothing is cut or wrapped (pipes and files). brief: leaves out the pipelines that were not triggered.
 */
void table_add(struct buf *b, const struct run_state *s, const struct style *style, unsigned columns, bool brief);
/* "3 passed, 1 skipped", with no newline; "no job ran" when there is none. */
void table_add_counts(struct buf *b, const struct run_counts *c, const struct style *style);
