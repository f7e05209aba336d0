/*
 * scaffold/template.h - the substitution language of the templates: pure, small, without code.
 *
 * Inside a line: @{name} inserts an answer (a list is joined by ", "), @{name|quoted} as a JSON string (each element of
 * a list is quoted), @{name|digits} keeps the digits only ("3.9" gives 39), and @@{ stands for the two characters @{.
 * A line of its own, from its first column on: `@if name`, `@if !name`, `@else`, `@for x in list`, `@end`. A name is
 * true when it is a set flag, or a text or a list that is not empty. Every other line that begins with @ is text.
 * None of this collides with ${{ }}, $$, $(x) or ${X}, the languages of the files that are written.
 *
 * The values, the names and their texts are borrowed by struct template_vars until the rendering is over.
 */
#pragma once
#include "core/base.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/map.h"
#include "core/vec.h"

struct template_vars {
    struct arena *arena;
    struct map map; /* values are private to template.c */
};

void template_vars_init(struct template_vars *v, struct arena *a);
void template_text(struct template_vars *v, const char *name, struct str text);
void template_flag(struct template_vars *v, const char *name, bool flag);
void template_list(struct template_vars *v, const char *name, const struct strs *list);

/*
 * Appends the rendered text to out. `name` is what errors call the template. -EINVAL with "name:line: sentence" when
 * the template is wrong, -E2BIG when out is full or loops repeat more than a hundred thousand lines.
 */
int template_render(struct str name, struct str text, const struct template_vars *v, struct buf *out, struct err *e);
